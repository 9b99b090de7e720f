"""Encodings from calibrated ranges: which real numbers the codes of a tensor stand for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.har.quantization import HIGHEST_CODE, Encoding

Array = NDArray[np.float64]

# Scales are stored in float32, which cannot tell a narrower range from 0.
EMPTY_RANGE = 1e-30


@dataclass(frozen=True)
class AffineRange:
    """A range of real numbers that unsigned codes span exactly, with 0 on a code."""

    scale: float
    zero_point: int
    low: float
    high: float


def affine_range(low: float, high: float, highest_code: int) -> AffineRange:
    """Widen a measured range until 0 is a code; never narrower than the measurement.

    A range that holds nothing but 0 becomes 0 to 1.
    """
    low, high = min(low, 0.0), max(high, 0.0)
    if high - low < EMPTY_RANGE:
        low, high = 0.0, 1.0
    zero_point = int(np.ceil(-low / ((high - low) / highest_code)))
    # A positive end needs at least one code of its own, however small it is.
    zero_point = min(zero_point, highest_code - 1 if high > 0 else highest_code)
    scales = []
    if zero_point > 0:
        scales.append(-low / zero_point)
    if zero_point < highest_code:
        scales.append(high / (highest_code - zero_point))
    scale = max(scales)
    return AffineRange(scale, zero_point, -zero_point * scale, (highest_code - zero_point) * scale)


def calibrated_encoding(
    minimum: Array,
    maximum: Array,
    bits: int,
    equalization: Array | None = None,
    widening: float = 0.0,
) -> Encoding:
    """Encoding of a tensor from the calibrated range of every channel.

    Parameters
    ----------
    minimum, maximum : float64 arrays of shape (channels,).
    bits : 8 or 16, the nominal width.
    equalization : scale of every channel relative to the others; None for one common scale.
    widening : log2 of the factor by which the layer behind needs this range widened.
    """
    relative = np.ones_like(maximum) if equalization is None else equalization
    highest = HIGHEST_CODE[bits]
    base = affine_range(
        float((minimum / relative).min()), float((maximum / relative).max()), highest
    )
    scales = relative * base.scale * 2.0**widening
    widest = float(scales.max())
    return Encoding(
        scales,
        np.full_like(scales, float(base.zero_point)),
        -base.zero_point * widest,
        (highest - base.zero_point) * widest,
    )


def narrowed(encoding: Encoding, low: float, high: float, highest_code: int) -> Encoding:
    """The encoding with its widest channel spanning (low, high); equalization is kept.

    Parameters
    ----------
    highest_code : the largest code, 255 or 32767; it may differ from that of `encoding`.
    """
    base = affine_range(low, high, highest_code)
    scales = encoding.scales * (base.scale / encoding.scales.max())
    return Encoding(scales, np.full_like(scales, base.zero_point), base.low, base.high)


def widened(encoding: Encoding, bits: float) -> Encoding:
    """The encoding with its scales, and with them its range, times ``2**bits``."""
    factor = 2.0**bits
    return Encoding(
        encoding.scales * factor,
        encoding.zero_points,
        encoding.low * factor,
        encoding.high * factor,
    )
