"""Lines that a person copies into a shell."""

from __future__ import annotations

import shlex

from utils.wording import printable

PYTHON = "python3"


def typed(*words: str) -> str:
    """Words as one line for a shell, harmless whatever they hold."""
    return shlex.join([printable(word) for word in words])


def unpacking(module: str, path: str, folder: str) -> str:
    """A line that unpacks a file into a folder of its own.

    Parameters
    ----------
    module : of Python: zipfile or tarfile.
    """
    return typed(PYTHON, "-m", module, "-e", path, folder)
