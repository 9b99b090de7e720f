"""The part of a layer that multiplies, as integers between two encodings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.har.network import Layer
from utils.har.quantization import Encoding, PrecisionMode
from utils.quantizer.float_layers import LayerFacts, precision_mode
from utils.quantizer.piecewise import (
    OutputStage,
    PiecewiseLinear,
    output_stage,
    slope_correction,
)
from utils.quantizer.requantize import (
    AccumulatorChoice,
    QuantizedBias,
    QuantizedKernel,
    quantize_bias,
    quantize_kernel,
    scale_grid,
)

Array = NDArray[np.float64]

# An activation without weights multiplies by 64 and shifts, to reach the accumulator's codes.
UNIT_WEIGHT_CODE = 64


@dataclass(frozen=True, eq=False)
class Multiplication:
    """The part of a layer that multiplies, accumulates and applies the activation.

    Parameters
    ----------
    kernel, bias : float weights, dead channels set to 0.
    curve : the activation as a piecewise-linear function of real numbers.
    stage : the same from accumulator codes to output codes.
    correction : how often the output scale was doubled for the slopes to fit.
    """

    kernel: Array
    bias: Array
    quantized_kernel: QuantizedKernel
    quantized_bias: QuantizedBias
    curve: PiecewiseLinear
    stage: OutputStage
    correction: int


def multiplied(
    layer: Layer,
    facts: LayerFacts,
    entering: Encoding,
    leaving: Encoding,
    reference: Encoding | None = None,
) -> Multiplication | None:
    """Integers of a layer between two encodings; None if it does not multiply.

    Parameters
    ----------
    leaving : of the output, before the corrections that its slopes may need.
    reference : encoding of the output, in proportion to `leaving`, for which the weights are
        quantized: with what they had before, a new output range leaves them as they are.
    """
    if layer.type == "activation":
        kernel, bias = np.ones(()), np.zeros(len(leaving.scales))
        quantized = _unit_kernel(entering, precision_mode(layer))
    elif facts.multiplies(layer):
        kernel, bias = facts.live_weights(layer)
        quantized = quantized_kernel(layer, facts, entering, reference or leaving)
    else:
        return None
    mode, curve = precision_mode(layer), facts.curve(layer)
    bits = mode.input_bits, mode.output_bits
    double_scale = layer.quantization_params["bias_mode"] == "double_scale_initialization"
    zero_point_in = float(entering.zero_points[0])
    accumulator, output = float(quantized.accumulator_scale[0]), float(leaving.scales[0])
    correction = slope_correction(curve, accumulator / output, bits)
    zero_point = float(leaving.zero_points[0])
    return Multiplication(
        kernel,
        bias,
        quantized,
        quantize_bias(bias, quantized, zero_point_in, double_scale),
        curve,
        output_stage(curve, accumulator, output * 2**correction, zero_point, bits),
        correction,
    )


def quantized_kernel(
    layer: Layer, facts: LayerFacts, entering: Encoding, leaving: Encoding
) -> QuantizedKernel:
    """Integer weights of a layer between two encodings."""
    kernel, _ = facts.live_weights(layer)
    mode = precision_mode(layer)
    return quantize_kernel(
        kernel,
        scale_grid(layer.type, kernel.shape, entering.scales, leaving.scales),
        leaving.scales,
        facts.peaks(layer),
        (mode.input_bits, mode.weight_bits),
        facts.curve(layer).has_single_slope,
    )


def _unit_kernel(inputs: Encoding, mode: PrecisionMode) -> QuantizedKernel:
    channels = len(inputs.scales)
    shift = 1 if mode.input_bits == 8 else 0
    return QuantizedKernel(
        codes=np.full((1, 1, channels, 1), UNIT_WEIGHT_CODE, dtype=np.int8),
        zero_point=0,
        choice=AccumulatorChoice(1 / UNIT_WEIGHT_CODE, shift, 0.0),
        accumulator_scale=inputs.scales * 2.0**shift / UNIT_WEIGHT_CODE,
        kernel_scale=np.array(1 / UNIT_WEIGHT_CODE),
        clip_values=(1.0, 1.0),
    )
