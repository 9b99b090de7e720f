"""A plain dataclass as one npz file: its document as JSON, its arrays as npy, nothing pickled."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any, TypeVar

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from utils.jobs.largest import MAX_BYTES
from utils.jobs.plain import PlainError, packed, unpacked

DOCUMENT = "document.json"
SUFFIX = ".npy"
_DAMAGE = (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)
T = TypeVar("T")


def bundled(value: object) -> bytes:
    """A job, or what came of it, as the bytes of an npz file; `numpy.load` opens it, too."""
    document, arrays = packed(value)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        bundle.writestr(DOCUMENT, json.dumps(document, allow_nan=False))
        for name, array in arrays.items():
            with bundle.open(name + SUFFIX, "w", force_zip64=True) as member:
                npy.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
    return stream.getvalue()


def unbundled(kind: type[T], data: bytes) -> T:
    """A dataclass from the bytes that `bundled` made of it.

    Raises
    ------
    PlainError : the bytes are damaged, too large when unpacked, or hold something else.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            if sum(entry.file_size for entry in bundle.infolist()) > MAX_BYTES:
                raise PlainError(f"the bundle unpacks to more than {MAX_BYTES} bytes")
            document = json.loads(bundle.read(DOCUMENT))
            arrays = {
                name.removesuffix(SUFFIX): _array(bundle, name)
                for name in bundle.namelist()
                if name != DOCUMENT
            }
    except KeyError as error:
        raise PlainError(f"the bundle holds no {DOCUMENT}") from error
    except PlainError:
        raise
    except _DAMAGE as error:
        raise PlainError(f"the bundle is damaged ({error})") from error
    return unpacked(kind, document, arrays)


def _array(bundle: zipfile.ZipFile, name: str) -> NDArray[Any]:
    with bundle.open(name) as stream:
        array: NDArray[Any] = npy.read_array(stream, allow_pickle=False)
    return array
