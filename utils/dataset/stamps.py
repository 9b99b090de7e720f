"""Files of samples stay as they were found, or nothing that was made of them counts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from utils.errors import DatasetError

# Of more files only the end of a pass is worth the time that looking at all of them takes.
LOOKED_AT_PER_BATCH = 256


class Stamp(NamedTuple):
    """What changes where somebody writes to a file, or puts another in its place."""

    size: int
    changed_ns: int
    inode: int
    device: int


def stamps_of(paths: Iterable[str]) -> dict[str, Stamp]:
    """Stamps of files by path; those that are gone are left out, as reading says so."""
    found = {path: _stamp(path) for path in paths}
    return {path: stamp for path, stamp in found.items() if stamp is not None}


def check_unchanged(stamps: Mapping[str, Stamp]) -> None:
    """Refuse what was read if one of its files is another by now.

    Raises
    ------
    DatasetError : one is.
    """
    for path, stamp in stamps.items():
        if _stamp(path) != stamp:
            raise DatasetError(
                "The data changed while they were read",
                evidence=path,
                remedy="Run again when nothing writes to them any more.",
            )


def _stamp(path: str) -> Stamp | None:
    try:
        state = os.stat(path)
    except OSError:
        return None
    return Stamp(state.st_size, state.st_mtime_ns, state.st_ino, state.st_dev)
