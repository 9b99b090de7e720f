"""One npz member, checked as a whole before any array of it is decoded."""

from __future__ import annotations

import io
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from utils.errors import ArchiveError

MAX_ARRAYS = 1_000_000
MAX_UNPACKED_BYTES = 8 << 30


class NpzMember:
    """Arrays of an npz file that is held in memory; decoded one at a time, never unpickled."""

    def __init__(self, name: str, data: bytes) -> None:
        """Check the zip directory, every checksum and every array header.

        Raises
        ------
        ArchiveError : damaged, too large when unpacked, or holding pickled objects.
        """
        self.name = name
        self._arrays: dict[str, str] = {}
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self._check_sizes()
            for entry in self._zip.namelist():
                self._check_entry(entry)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise ArchiveError(f"member {name!r} is damaged ({error})") from error
        except (NotImplementedError, ValueError) as error:
            raise ArchiveError(f"member {name!r} holds no readable arrays ({error})") from error

    def _check_sizes(self) -> None:
        entries = self._zip.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_ARRAYS or unpacked > MAX_UNPACKED_BYTES:
            raise ArchiveError(
                f"member {self.name!r} unpacks to {len(entries)} arrays of {unpacked} bytes; "
                f"at most {MAX_ARRAYS} and {MAX_UNPACKED_BYTES} are allowed"
            )

    def _check_entry(self, entry: str) -> None:
        with self._zip.open(entry) as stream:
            shape, dtype = _read_header(stream)
            if dtype.hasobject:
                raise ArchiveError(
                    f"array {entry!r} of member {self.name!r} is pickled; "
                    "pickles can run code and are never loaded"
                )
            expected = int(np.prod(shape, dtype=np.object_)) * dtype.itemsize
            # Reading to the end also makes zipfile compare the checksum.
            present = _drain(stream)
        if present != expected:
            raise ArchiveError(
                f"array {entry!r} of member {self.name!r} is damaged: its header announces "
                f"{expected} bytes, {present} follow"
            )
        self._arrays[entry.removesuffix(".npy")] = entry

    def __iter__(self) -> Iterator[str]:
        """Names of the arrays."""
        return iter(self._arrays)

    def __contains__(self, key: object) -> bool:
        """Whether an array has this name."""
        return key in self._arrays

    def __getitem__(self, key: str) -> NDArray[Any]:
        """Decode one array."""
        with self._zip.open(self._arrays[key]) as stream:
            array: NDArray[Any] = npy.read_array(stream, allow_pickle=False)
        return array


def _read_header(stream: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = npy.read_magic(stream)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in readers:
        raise ValueError(f"npy format version {version} is not used by any HAR")
    try:
        shape, _, dtype = readers[version](stream)
    except (TypeError, SyntaxError, tokenize.TokenError, MemoryError) as error:
        # The header is a Python literal; NumPy passes on what parsing a bad one raises.
        raise ValueError(f"an array header cannot be parsed: {type(error).__name__}") from error
    return shape, dtype


def _drain(stream: Any) -> int:
    total = 0
    while chunk := stream.read(1 << 20):
        total += len(chunk)
    return total
