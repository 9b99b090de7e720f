"""Arrays in npy files and npz members, read batch by batch.

Headers and sizes come from strangers: everything is checked before memory is taken. Nothing is
unpickled. What is held in memory is one batch, with one exception: a Fortran-ordered member of
an npz has its samples spread over the whole stream and is read as a whole, up to
`FORTRAN_ORDER_LIMIT` bytes.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, pairwise
from math import prod
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from utils.dataset.headers import ArrayHeader, checked_header, damaged, truncated
from utils.errors import DatasetError
from utils.errors.faults import blame_the_machine

FORTRAN_ORDER_LIMIT = 2**30  # bytes
CHUNK = 2**20  # bytes decompressed at a time, so that copies stay small beside the batch
Batches = Generator[NDArray[Any], None, None]
Indices = NDArray[np.int64]

HEADERS_READ = 4096  # of the arrays in one file
ENCRYPTED = 1  # flag bit of a zip member


class StoredArray(Protocol):
    """An array on disk."""

    @property
    def header(self) -> ArrayHeader:
        """Shape and type of the whole array."""

    @property
    def files(self) -> Sequence[str]:
        """Paths of the files in which it lies."""

    def batches(self, chosen: Indices, batch_size: int) -> Batches:
        """Samples by their ascending indices, each once, in C order and native byte order."""


@dataclass(frozen=True)
class NpyFile:
    """An npy file."""

    path: str
    header: ArrayHeader

    @property
    def files(self) -> Sequence[str]:
        """See `StoredArray`."""
        return (self.path,)

    def batches(self, chosen: Indices, batch_size: int) -> Batches:
        """Samples by their ascending indices, each once, in C order and native byte order."""
        with unreadable_as_dataset_error(self.path):
            for first in range(0, len(chosen), batch_size):
                yield self.read(chosen[first : first + batch_size])

    def read(self, chosen: Indices) -> NDArray[Any]:
        """Some samples, at least one; the file is not mapped, as it may shrink meanwhile.

        Raises
        ------
        DatasetError : the file is shorter than its header promised.
        """
        with open(self.path, "rb", buffering=0) as stream:
            read = _spread_samples if self.header.fortran_order else _samples
            found = read(stream, self.header, chosen, self.path)
        return found.astype(self.header.native_dtype, order="C", copy=False)


@dataclass(frozen=True)
class NpzMember:
    """An array inside an npz file, decompressed as it is read."""

    path: str
    member: str
    header: ArrayHeader

    @property
    def files(self) -> Sequence[str]:
        """See `StoredArray`."""
        return (self.path,)

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


def _samples(stream: IO[bytes], header: ArrayHeader, chosen: Indices, path: str) -> NDArray[Any]:
    batch = np.empty((len(chosen), *header.shape[1:]), header.dtype)
    size = header.nbytes // header.shape[0]
    for start, stop in _runs(chosen):
        stream.seek(header.offset + int(chosen[start]) * size)
        _fill(batch[start:stop], stream, path)
    return batch


def _spread_samples(
    stream: IO[bytes], header: ArrayHeader, chosen: Indices, path: str
) -> NDArray[Any]:
    """Samples in Fortran order: a value of each lies beside that of the next sample."""
    count, *rest = header.shape
    values = np.empty((prod(rest), len(chosen)), header.dtype)
    rows = max(1, CHUNK // (count * header.dtype.itemsize))
    stream.seek(header.offset)
    for first in range(0, len(values), rows):
        block = np.empty((min(rows, len(values) - first), count), header.dtype)
        _fill(block, stream, path)
        values[first : first + rows] = block[:, chosen]
    samples: NDArray[Any] = values.reshape(*reversed(rest), len(chosen)).T
    return samples


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
            raise truncated(path, "the data end too early")
        rest[: len(chunk)] = chunk
        rest = rest[len(chunk) :]


def _skip(stream: IO[bytes], size: int, path: str) -> None:
    while size:
        skipped = len(stream.read(min(size, CHUNK)))
        if not skipped:
            raise truncated(path, "the data end too early")
        size -= skipped


def open_npy(path: str) -> NpyFile:
    """The array of an npy file, checked as far as its header goes."""
    with unreadable_as_dataset_error(path), open(path, "rb") as stream:
        return NpyFile(path, checked_header(stream, os.fstat(stream.fileno()).st_size, path))


def npz_members(path: str) -> dict[str, str]:
    """Member by array name, for every entry of an npz file that is named as an array."""
    with unreadable_as_dataset_error(path), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return {name.removesuffix(".npy"): name for name in names if name.endswith(".npy")}


def npz_headers(path: str, members: Mapping[str, str]) -> dict[str, ArrayHeader]:
    """Headers of arrays of numbers by name, as far as they can be read; see `npz_members`.

    Of a file with very many arrays only the first are looked at.
    """
    with unreadable_as_dataset_error(path), zipfile.ZipFile(path) as archive:
        read = {
            name: _readable_header(archive, member)
            for name, member in islice(members.items(), HEADERS_READ)
        }
    return {name: header for name, header in read.items() if header is not None}


def _readable_header(archive: zipfile.ZipFile, member: str) -> ArrayHeader | None:
    """None of labels, texts and what is damaged: that is no candidate for an input."""
    try:
        with archive.open(member) as stream:
            return checked_header(stream, archive.getinfo(member).file_size, member)
    except (DatasetError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return None


def open_npz_member(path: str, member: str) -> NpzMember:
    """One array of an npz file, checked as far as its header goes."""
    label = f"{path} ({member})"
    with unreadable_as_dataset_error(path), zipfile.ZipFile(path) as archive:
        info = archive.getinfo(member)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DatasetError(
                "The data file is compressed in a way that numpy.savez never uses",
                evidence=label,
                remedy="Save the arrays again with numpy.savez_compressed.",
            )
        if info.flag_bits & ENCRYPTED:
            raise DatasetError(
                "The data file is encrypted",
                evidence=label,
                remedy="Save the arrays again without a password.",
            )
        with archive.open(info) as stream:
            header = checked_header(stream, info.file_size, label)
    if header.fortran_order and header.nbytes > FORTRAN_ORDER_LIMIT:
        raise DatasetError(
            "The array is in Fortran order and too large to be read at once",
            evidence=f"{label}: {header.nbytes:,} bytes",
            remedy="Save the array after `x = np.ascontiguousarray(x)`, or as npy.",
        )
    return NpzMember(path, member, header)


@contextmanager
def unreadable_as_dataset_error(path: str) -> Iterator[None]:
    """Turn what the file system, zip and numpy raise for bad files into one sentence."""
    try:
        yield
    except OSError as error:
        blame_the_machine(error, path)
        reason = error.strerror or str(error)
        raise DatasetError(
            "The data file cannot be read",
            evidence=f"{path}: {reason}",
            remedy="Pass a file that exists and that you may read.",
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
        raise damaged(path, str(error) or "it ends too early") from error
