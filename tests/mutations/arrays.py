"""Changes of arrays: of their shape, their type, their values."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.mutations.drawing import NothingToChange, Random, happens, pick
from tests.mutations.raw_bytes import changed_bytes

Array = NDArray[Any]
TYPES = (
    "<f2", "<f4", "<f8", ">f4", "<i1", "<u1", "<i2", "<u2", "<i4", "<i8", "<u8", "|b1", "<c8",
    "<U3", "|S2", "<M8[s]", "|V4", "<f4,<i2",
)  # fmt: skip
VALUES = (
    0.0, 1.0, -1.0, 0.5, 255.0, 256.0, -1e30, 1e30, 1e308, 1e-320, 1e-45, float("nan"),
    float("inf"), -float("inf"), 2.0**31, 2.0**63,
)  # fmt: skip
MOST_BYTES = 1 << 20  # of an array after a change


def read_npy(data: bytes) -> Array:
    """The array of an npy file.

    Raises
    ------
    NothingToChange : there is none, or one of objects.
    """
    try:
        found: Array = np.load(io.BytesIO(data), allow_pickle=False)
    except Exception as error:  # whatever numpy makes of what was changed before
        raise NothingToChange from error
    if not isinstance(found, np.ndarray):
        raise NothingToChange
    return found


def written_npy(array: Array) -> bytes:
    """An array as an npy file."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def changed_npy(random: Random, data: bytes) -> tuple[bytes, str]:
    """Change the array of an npy file, or now and then its bytes."""
    if happens(random, 0.1):
        start, told = changed_bytes(random, data[:128])  # mostly the header
        return start + data[128:], f"header: {told}"
    array, told = changed_array(random, read_npy(data))
    return written_npy(array), told


def changed_array(random: Random, array: Array) -> tuple[Array, str]:
    """Change the shape, the type or the values of an array."""
    match int(random.integers(4)):
        case 0:
            return _other_shape(random, array)
        case 1:
            return _other_type(random, array)
    return _other_values(random, array)


def _other_shape(random: Random, array: Array) -> tuple[Array, str]:
    axis = int(random.integers(array.ndim)) if array.ndim else 0
    match int(random.integers(9)):
        case 0:
            return array.reshape(-1), "flattened"
        case 1:
            return array[None], "given another axis in front"
        case 2:
            return array[..., None], "given another axis behind"
        case 3:
            return array.T, "transposed"
        case 4:
            return array.reshape(-1)[:1].reshape(()) if array.size else array, "made one number"
        case 5 if array.ndim:
            return array.take([], axis), f"emptied along axis {axis}"
        case 6 if array.ndim and array.shape[axis]:
            return np.delete(array, -1, axis), f"shortened along axis {axis}"
        case 7 if array.ndim and 0 < 2 * array.nbytes <= MOST_BYTES:
            return np.concatenate([array, array], axis), f"doubled along axis {axis}"
    return np.zeros(0, array.dtype), "emptied"


def _other_type(random: Random, array: Array) -> tuple[Array, str]:
    wanted = pick(random, TYPES)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts of complex numbers that are lost
        try:
            return array.astype(wanted), f"made {wanted}"
        except (TypeError, ValueError, RuntimeError):  # the last of dates that no text holds
            return np.zeros(array.shape, wanted), f"made zeros of {wanted}"


def _other_values(random: Random, array: Array) -> tuple[Array, str]:
    if not array.size or array.dtype.kind not in "fiub":
        raise NothingToChange
    found, value = array.copy(), pick(random, VALUES)
    with np.errstate(all="ignore"):
        match int(random.integers(6)):
            case 0:
                found[...] = np.asarray(value).astype(array.dtype)
                return found, f"filled with {value}"
            case 1 | 2:
                place = int(random.integers(array.size))
                found.reshape(-1)[place] = np.asarray(value).astype(array.dtype)
                return found, f"element {place} set to {value}"
            case 3:
                flat = found.reshape(-1)
                random.shuffle(flat)
                return flat.reshape(array.shape), "shuffled"
            case 4 if array.dtype.kind != "b":
                return (-found).astype(array.dtype), "negated"
    factor = pick(random, (1e-12, 1e-3, 0.5, 2.0, 1000.0, 1e12))
    with np.errstate(all="ignore"):
        return (found * factor).astype(array.dtype), f"multiplied by {factor:g}"
