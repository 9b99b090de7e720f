"""How the compiler turns calibrated ranges and float weights into integers.

A layer multiplies raw input codes with integer weights, adds an integer bias and shifts:
``acc = (sum(q_in * (K_q - zp_k)) + bias_q * bias_factor) * 2**-mac_shift``. One number per
layer, the weight factor f, ties all scales together: weights relative to the scales around
them, ``r = K * in_scale / out_scale``, are stored as ``round(r / f) + zp_k``, and
``acc_scale = f * 2**mac_shift * out_scale``. Only parameters are made here, nothing is run.

The rules were checked against archives of Dataflow Compiler 3.33: see tests/quantizer/.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.quantization import HIGHEST_CODE
from utils.quantizer.calibrated_encoding import affine_range

Array = NDArray[np.float64]

# Calibration data may fill the accumulator up to this share of its full scale.
ACCUMULATOR_HEADROOM = 2.0**-0.297
# By bits of the input: 16-bit accumulators behind 8-bit data, 32-bit ones behind 16-bit data.
ACCUMULATOR_LIMIT = {8: 2**15 - 1, 16: 2**31 - 1}
# Right shifts of the accumulator that the hardware offers, by bits of the input.
MAC_SHIFTS = {8: (1, 2, 3, 4), 16: (0,)}
# Largest and smallest symmetric weight codes; 16-bit weights are affine, 0 to 32767.
WEIGHT_CODES = {8: (127, 128), 4: (7, 7)}
MANTISSA_BITS = 10
MAX_BIAS_CODE = 2**15 - 1
MAX_BIAS_FACTOR = 2**16 - 1


@dataclass(frozen=True, eq=False)
class ScaleGrid:
    """Input and output scale of every weight, both of shape kernel.shape[-2:].

    Weights of one layer differ in their scales only along the last two axes.
    """

    inputs: Array
    outputs: Array


def scale_grid(
    layer_type: str, kernel_shape: Sequence[int], input_scales: Array, output_scales: Array
) -> ScaleGrid:
    """Lay out the scales of the channels over a kernel.

    Dense layers flatten (height, width, channels), so their input scales repeat; in a grouped
    convolution, output channel o reads the channels of its own group.
    """
    rows, columns = kernel_shape[-2:]
    if layer_type in ("dw", "normalization"):
        return ScaleGrid(input_scales[:, None], output_scales[:, None])
    if layer_type == "dense":
        input_scales = np.tile(input_scales, rows // len(input_scales))
    groups = max(len(input_scales) // rows, 1)
    group_of_output = np.arange(columns) * groups // columns
    index = np.arange(rows)[:, None] + rows * group_of_output[None, :]
    outputs = np.broadcast_to(output_scales[None, :], (rows, columns))
    return ScaleGrid(input_scales[index], outputs)


@dataclass(frozen=True)
class AccumulatorChoice:
    """How the accumulator of a layer is scaled.

    Parameters
    ----------
    factor : the weight factor f.
    mac_shift : right shift of the sum.
    shift_delta : bits of weight precision given up because no shift was large enough.
    """

    factor: float
    mac_shift: int
    shift_delta: float


def round_up_mantissa(value: float) -> float:
    """The smallest number with a 10-bit mantissa that is not below `value`."""
    unit = 2.0 ** (np.floor(np.log2(value)) + 1 - MANTISSA_BITS)
    # A value that is such a number up to float32 noise stays what it is.
    return float(np.ceil(value / unit - 1e-6) * unit)


def choose_accumulator(
    needed: float, peak: float, input_bits: int, single_slope: bool
) -> AccumulatorChoice:
    """The smallest shift at which calibration data stay within the accumulator.

    Parameters
    ----------
    needed : smallest factor at which no weight clips; 0 for a layer whose weights are all 0.
    peak : largest calibrated abs(pre-activation) / output scale.
    input_bits : 8 or 16.
    single_slope : whether the activation has one slope apart from 0; it is then exact in the
        multiplier of the output stage, whose mantissa has 10 bits, if the factor is.
    """
    limit = ACCUMULATOR_HEADROOM * ACCUMULATOR_LIMIT[input_bits]
    largest = MAC_SHIFTS[input_bits][-1]
    needed = needed or peak / (limit * 2**largest) or 1.0

    def adjusted(factor: float) -> float:
        return round_up_mantissa(factor) if single_slope else factor

    for shift in MAC_SHIFTS[input_bits]:
        if peak / (adjusted(needed) * 2**shift) <= limit:
            return AccumulatorChoice(adjusted(needed), shift, 0.0)
    delta = float(np.log2(peak / (needed * 2**largest) / limit))
    return AccumulatorChoice(adjusted(needed * 2.0**delta), largest, delta)


@dataclass(frozen=True, eq=False)
class QuantizedKernel:
    """Integer weights of a layer and the scales they imply.

    Parameters
    ----------
    codes : int8 (4 and 8 bit) or int16 (16 bit, 0 to 32767), shape of the float kernel.
    zero_point : code of the weight 0.
    choice : factor, shift, lost bits.
    accumulator_scale : float64 array (output channels,).
    kernel_scale : float64 array, kernel.shape[-2:].
    clip_values : smallest and largest weight relative to the scales around it.
    """

    codes: NDArray[Any]
    zero_point: int
    choice: AccumulatorChoice
    accumulator_scale: Array
    kernel_scale: Array
    clip_values: tuple[float, float]


@dataclass(frozen=True, eq=False)
class _RelativeWeights:
    """Weights relative to the scales around them, and the factor they need.

    Parameters
    ----------
    values : ``K * in_scale / out_scale``.
    zero_point : code of the weight 0.
    first, last : smallest and largest code.
    needed : smallest factor at which no weight clips.
    """

    values: Array
    zero_point: int
    first: int
    last: int
    needed: float


def _relative_weights(kernel: Array, grid: ScaleGrid, bits: int) -> _RelativeWeights:
    values = kernel * grid.inputs / grid.outputs
    low, high = float(values.min()), float(values.max())
    if bits == 16:
        span = affine_range(low, high, HIGHEST_CODE[16])
        needed = span.scale if low or high else 0.0
        return _RelativeWeights(values, span.zero_point, 0, HIGHEST_CODE[16], needed)
    last, negative = WEIGHT_CODES[bits]
    return _RelativeWeights(values, 0, -negative, last, max(high / last, -low / negative))


def lost_bits(
    kernel: Array, grid: ScaleGrid, output_scales: Array, peaks: Array, bits: tuple[int, int]
) -> float:
    """Bits of weight precision that the largest shift lacks; parameters as `quantize_kernel`."""
    needed = _relative_weights(kernel, grid, bits[1]).needed
    peak = float((peaks / output_scales).max())
    return choose_accumulator(needed, peak, bits[0], single_slope=False).shift_delta


def quantize_kernel(
    kernel: Array,
    grid: ScaleGrid,
    output_scales: Array,
    peaks: Array,
    bits: tuple[int, int],
    single_slope: bool = True,
) -> QuantizedKernel:
    """Quantize all weights of a layer with one factor.

    Parameters
    ----------
    kernel : float weights, dead channels already 0.
    grid : scales of every weight.
    output_scales, peaks : scale and largest calibrated abs(pre-activation) of every output
        channel.
    bits : of the input (8 or 16) and of the weights (4, 8 or 16).
    single_slope : whether the activation has one slope apart from 0.
    """
    input_bits, weight_bits = bits
    weights = _relative_weights(kernel, grid, weight_bits)
    peak = float((peaks / output_scales).max())
    choice = choose_accumulator(weights.needed, peak, input_bits, single_slope)
    codes = np.rint(weights.values / choice.factor) + weights.zero_point
    codes = np.clip(codes, weights.first, weights.last)
    return QuantizedKernel(
        codes.astype(np.int16 if weight_bits == 16 else np.int8),
        weights.zero_point,
        choice,
        choice.factor * 2.0**choice.mac_shift * output_scales,
        choice.factor * grid.outputs / grid.inputs,
        (float(weights.values.min()), float(weights.values.max())),
    )


@dataclass(frozen=True, eq=False)
class QuantizedBias:
    """Integer bias; the accumulator adds ``codes * factor`` before its shift.

    Parameters
    ----------
    codes : int32 array (output channels,).
    factor : common to all channels.
    accumulator_zero_point : what the bias takes back of the accumulator, in its codes: the
        input's zero point times the sum of the weights.
    """

    codes: NDArray[np.int32]
    factor: int
    accumulator_zero_point: Array


def quantize_bias(
    bias: Array, kernel: QuantizedKernel, zero_point_in: float, double_scale: bool
) -> QuantizedBias:
    """Quantize a bias, with the input's zero point taken out of the sum once and for all.

    Parameters
    ----------
    bias : float bias (output channels,).
    zero_point_in : code of 0 in the input; the multiplier sees raw codes, so its product with
        the sum of the weights has to leave again.
    double_scale : whether the factor is the accumulator's shift (8-bit layers); otherwise it
        is the smallest one with which the codes fit in 16 bits.
    """
    weights = kernel.codes.astype(np.int64) - kernel.zero_point
    channels = len(bias)
    # Depthwise kernels keep their channels on the last but one axis.
    sums = weights.reshape(-1, channels).sum(axis=0)
    wanted = bias / kernel.accumulator_scale * 2.0**kernel.choice.mac_shift
    wanted = wanted - zero_point_in * sums
    if double_scale:
        factor = 2**kernel.choice.mac_shift
    elif channels == 1:
        factor = _closest_factor(float(wanted[0]))
    else:
        factor = min(int(np.ceil(np.abs(wanted).max() / MAX_BIAS_CODE)), MAX_BIAS_FACTOR)
    limits = np.iinfo(np.int32)
    codes = np.clip(np.rint(wanted / max(factor, 1)), limits.min, limits.max)
    returned = zero_point_in * sums * 2.0**-kernel.choice.mac_shift
    return QuantizedBias(codes.astype(np.int32), factor, returned)


def _closest_factor(wanted: float) -> int:
    smallest = int(np.ceil(abs(wanted) / MAX_BIAS_CODE))
    if not 0 < smallest < MAX_BIAS_FACTOR:
        return min(smallest, MAX_BIAS_FACTOR)
    factors = np.arange(smallest, MAX_BIAS_FACTOR + 1)
    errors = np.abs(np.rint(wanted / factors) * factors - wanted)
    return int(factors[errors.argmin()])
