"""Inspectors of one's own, from folders outside the project that the user names.

The files of a folder are modules of a package that is made for it, so that they cannot take the
place of a module of the project, and reach one another by ``from .other import ...``.
"""

from __future__ import annotations

import hashlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import NamedTuple

from utils.errors import UsageError

LEFT_ALONE = ("_", "test_", "conftest")  # what tests and helpers of a folder are called by


class Module(NamedTuple):
    """A module that may define inspectors: its full name, and its file as a user knows it."""

    name: str
    path: str


def modules_in(folder: str) -> Iterator[Module]:
    """The modules of a folder, in the order of their names; nothing is imported yet.

    Raises
    ------
    UsageError : there is no such folder, or no module in it.
    """
    if not os.path.isdir(folder):
        raise UsageError(f"--inspectors {folder} is not a folder; name one that holds Python files")
    # By its whole path: Python remembers where a relative one led to.
    names = sorted(m.name for m in pkgutil.iter_modules([os.path.realpath(folder)]))
    wanted = [name for name in names if not name.startswith(LEFT_ALONE)]
    if not wanted:
        raise UsageError(f"--inspectors {folder} holds no Python file that may be an inspector")
    package = _package_of(folder)
    return (Module(f"{package}.{name}", _path(folder, name)) for name in wanted)


def _package_of(folder: str) -> str:
    """Name of the package of a folder; one folder has the same name in all runs."""
    whole = os.path.realpath(folder)
    name = f"inspectors_of_{hashlib.sha256(os.fsencode(whole)).hexdigest()[:12]}"
    package = ModuleType(name, f"Inspectors of {whole}.")
    package.__path__ = [whole]
    sys.modules.setdefault(name, package)
    return name


def _path(folder: str, name: str) -> str:
    whole = os.path.join(folder, name)
    return os.path.join(whole, "__init__.py") if os.path.isdir(whole) else f"{whole}.py"
