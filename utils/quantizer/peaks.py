"""Largest pre-activation of every channel where calibration left no statistics of it.

The accumulator is scaled so that the largest pre-activation seen fills it up to a share
(`ACCUMULATOR_HEADROOM`). So the stored scale tells how large it can have been, within the factor
of 2 that a shift makes. Without stored integers only the range of the input is left, whose bound
is safe but wide: it assumes that all inputs take their worst values at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.quantization import HIGHEST_CODE, Encoding, PrecisionMode
from utils.quantizer.requantize import ACCUMULATOR_HEADROOM, ACCUMULATOR_LIMIT, ScaleGrid

Array = NDArray[np.float64]

# The scale is estimated from rounded weights; a choice made at the very limit shall stay within.
ESTIMATE_MARGIN = 2e-3


def held_peaks(
    kernel: Array,
    codes: NDArray[Any],
    grid: ScaleGrid,
    output_scales: Array,
    mac_shift: int,
    input_bits: int,
) -> Array | None:
    """What the stored accumulator was chosen to hold; None if the weights do not tell its scale.

    Parameters
    ----------
    kernel : float weights.
    codes : stored weights minus their zero point, same shape.
    grid : scales of every weight.
    output_scales : of every output channel.
    mac_shift : stored right shift of the accumulator.
    input_bits : 8 or 16.
    """
    relative = (kernel * grid.inputs / grid.outputs).ravel()
    weights = codes.astype(np.float64).ravel()
    energy = float(weights @ weights)
    factor = float(relative @ weights) / energy if energy else 0.0
    if factor <= 0:
        return None
    held = ACCUMULATOR_HEADROOM * ACCUMULATOR_LIMIT[input_bits] * (1 - ESTIMATE_MARGIN)
    peaks: Array = held * factor * 2.0**mac_shift * output_scales
    return peaks


def bounded_peaks(
    kernel: Array, bias: Array, entering: Encoding, grid: ScaleGrid, mode: PrecisionMode
) -> Array:
    """Largest abs(pre-activation) that inputs within their codes can make.

    Parameters
    ----------
    kernel, bias : float weights; the channels of the bias are the outputs.
    entering : encoding of the input.
    grid : scales of every weight, of which those of the inputs count.
    """
    zero_point = float(entering.zero_points[0])
    low, high = (
        -zero_point * grid.inputs,
        (HIGHEST_CODE[mode.input_bits] - zero_point) * grid.inputs,
    )
    ends = kernel * low, kernel * high
    channels = len(bias)
    most = np.maximum(*ends).reshape(-1, channels).sum(axis=0) + bias
    least = np.minimum(*ends).reshape(-1, channels).sum(axis=0) + bias
    peaks: Array = np.maximum(np.abs(most), np.abs(least))
    return peaks
