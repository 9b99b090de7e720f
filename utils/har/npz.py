"""One npz member: arrays that are read, checked and decoded one at a time, never unpickled.

Every array is checked when it is read: its checksum, and its size against what its header
announces, before memory is taken for it.
"""

from __future__ import annotations

import io
import math
import threading
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, Literal

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from utils.errors.faults import blame_the_machine
from utils.files.npy_header import parsed_header
from utils.har.archive_file import Member
from utils.har.zip_entry import unpacked

MAX_ARRAYS = 1_000_000
MAX_UNPACKED_BYTES = 8 << 30
MAX_HEADER_BYTES = 10_000  # numpy's own bound
_LENGTH_BYTES = {(1, 0): 2, (2, 0): 4}  # of a header, by version of the format


class NpzMember:
    """Arrays of an npz file by name; nothing is read before one of them is asked for."""

    def __init__(self, member: Member) -> None:
        """Take the bytes of the file.

        All methods raise `DamagedMemberError` where these are damaged, unpack to too much, or
        hold pickled objects.
        """
        self._member = member
        self._opened: zipfile.ZipFile | None = None
        self._opening = threading.Lock()

    @property
    def _zip(self) -> zipfile.ZipFile:
        with self._opening:  # what lists the entries moves through the member
            self._opened = self._opened or self._listed()
            return self._opened

    def _listed(self) -> zipfile.ZipFile:
        with self._damage_told():
            opened = zipfile.ZipFile(self._member)
        entries = opened.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_ARRAYS or unpacked > MAX_UNPACKED_BYTES:
            raise self._member.damaged(
                f"unpacks to {len(entries)} arrays of {unpacked} bytes; "
                f"at most {MAX_ARRAYS} and {MAX_UNPACKED_BYTES} are allowed"
            )
        return opened

    @cached_property
    def _entries(self) -> dict[str, zipfile.ZipInfo]:
        return {entry.filename.removesuffix(".npy"): entry for entry in self._zip.infolist()}

    def __iter__(self) -> Iterator[str]:
        """Names of the arrays; none is read."""
        return iter(self._entries)

    def __contains__(self, key: object) -> bool:
        """Whether an array has this name; it is not read."""
        return key in self._entries

    def __getitem__(self, key: str) -> NDArray[Any]:
        """Read one array."""
        entry = self._entries[key]
        opened = self._zip
        with self._damage_told():
            pieces = unpacked(opened, self._member, entry)
            first = next(pieces, b"")
            header = _header(first)
            if header.dtype.hasobject:
                raise self._member.damaged(
                    f"is refused: its array {entry.filename!r} is pickled; "
                    "pickles can run code and are never loaded"
                )
            expected = math.prod(header.shape) * header.dtype.itemsize
            present = entry.file_size - header.size
            if present == expected:
                data = bytearray(expected)
                present = _filled(data, chain((first[header.size :],), pieces))
            if present != expected:
                raise self._member.damaged(
                    f"is damaged: the header of its array {entry.filename!r} announces "
                    f"{expected} bytes, {present} follow"
                )
            return header.array(data)

    def checksum(self, key: str) -> tuple[int, int]:
        """Size and checksum of an array with its header, as the file states them; it is not read.

        Where both are equal, arrays are the same but for a hoax: each is held against its checksum
        when it is read.
        """
        entry = self._entries[key]
        return entry.file_size, entry.CRC

    @contextmanager
    def _damage_told(self) -> Iterator[None]:
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            blame_the_machine(error, self._member.name)
            raise self._member.damaged(f"is damaged ({error})") from error
        except (NotImplementedError, ValueError) as error:
            raise self._member.damaged(f"holds no readable arrays ({error})") from error


@dataclass(frozen=True)
class _Header:
    """What an npy file says of its array; `size` is the number of bytes that say it."""

    shape: tuple[int, ...]
    is_fortran: bool
    dtype: np.dtype[Any]
    size: int

    def array(self, data: bytearray) -> NDArray[Any]:
        order: Literal["F", "C"] = "F" if self.is_fortran else "C"
        found: NDArray[Any] = np.ndarray(self.shape, self.dtype, data, order=order)
        return found


def _header(start: bytes) -> _Header:
    version = npy.read_magic(io.BytesIO(start[: npy.MAGIC_LEN]))
    if version not in _LENGTH_BYTES:
        raise ValueError(f"npy format version {version} is not used by any HAR")
    begin = npy.MAGIC_LEN + _LENGTH_BYTES[version]
    length = int.from_bytes(start[npy.MAGIC_LEN : begin], "little")
    if length > MAX_HEADER_BYTES:
        raise ValueError(f"an array header has {length} bytes")
    return _parsed(version, start[npy.MAGIC_LEN : begin + length])


# An archive holds thousands of arrays, with a few dozen different headers.
@lru_cache(maxsize=4096)
def _parsed(version: tuple[int, int], header: bytes) -> _Header:
    try:
        shape, is_fortran, dtype = parsed_header(version[0], header)
    except (TypeError, SyntaxError, tokenize.TokenError, MemoryError) as error:
        # The header is a Python literal; NumPy passes on what parsing a bad one raises.
        raise ValueError(f"an array header cannot be parsed: {type(error).__name__}") from error
    if any(size < 0 for size in shape):
        raise ValueError(f"an array header announces the shape {shape}")
    if dtype.kind == "V":
        raise ValueError(f"an array of records, {dtype}, is in no HAR")
    return _Header(shape, is_fortran, dtype, npy.MAGIC_LEN + len(header))


def _filled(data: bytearray, pieces: Iterable[bytes]) -> int:
    """Fill the bytes with these pieces; returns how many bytes they have."""
    view, position = memoryview(data), 0
    for piece in pieces:
        view[position : position + len(piece)] = piece
        position += len(piece)
    return position
