"""Headers of npy streams: checked before memory is taken, since they come from strangers."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import IO, Any

import numpy as np

from utils.errors import DatasetError
from utils.files.glimpse import NPY
from utils.files.npy_header import parsed_header

HEADER_LIMIT = 10_000  # bytes; numpy's own limit for headers that are not trusted
NUMBER_KINDS = "biuf"
TEXT_KINDS = "US"
WHOLE_AGAIN = "Save or copy the file again."
LONGEST_TEXT = 4096  # bytes of a text that is looked at


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


class UnusableValuesError(DatasetError):
    """An array whose values are no numbers; what is known of it may tell what makes some of them.

    `shape` and `dtype` are as in the file; `first` is the first value, of texts.
    """

    def __init__(
        self, headline: str, evidence: str, remedy: str, header: ArrayHeader, first: str = ""
    ) -> None:
        super().__init__(headline, "calibration-dtype", evidence, remedy)
        self.shape = header.shape
        self.dtype = header.dtype
        self.first = first


def truncated(label: str, how: str) -> DatasetError:
    """What to raise of a file that ends too early.

    Parameters
    ----------
    label : the file, and the array in it.
    how : what shows it.
    """
    return DatasetError(
        "The data file is truncated", evidence=f"{label}: {how}", remedy=WHOLE_AGAIN
    )


def damaged(label: str, how: str) -> DatasetError:
    """What to raise of a file that contradicts itself; parameters as above."""
    return DatasetError("The data file is damaged", evidence=f"{label}: {how}", remedy=WHOLE_AGAIN)


def checked_header(stream: IO[bytes], size: int, label: str) -> ArrayHeader:
    """Header of an npy stream.

    Parameters
    ----------
    size : bytes of the whole stream.
    label : the file, and the array in it, for messages.

    Raises
    ------
    UnusableValuesError : the array holds no numbers.
    DatasetError : the stream is damaged, or holds no samples.
    """
    header = _header(stream, label)
    _check_values(header, stream, label)
    if not header.shape:
        raise DatasetError(
            "The data file holds a single number, not an array of samples",
            "calibration-shape",
            label,
            "Save an array of samples.",
        )
    if min(header.shape) < 1:
        raise DatasetError(
            "The data file holds no samples",
            "calibration-shape",
            f"{label}: shape {header.shape}",
            "Find out why the array is empty, and save it again with samples.",
        )
    if header.offset + header.nbytes > size:
        rest = max(size - header.offset, 0)
        raise truncated(label, f"{header.nbytes:,} bytes of data are announced, {rest:,} are there")
    return header


def _check_values(header: ArrayHeader, stream: IO[bytes], label: str) -> None:
    if header.dtype.hasobject:
        raise UnusableValuesError(
            "The data file holds pickled Python objects, which are never loaded",
            f"{label}: shape {header.shape}",
            "Save arrays of numbers.",
            header,
        )
    if header.dtype.kind not in NUMBER_KINDS or header.dtype.itemsize > 8:
        raise UnusableValuesError(
            "The data file holds values of a type that cannot be used",
            f"{label}: type {header.dtype}",
            "Save the values as uint8 or float32.",
            header,
            _first_text(header, stream),
        )


def _first_text(header: ArrayHeader, stream: IO[bytes]) -> str:
    """The first value of an array of texts; "" of another, and where there is none."""
    size = header.dtype.itemsize
    if header.dtype.kind not in TEXT_KINDS or not 0 < size <= LONGEST_TEXT:
        return ""
    data = stream.read(size)
    if len(data) < size:
        return ""
    try:
        return str(np.frombuffer(data, header.dtype)[:1].astype(str)[0])
    except (ValueError, UnicodeError):  # no code points
        return ""


def _header(stream: IO[bytes], label: str) -> ArrayHeader:
    """Header of an npy stream, of which no more than `HEADER_LIMIT` bytes are read."""
    prefix = stream.read(len(NPY) + 2)
    if not prefix:
        raise DatasetError(
            "The data file is empty",
            evidence=f"{label} holds no bytes",
            remedy="Save or copy the file again, and check that the disk has free space.",
        )
    if len(prefix) < len(NPY) + 2 or not prefix.startswith(NPY):
        raise DatasetError(
            "The data file is not a numpy array",
            evidence=label,
            remedy="Save an array of samples with numpy.save.",
        )
    major = prefix[len(NPY)]
    if major not in (1, 2):
        raise DatasetError(
            "The data file is in a version of the npy format that arrays of numbers never need",
            evidence=f"{label}: version {major} of the npy format",
            remedy="Save an array of numbers with numpy.save.",
        )
    length = stream.read(2 * major)
    text = stream.read(min(int.from_bytes(length, "little"), HEADER_LIMIT + 1))
    if len(length) < 2 * major or len(text) != int.from_bytes(length, "little"):
        raise damaged(label, "the header is cut off or absurdly long")
    try:
        shape, fortran_order, dtype = parsed_header(major, length + text)
    except Exception as error:  # whatever comes of parsing a text that is no header
        raise damaged(label, "the header is malformed") from error
    offset = len(prefix) + len(length) + len(text)
    return ArrayHeader(tuple(int(size) for size in shape), dtype, fortran_order, offset)
