"""Arrays of one file: npy, npz, or plain bytes. Nothing is unpickled, and sizes are bounded."""

from __future__ import annotations

import os
import re
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.dumped import Dumped
from utils.errors import DamagedMemberError, DiagnosticError
from utils.files.kinds import FileKind, kind_of
from utils.har.archive_file import ArchiveFile, Member
from utils.har.npz import NpzMember
from utils.wording import printable, short

ARRAYS, NPZ, RAW = (".npy",), (".npz",), (".bin", ".raw", ".dat")
ENDINGS = (*ARRAYS, *NPZ, *RAW)
MOST_BYTES = 4 << 30  # of one dump, unpacked
LONGEST_NAME = 120  # characters
PLAIN_ARRAYS = (
    "save numbers: one array for each output, as in np.savez(file, **outputs), and lists of boxes "
    "as one array for each class"
)


def arrays_of(path: str) -> list[Dumped]:
    """Every array of a file; one of an npy file and of plain bytes, named after the file.

    Raises
    ------
    DiagnosticError : it cannot be read, is damaged, too large, or holds no numbers.
    """
    stem, ending = os.path.splitext(os.path.basename(path))
    try:
        size = os.path.getsize(path)
        if size > MOST_BYTES:
            raise _too_large(path, size)
        if ending.lower() in NPZ or (ending.lower() not in ENDINGS and zipfile.is_zipfile(path)):
            return _npz(path)
        if ending.lower() in RAW:
            return [Dumped(stem, np.fromfile(path, np.uint8), is_raw=True)]
        return [Dumped(stem, _npy(path))]
    except OSError as error:
        raise DiagnosticError(
            f"{path} cannot be read: {error.strerror or error}; pass a file or folder that exists "
            "with --device-outputs"
        ) from error


def _npz(path: str) -> list[Dumped]:
    try:
        file = ArchiveFile(path)
        member = NpzMember(Member(file, os.path.basename(path), 0, os.path.getsize(path)))
        found, total = [], 0
        for name in member:
            array = member[name]
            total += array.nbytes
            if total > MOST_BYTES:
                raise _too_large(path, total)
            found.append(Dumped(short(name, LONGEST_NAME), _numbers(path, array)))
    except DamagedMemberError as error:
        if "pickle" in str(error):
            raise _pickled(path) from error
        raise DiagnosticError(f"{error}; save the outputs again with np.savez") from error
    if not found:
        raise DiagnosticError(f"{path} holds no arrays; {PLAIN_ARRAYS}")
    return found


def _npy(path: str) -> NDArray[Any]:
    try:
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        with open(path, "rb") as stream:
            begins = stream.read(1)
        # numpy takes everything that it does not know for a pickle.
        kind = kind_of(path)
        if kind not in (None, FileKind.ARRAYS, FileKind.PICKLE):
            raise DiagnosticError(f"{path} is {kind.value}, not arrays; {PLAIN_ARRAYS}") from error
        if begins == b"\x80" or re.search("pickle|object", str(error), re.IGNORECASE):
            raise _pickled(path) from error
        raise DiagnosticError(
            f"{path} holds no whole array ({printable(str(error))}); save it again with np.save"
        ) from error
    except (EOFError, SyntaxError, TypeError, MemoryError) as error:
        raise DiagnosticError(
            f"{path} is damaged: it holds no array that numpy reads; save it again with np.save"
        ) from error
    return np.array(_numbers(path, mapped))


def _numbers(path: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind not in "fiub":
        raise DiagnosticError(
            f"{path} holds values of type {array.dtype}, not numbers; {PLAIN_ARRAYS}"
        )
    return _as_float32_holds(array.astype(array.dtype.newbyteorder("="), copy=False))


def _as_float32_holds(array: NDArray[Any]) -> NDArray[Any]:
    """The array, with infinity for what the largest type of a chip's outputs has no values for."""
    if array.dtype.kind != "f" or array.itemsize <= 4:
        return array
    too_large = np.abs(array) > np.finfo(np.float32).max
    return np.where(too_large, np.copysign(np.inf, array), array) if too_large.any() else array


def _pickled(path: str) -> DiagnosticError:
    return DiagnosticError(
        f"{path} holds pickled Python objects, which can run code and are never loaded; "
        f"{PLAIN_ARRAYS}"
    )


def _too_large(path: str, size: int) -> DiagnosticError:
    return DiagnosticError(
        f"{path} holds {size / 2**30:.1f} GiB, and at most {MOST_BYTES >> 30} GiB are read; keep "
        "the outputs of fewer samples, and say how many with --data-count"
    )
