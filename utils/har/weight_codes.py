"""The integer weights of a layer, and how many of their codes every output channel uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.model import WEIGHT_TYPES, Model
from utils.har.network import Layer
from utils.har.parameters import LayerParameters

Array = NDArray[np.floating[Any]]
# Codes of 8 bits are counted in a table; one for 16 bits would not be worth its memory.
MAX_TABLE = 1024


@dataclass(frozen=True, eq=False)
class ChannelCodes:
    """Codes that the output channels of a layer use; all arrays have shape (channels,).

    Parameters
    ----------
    lowest, highest : codes without the zero point.
    used : number of different codes.
    limit : largest code that the bits of the weights allow.
    """

    lowest: Array
    highest: Array
    used: NDArray[np.int64]
    limit: int


def channel_codes(model: Model, layer: Layer) -> ChannelCodes | None:
    """Codes by output channel; None without integers, or where their axis is unknown."""
    codes = integer_weights(model, layer)
    axis = None if codes is None else channel_axis(layer, codes.shape)
    if codes is None or axis is None:
        return None
    mode = model.precision_mode(layer.name)
    # What is called 16 bit has 15: see utils/har/quantization.py.
    bits = min(mode.weight_bits, 15) if mode else 8
    rows = np.moveaxis(codes, axis, 0).reshape(codes.shape[axis], -1)
    lowest, highest = rows.min(axis=1), rows.max(axis=1)
    return ChannelCodes(lowest, highest, _different(rows), 2 ** (bits - 1) - 1)


def integer_weights(model: Model, layer: Layer) -> Array | None:
    """Integer weights of a layer less their zero point; None where there are none to judge."""
    stored = model.quantized.layer(layer.name)
    codes, zero = array(stored, "kernel"), array(stored, "zp_kernel")
    if layer.type not in WEIGHT_TYPES or codes is None or not np.isfinite(codes).all():
        return None
    if zero is None or (zero.size == 1 and not zero.any()):
        return codes
    if zero.size != 1 or not np.isfinite(zero).all():
        return None
    zero_point = float(zero.ravel()[0])
    return np.subtract(codes, zero_point, dtype=codes.dtype if _is_code(zero_point) else float)


def _is_code(value: float) -> bool:
    """Whether float32 holds this number, and its distance to any 16-bit code, as they are."""
    return abs(value) < 2**16 and value.is_integer()


def array(stored: LayerParameters, suffix: str) -> Array | None:
    """An array as floats that hold its values; None where there is none, or one of no numbers."""
    if suffix not in stored:
        return None
    found = stored[suffix]
    if found.dtype.kind not in "fiub" or not found.size:
        return None
    # Half the memory of float64, which is what all of this costs.
    return found.astype(np.result_type(found.dtype, np.float32), copy=False)


def channel_axis(layer: Layer, shape: tuple[int, ...]) -> int | None:
    """Axis of the output channels in a kernel; None where it cannot be told."""
    if len(shape) < 2:
        return None
    if layer.type == "dw":
        return len(shape) - 2 if shape[-1] == 1 else None
    if layer.type != "deconv":
        return len(shape) - 1
    # Whether (in, out) or (out, in) is stored is not public; sizes that differ tell.
    if not layer.output_shapes or shape[-1] == shape[-2]:
        return None
    channels = layer.output_shape[2]
    return next((axis for axis in (-1, -2) if shape[axis] == channels), None)


def _different(rows: Array) -> NDArray[np.int64]:
    """Number of different values in every row."""
    low, high = float(rows.min()), float(rows.max())
    if high - low >= MAX_TABLE or not np.equal(np.mod(rows, 1), 0).all():
        return np.array([np.unique(row).size for row in rows], dtype=np.int64)
    table = np.zeros((len(rows), int(high - low) + 1), dtype=np.bool_)
    table[np.arange(len(rows))[:, None], (rows - low).astype(np.int64)] = True
    used: NDArray[np.int64] = table.sum(axis=1, dtype=np.int64)
    return used
