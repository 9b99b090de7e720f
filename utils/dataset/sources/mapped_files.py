"""Samples in several files of arrays or raw values; each is open only while it is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.dataset.arrays import Batches, Indices, NpyFile, open_npy, unreadable_as_dataset_error
from utils.dataset.headers import ArrayHeader
from utils.dataset.read_as import ReadAs
from utils.dataset.sources.names import names_of
from utils.dataset.sources.refusals import of_another_shape
from utils.dataset.sources.source import NPY_FILES, RAW_VALUES, Source
from utils.har.network import Shape
from utils.wording import itemized

SAMPLE_AXES = 3  # height, width and channels; an array of four holds several samples


@dataclass(frozen=True, eq=False)
class SeveralFiles:
    """Files of samples, one behind the other.

    Parameters
    ----------
    paths : in their order.
    ends : number of samples in all files up to each, and with it, int64 (files,).
    header : of all samples as one array.
    read : some samples of a file, by their ascending indices in it.
    """

    paths: Sequence[str]
    ends: Indices
    header: ArrayHeader
    read: Callable[[str, Indices], NDArray[Any]]

    @property
    def files(self) -> Sequence[str]:
        """See `StoredArray`."""
        return self.paths

    def batches(self, chosen: Indices, batch_size: int) -> Batches:
        """Samples by their ascending indices, each once, in C order and native byte order."""
        for first in range(0, len(chosen), batch_size):
            yield self._read(chosen[first : first + batch_size])

    def _read(self, wanted: Indices) -> NDArray[Any]:
        batch = np.empty((len(wanted), *self.header.shape[1:]), self.header.native_dtype)
        files = np.searchsorted(self.ends, wanted, side="right")
        for file in np.unique(files).tolist():
            is_here = files == file
            start = self.ends[file - 1] if file else 0
            with unreadable_as_dataset_error(self.paths[file]):
                batch[is_here] = self.read(self.paths[file], wanted[is_here] - start)
        return batch


def npy_files(folder: str, files: Sequence[str]) -> Source:
    """A folder of npy files, each of one sample or of a batch, as the compiler takes it.

    Raises
    ------
    DatasetError : a file is damaged, or the arrays have different shapes.
    """
    paths = [os.path.join(folder, file) for file in files]
    headers = [open_npy(path).header for path in paths]
    rows = len(headers[0].shape) <= SAMPLE_AXES
    shapes = [header.shape if rows else header.shape[1:] for header in headers]
    if len(set(shapes)) > 1:
        raise _unlike(folder, files, [header.shape for header in headers])
    counts = [1 if rows else header.shape[0] for header in headers]
    dtype = np.result_type(*(header.native_dtype for header in headers))
    return _source(paths, files, counts, shapes[0], dtype, partial(_npy, rows=rows), NPY_FILES)


def raw_files(folder: str, files: Sequence[str], read_as: ReadAs) -> Source:
    """Files of values without any header, each of one sample or several.

    Raises
    ------
    DatasetError : a file does not hold whole samples.
    """
    shape, dtype = tuple(read_as.raw_shape or ()), np.dtype(read_as.raw_type)
    paths = [os.path.join(folder, file) for file in files]
    size = prod(shape) * dtype.itemsize
    sizes = [os.path.getsize(path) for path in paths]
    broken = [(path, found) for path, found in zip(paths, sizes, strict=True) if found % size]
    empty = [(path, 0) for path, found in zip(paths, sizes, strict=True) if not found]
    if broken or empty:
        path, found = (broken or empty)[0]
        raise of_another_shape(
            "A file of raw values does not hold whole samples",
            f"{path}: {found:,} bytes, a sample of {' x '.join(map(str, shape))} {dtype} has "
            f"{size:,}",
            "Pass the shape and the type that the file was written with as `--raw-shape` and "
            "`--raw-type`.",
        )
    counts = [found // size for found in sizes]
    read = partial(_raw, shape=shape, dtype=dtype)
    return _source(paths, files, counts, shape, dtype, read, RAW_VALUES)


def raw_remedy(shape: Shape) -> str:
    """What to do about raw values of unknown shape."""
    height, width, channels = shape
    return (
        f"Add `--raw-shape {height},{width},{channels} --raw-type uint8`, with the shape and the "
        "type that they were written with."
    )


def _source(
    paths: Sequence[str],
    files: Sequence[str],
    counts: Sequence[int],
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    read: Callable[[str, Indices], NDArray[Any]],
    kind: str,
) -> Source:
    ends = np.cumsum(counts, dtype=np.int64)
    header = ArrayHeader((int(ends[-1]), *shape), dtype, fortran_order=False, offset=0)
    # One file is what the user named; its samples are told by their places.
    names = names_of(files, counts) if len(files) > 1 else ()
    return Source(SeveralFiles(paths, ends, header, read), kind, names)


def _npy(path: str, chosen: Indices, rows: bool) -> NDArray[Any]:
    found = open_npy(path)
    if rows:
        header = replace(found.header, shape=(1, *found.header.shape))
        # With one sample more an array in Fortran order lies as it did.
        found = replace(found, header=header)
    return found.read(chosen)


def _raw(path: str, chosen: Indices, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    count = os.path.getsize(path) // (prod(shape) * dtype.itemsize)
    header = ArrayHeader((count, *shape), dtype, fortran_order=False, offset=0)
    return NpyFile(path, header).read(chosen)


def _unlike(folder: str, files: Sequence[str], shapes: Sequence[tuple[int, ...]]) -> Exception:
    first = {shape: file for file, shape in reversed(list(zip(files, shapes, strict=True)))}
    shown = [f"{file} {shape}" for shape, file in sorted(first.items(), key=lambda item: item[1])]
    return of_another_shape(
        "The arrays in the folder have different shapes",
        f"{folder}: {itemized(shown)}",
        "Leave arrays of one shape in the folder, and move the others elsewhere.",
    )
