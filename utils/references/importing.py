"""Libraries that run models, imported only when a model of their kind is given."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from utils.errors import DiagnosticError, UsageError
from utils.wording import listed, printable, short

LONGEST_REASON = 200  # characters of what a library says of a model


def imported(path: str, *packages: str) -> tuple[Any, ...]:
    """Modules that a file takes.

    Raises
    ------
    UsageError : one is not installed, or cannot be imported; with the command that installs all.
    """
    try:
        return tuple(importlib.import_module(package) for package in packages)
    except Exception as error:
        needed = dict.fromkeys(package.partition(".")[0] for package in packages)
        raise UsageError(
            f"{printable(path)} is run by {listed(list(needed))}, which cannot be imported "
            f"({said_by(error)})",
            "Install what runs it.",
            (f"pip install {' '.join(needed)}",),
        ) from error


def said_by(error: BaseException) -> str:
    """What a library says of a fault, on one line; its kind where it says nothing."""
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return short(text, LONGEST_REASON)


@contextmanager
def told_on_failure(path: str) -> Iterator[None]:
    """Say in one sentence that a model does not run, whatever its library raises.

    Raises
    ------
    DiagnosticError : it does not.
    """
    try:
        yield
    except Exception as error:
        raise DiagnosticError(
            f"{printable(path)} cannot be run on the samples ({said_by(error)})",
            "Give the model that the archive was parsed from.",
        ) from error
