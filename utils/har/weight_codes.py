"""The integer weights of a layer, and how many of their codes every output channel uses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.har.model import WEIGHT_TYPES, Model
from utils.har.network import Layer
from utils.har.parameters import LayerParameters

Array = NDArray[np.float64]
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
    if zero is None:
        return codes
    return codes - zero.ravel()[0] if zero.size == 1 and np.isfinite(zero).all() else None


def array(stored: LayerParameters, suffix: str) -> Array | None:
    """An array as float64; None where there is none, an empty one, or one of no numbers."""
    if suffix not in stored:
        return None
    found = stored[suffix]
    return found.astype(np.float64) if found.dtype.kind in "fiub" and found.size else None


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
