"""One npz member: arrays that are read, checked and decoded one at a time, never unpickled.

Every array is checked when it is read: its checksum, and its size against what its header
announces, before memory is taken for it.
"""

from __future__ import annotations

import io
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from utils.har.archive_file import CHUNK_BYTES, Member

MAX_ARRAYS = 1_000_000
MAX_UNPACKED_BYTES = 8 << 30
MAX_HEADER_BYTES = 10_000  # numpy's own bound
# By version of the format: bytes that hold the length of the header, and what parses it.
_HEADERS = {
    (1, 0): (2, npy.read_array_header_1_0),
    (2, 0): (4, npy.read_array_header_2_0),
}


class NpzMember:
    """Arrays of an npz file by name; nothing is read before one of them is asked for."""

    def __init__(self, member: Member) -> None:
        """Take the bytes of the file.

        All methods raise `DamagedMemberError` where these are damaged, unpack to too much, or
        hold pickled objects.
        """
        self._member = member

    @cached_property
    def _zip(self) -> zipfile.ZipFile:
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
        with self._damage_told(), self._zip.open(entry) as stream:
            shape, is_fortran, dtype, header_bytes = _read_header(stream)
            if dtype.hasobject:
                raise self._member.damaged(
                    f"is refused: its array {entry.filename!r} is pickled; "
                    "pickles can run code and are never loaded"
                )
            expected = int(np.prod(shape, dtype=np.object_)) * dtype.itemsize
            present = entry.file_size - header_bytes
            if present == expected:
                data = np.empty(expected, np.uint8)
                # Reading to the end also makes zipfile compare the checksum.
                present = _read_into(data, stream)
            if present != expected:
                raise self._member.damaged(
                    f"is damaged: the header of its array {entry.filename!r} announces "
                    f"{expected} bytes, {present} follow"
                )
            array: NDArray[Any] = np.ndarray(
                shape, dtype, data.data, order="F" if is_fortran else "C"
            )
            return array

    @contextmanager
    def _damage_told(self) -> Iterator[None]:
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise self._member.damaged(f"is damaged ({error})") from error
        except (NotImplementedError, ValueError) as error:
            raise self._member.damaged(f"holds no readable arrays ({error})") from error


def _read_header(stream: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Shape, whether it lies in Fortran's order, type, and the bytes that the header takes."""
    version = npy.read_magic(stream)
    if version not in _HEADERS:
        raise ValueError(f"npy format version {version} is not used by any HAR")
    length_bytes, _ = _HEADERS[version]
    length = stream.read(length_bytes)
    announced = int.from_bytes(length, "little")
    if announced > MAX_HEADER_BYTES:
        raise ValueError(f"an array header has {announced} bytes")
    return *_parsed_header(version, length + stream.read(announced)), npy.MAGIC_LEN + (
        length_bytes + announced
    )


# An archive holds thousands of arrays, with a few dozen different headers.
@lru_cache(maxsize=4096)
def _parsed_header(
    version: tuple[int, int], header: bytes
) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    _, parse = _HEADERS[version]
    try:
        shape, is_fortran, dtype = parse(io.BytesIO(header))
    except (TypeError, SyntaxError, tokenize.TokenError, MemoryError) as error:
        # The header is a Python literal; NumPy passes on what parsing a bad one raises.
        raise ValueError(f"an array header cannot be parsed: {type(error).__name__}") from error
    if any(size < 0 for size in shape):
        raise ValueError(f"an array header announces the shape {shape}")
    return shape, is_fortran, dtype


def _read_into(data: NDArray[np.uint8], stream: Any) -> int:
    """Fill the array from the stream; returns how many bytes the stream held."""
    position = 0
    while chunk := stream.read(CHUNK_BYTES):
        data[position : position + len(chunk)] = np.frombuffer(chunk, np.uint8)
        position += len(chunk)
    return position
