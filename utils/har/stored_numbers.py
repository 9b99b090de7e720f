"""Typed reading of a layer's arrays, which come from an untrusted file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.errors import ArchiveError
from utils.har.parameters import LayerParameters

Array = NDArray[np.float64]


def numbers(parameters: LayerParameters, key: str) -> Array:
    """An array that must be there, as float64 in its own shape.

    Raises
    ------
    ArchiveError : it is missing, or holds anything but finite numbers.
    """
    if key not in parameters:
        raise ArchiveError(f"the archive holds no array {key!r} for it")
    array: NDArray[Any] = parameters[key]
    if array.dtype.kind not in "fiub":
        raise ArchiveError(f"its array {key!r} holds {array.dtype}, not numbers")
    values = np.asarray(array, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ArchiveError(f"its array {key!r} holds values that are not finite")
    return values


def number(parameters: LayerParameters, key: str, default: float | None = None) -> float:
    """A single number that is kept as an array; without default it must be there.

    Raises
    ------
    ArchiveError : it is missing, not one number, or not finite.
    """
    if key not in parameters and default is not None:
        return default
    values = numbers(parameters, key)
    if values.size != 1:
        raise ArchiveError(f"its array {key!r} has {values.size} values, not one")
    return float(values.reshape(()))


def check_whole(what: str, values: Array, limit: float) -> None:
    """Refuse what cannot be integers of the hardware.

    Raises
    ------
    ArchiveError : a value is not whole, or larger than the limit in either direction.
    """
    if not values.size or (np.rint(values) != values).any() or np.abs(values).max() > limit:
        raise ArchiveError(f"its {what} holds no integers that the hardware could take")
