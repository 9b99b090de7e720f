"""Where logs and pictures go if their own folder cannot be written: one folder for the run."""

from __future__ import annotations

import os
import tempfile
from functools import cache

from utils.tool import NAME


def temporary_place(path: str) -> str:
    """The path of a file of the same name in the temporary folder.

    Raises
    ------
    OSError : no temporary folder can be made, either.
    """
    return os.path.join(_folder(), os.path.basename(path))


@cache
def _folder() -> str:
    return tempfile.mkdtemp(prefix=f"{NAME}-")
