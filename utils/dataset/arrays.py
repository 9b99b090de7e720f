"""Arrays in npy files and npz members, read batch by batch.

Headers and sizes come from strangers: everything is checked before memory is taken. Nothing is
unpickled. What is held in memory is one batch, with one exception: a Fortran-ordered member of
an npz has its samples spread over the whole stream and is read as a whole, up to
`FORTRAN_ORDER_LIMIT` bytes.
"""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from utils.errors import DatasetError

MAGIC = b"\x93NUMPY"
HEADER_LIMIT = 10_000  # bytes; numpy's own limit for headers that are not trusted
FORTRAN_ORDER_LIMIT = 2**30  # bytes
CHUNK = 2**20  # bytes decompressed at a time, so that copies stay small beside the batch
Batches = Generator[NDArray[Any], None, None]
Indices = NDArray[np.int64]

NUMBER_KINDS = "biuf"
ENCRYPTED = 1  # flag bit of a zip member


@dataclass(frozen=True)
class ArrayHeader:
    """What the header of an npy stream says.

    Parameters
    ----------
    shape : samples first.
    dtype : bool, integers or floats of at most 8 bytes, in the byte order of the file.
    fortran_order : whether the first axis varies fastest.
    offset : bytes before the data.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran_order: bool
    offset: int

    @property
    def native_dtype(self) -> np.dtype[Any]:
        """The type in the byte order of this machine."""
        native: np.dtype[Any] = self.dtype.newbyteorder("=")
        return native

    @property
    def nbytes(self) -> int:
        """Bytes of data that must follow."""
        return prod(self.shape) * self.dtype.itemsize


class StoredArray(Protocol):
    """An array on disk."""

    @property
    def header(self) -> ArrayHeader:
        """Shape and type of the whole array."""

    def batches(self, chosen: Indices, batch_size: int) -> Batches:
        """Samples by their ascending indices, each once, in C order and native byte order."""


@dataclass(frozen=True)
class NpyFile:
    """An npy file, memory-mapped."""

    path: str
    header: ArrayHeader

    def batches(self, chosen: Indices, batch_size: int) -> Batches:
        """Samples by their ascending indices, each once, in C order and native byte order."""
        with unreadable_as_dataset_error(self.path):
            for first in range(0, len(chosen), batch_size):
                yield self._copied(chosen[first : first + batch_size])

    def _copied(self, chosen: Indices) -> NDArray[Any]:
        # Mapped anew for each batch: pages of a mapping that lives on count as memory in use.
        mapped = np.load(self.path, mmap_mode="r", allow_pickle=False)
        return np.array(mapped[chosen], dtype=self.header.native_dtype, order="C")


@dataclass(frozen=True)
class NpzMember:
    """An array inside an npz file, decompressed as it is read."""

    path: str
    member: str
    header: ArrayHeader

    def batches(self, chosen: Indices, batch_size: int) -> Batches:
        """Samples by their ascending indices, each once, in C order and native byte order."""
        with (
            unreadable_as_dataset_error(self.path),
            zipfile.ZipFile(self.path) as archive,
            archive.open(self.member) as stream,
        ):
            _skip(stream, self.header.offset, self.path)
            slices = self._fortran_slices if self.header.fortran_order else self._slices
            for batch in slices(stream, chosen, batch_size):
                yield batch.astype(self.header.native_dtype, copy=False)

    def _slices(self, stream: IO[bytes], chosen: Indices, batch_size: int) -> Batches:
        size = self.header.nbytes // self.header.shape[0]
        reached = 0
        for first in range(0, len(chosen), batch_size):
            wanted = chosen[first : first + batch_size]
            batch = np.empty((len(wanted), *self.header.shape[1:]), self.header.dtype)
            for start, stop in _runs(wanted):
                _skip(stream, (int(wanted[start]) - reached) * size, self.path)
                _fill(batch[start:stop], stream, self.path)
                reached = int(wanted[stop - 1]) + 1
            yield batch

    def _fortran_slices(self, stream: IO[bytes], chosen: Indices, batch_size: int) -> Batches:
        reversed_axes = np.empty(self.header.shape[::-1], self.header.dtype)
        _fill(reversed_axes, stream, self.path)
        for first in range(0, len(chosen), batch_size):
            yield np.array(reversed_axes.T[chosen[first : first + batch_size]], order="C")


def _runs(indices: Indices) -> Iterator[tuple[int, int]]:
    """Parts of some ascending indices that follow each other without a gap."""
    gaps = np.flatnonzero(np.diff(indices) > 1) + 1
    ends = [0, *gaps.tolist(), len(indices)]
    yield from pairwise(ends)


def _fill(array: NDArray[Any], stream: IO[bytes], path: str) -> None:
    rest = array.reshape(-1).view(np.uint8).data
    while rest:
        chunk = stream.read(min(len(rest), CHUNK))
        if not chunk:
            raise DatasetError(f"{path} is truncated: its data end too early; save it again")
        rest[: len(chunk)] = chunk
        rest = rest[len(chunk) :]


def _skip(stream: IO[bytes], size: int, path: str) -> None:
    while size:
        skipped = len(stream.read(min(size, CHUNK)))
        if not skipped:
            raise DatasetError(f"{path} is truncated: it ends too early; save it again")
        size -= skipped


def open_npy(path: str) -> NpyFile:
    """The array of an npy file, checked as far as its header goes."""
    with unreadable_as_dataset_error(path), open(path, "rb") as stream:
        return NpyFile(path, _checked_header(stream, os.fstat(stream.fileno()).st_size, path))


def npz_members(path: str) -> dict[str, str]:
    """Member by array name, for every entry of an npz file that is named as an array."""
    with unreadable_as_dataset_error(path), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return {name.removesuffix(".npy"): name for name in names if name.endswith(".npy")}


def open_npz_member(path: str, member: str) -> NpzMember:
    """One array of an npz file, checked as far as its header goes."""
    label = f"{path} ({member})"
    with unreadable_as_dataset_error(path), zipfile.ZipFile(path) as archive:
        info = archive.getinfo(member)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DatasetError(f"{label} is compressed in a way that numpy.savez never uses")
        if info.flag_bits & ENCRYPTED:
            raise DatasetError(f"{label} is encrypted; save it again without a password")
        with archive.open(info) as stream:
            header = _checked_header(stream, info.file_size, label)
    if header.fortran_order and header.nbytes > FORTRAN_ORDER_LIMIT:
        raise DatasetError(
            f"{label} is in Fortran order and, with {header.nbytes:,} bytes, too large to be read "
            "at once; save it with np.ascontiguousarray, or as npy"
        )
    return NpzMember(path, member, header)


@contextmanager
def unreadable_as_dataset_error(path: str) -> Iterator[None]:
    """Turn what the file system, zip and numpy raise for bad files into one sentence."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise DatasetError(f"{path} cannot be read: {reason}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
        reason = str(error) or "it ends too early"
        raise DatasetError(f"{path} is damaged: {reason}; save it again") from error


def _checked_header(stream: IO[bytes], size: int, label: str) -> ArrayHeader:
    header = _header(stream, label)
    if header.dtype.hasobject:
        raise DatasetError(
            "The file holds pickled Python objects, which are never loaded",
            finding_id="calibration-dtype",
            evidence=label,
            remedy="Save an array of numbers, such as `x.astype(np.float32)`.",
        )
    if header.dtype.kind not in NUMBER_KINDS or header.dtype.itemsize > 8:
        raise DatasetError(
            "The file holds values of a type that cannot be used",
            finding_id="calibration-dtype",
            evidence=f"{label}: type {header.dtype}",
            remedy="Save the values as uint8 or float32.",
        )
    if not header.shape:
        raise DatasetError(f"{label} holds a single number, not an array of samples")
    if header.shape[0] < 1 or min(header.shape) < 0:
        raise DatasetError(f"{label} holds no samples: its shape is {header.shape}")
    if header.offset + header.nbytes > size:
        raise DatasetError(
            f"{label} is truncated: {header.nbytes:,} bytes of data are announced, "
            f"{max(size - header.offset, 0):,} are there; save it again"
        )
    return header


def _header(stream: IO[bytes], label: str) -> ArrayHeader:
    """Header of an npy stream, of which no more than `HEADER_LIMIT` bytes are read."""
    prefix = stream.read(len(MAGIC) + 2)
    if len(prefix) < len(MAGIC) + 2 or not prefix.startswith(MAGIC):
        raise DatasetError(f"{label} is not a numpy array; save one with numpy.save")
    major = prefix[len(MAGIC)]
    if major not in (1, 2):
        raise DatasetError(
            f"{label} is in version {major} of the npy format, which arrays of numbers never need"
        )
    length = stream.read(2 * major)
    text = stream.read(min(int.from_bytes(length, "little"), HEADER_LIMIT + 1))
    if len(length) < 2 * major or len(text) != int.from_bytes(length, "little"):
        raise DatasetError(f"{label} is damaged: its header is cut off or absurdly long")
    npy = np.lib.format
    parse = npy.read_array_header_1_0 if major == 1 else npy.read_array_header_2_0
    try:
        shape, fortran_order, dtype = parse(io.BytesIO(length + text))
    except Exception as error:  # whatever comes of parsing a text that is no header
        raise DatasetError(f"{label} is damaged: its header is malformed") from error
    offset = len(prefix) + len(length) + len(text)
    return ArrayHeader(tuple(int(size) for size in shape), dtype, fortran_order, offset)
