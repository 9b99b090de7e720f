"""What was measured of slices, on disk: kept by what it depends on, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from utils.jobs.bundle import bundled, unbundled
from utils.jobs.plain import PlainError
from utils.tool import VERSION

SLICES, PARTS = "slices", "parts"
_SUFFIX = ".npz"
T = TypeVar("T")


def key_of(*parts: object) -> str:
    """Name of a result that depends on these, and on the version of the tool.

    Parameters
    ----------
    parts : what JSON can hold.
    """
    text = json.dumps([VERSION, *parts], sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Store:
    """A folder of results; any number of processes may use it at the same time."""

    def __init__(self, folder: str, context: str = "") -> None:
        """Take a folder of results of a fleet, which exists.

        Parameters
        ----------
        context : key of the result that those of this store hang on; "" for none.
        """
        inside = os.path.join(PARTS, context) if context else SLICES
        self._folder = os.path.join(folder, inside)
        self._contexts = os.path.join(folder, PARTS)

    def path(self, key: str) -> str:
        """Where a result lies, or would lie."""
        return os.path.join(self._folder, key[:2], key + _SUFFIX)

    def has(self, key: str) -> bool:
        """Whether a result lies there; it may be damaged."""
        return os.path.isfile(self.path(key))

    def read(self, kind: type[T], key: str) -> T | None:
        """A result; None where there is none, or its file is damaged.

        Raises
        ------
        OSError : the folder cannot be read.
        """
        try:
            with open(self.path(key), "rb") as stream:
                return unbundled(kind, stream.read())
        except (FileNotFoundError, PlainError):
            return None

    def write(self, key: str, value: object) -> None:
        """Keep a dataclass; what hangs on an earlier one of this name is forgotten.

        Raises
        ------
        OSError : the folder cannot be written.
        """
        shutil.rmtree(os.path.join(self._contexts, key), ignore_errors=True)
        write_whole(self.path(key), bundled(value))


def write_whole(path: str, data: bytes) -> None:
    """Write a file, and its folder, under another name until it is whole; it replaces an older one.

    Raises
    ------
    OSError : it cannot be written.
    """
    with replaced_whole(path) as temporary, open(temporary, "xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def replaced_whole(path: str) -> Iterator[str]:
    """A name beside a file under which the block makes it; it is moved when it is whole.

    Raises
    ------
    OSError : it cannot be written.
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.{secrets.token_hex(8)}.tmp"
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
