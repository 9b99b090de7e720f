"""Arrays of the optimizer's npz for the atomic operations of a layer.

A layer is a chain of operations (convolution, bias, activation, ...), each with scale, zero
point and bits of what enters and leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.quantization import Encoding
from utils.quantizer.multiplication import Multiplication
from utils.quantizer.piecewise import OFFSET_SHIFT
from utils.quantizer.quantized_layers import QuantizedLayer

Arrays = dict[str, NDArray[Any]]

# What hides under the nominal widths: "16 bit" codes have 15, accumulators 16 or 32.
CODE_BITS = {8: 8, 16: 15}
ACCUMULATOR_BITS = {8: 16, 16: 32}
EXPONENT_SHIFT_BIAS = {8: 7, 16: 11}
MAX_OFFSET_BIAS = {8: 4096, 16: 262144}
X_POINT_MASK = 1e8


def operation_arrays(found: QuantizedLayer) -> Arrays:
    """Arrays of all operations of a layer by ``operation/suffix``."""
    return _OPERATIONS.get(found.layer.type, _generic_operations)(found)


def _port(side: str, scale: Any, zero_point: Any, bits: int) -> Arrays:
    return {
        f"{side}_scale:0:0": np.asarray(scale, dtype=np.float32),
        f"{side}_zero_point:0:0": np.asarray(zero_point, dtype=np.float32),
        f"{side}_bits:0:0": np.asarray(bits, dtype=np.float32),
    }


def _operation(name: str, *parts: Mapping[str, NDArray[Any]]) -> Arrays:
    return {f"{name}/{key}": value for part in parts for key, value in part.items()}


def _numbers(**values: Any) -> Arrays:
    return {f"{name}:0": np.asarray(value, dtype=np.float32) for name, value in values.items()}


def _encoded_port(side: str, encoding: Encoding, bits: int) -> Arrays:
    return _port(side, encoding.scales, encoding.zero_points[0], CODE_BITS[bits])


def _identity(name: str, encoding: Encoding, bits: int, *first: Arrays) -> Arrays:
    """An operation that leaves codes as they are."""
    ports = _encoded_port("input", encoding, bits), _encoded_port("output", encoding, bits)
    return _operation(name, *first, *ports)


def _input_layer(found: QuantizedLayer) -> Arrays:
    return _identity("output_op", found.output, found.mode.output_bits)


def _output_layer(found: QuantizedLayer) -> Arrays:
    return _identity("input_op", found.output, found.mode.output_bits)


def _maxpool(found: QuantizedLayer) -> Arrays:
    padding = _numbers(padding_const_value=0.0)
    return _identity("maxpool_op", found.output, found.mode.output_bits, padding)


def _multiplying(found: QuantizedLayer) -> Arrays:
    multiplication = found.multiplication
    if multiplication is None:
        return _generic_operations(found)
    return {
        **_convolution(found, multiplication, found.inputs[0].scales),
        **_bias_and_activation(found, multiplication),
        **_identity("output_op", found.output, found.mode.output_bits),
    }


def _dense(found: QuantizedLayer) -> Arrays:
    if found.multiplication is None:
        return _generic_operations(found)
    entering, bits = found.inputs[0], CODE_BITS[found.mode.input_bits]
    rows = found.multiplication.kernel.shape[0]
    flattened = np.tile(entering.scales, rows // len(entering.scales))
    shape = {"input_shape:0": np.array(found.layer.input_shapes[0])}
    flatten = _operation(
        "flatten_op",
        shape,
        _encoded_port("input", entering, found.mode.input_bits),
        _port("output", flattened, entering.zero_points[0], bits),
    )
    return {
        **flatten,
        **_convolution(found, found.multiplication, flattened),
        **_bias_and_activation(found, found.multiplication),
        **_identity("output_op", found.output, found.mode.output_bits),
    }


def _convolution(
    found: QuantizedLayer, multiplication: Multiplication, input_scales: NDArray[Any]
) -> Arrays:
    kernel, mode = multiplication.quantized_kernel, found.mode
    codes = kernel.codes.reshape((1,) * (4 - kernel.codes.ndim) + kernel.codes.shape)
    zero_point = float(found.inputs[0].zero_points[0])
    flags = {
        "kernel_scale_forced_to_save:0": np.array(False),
        "set_scale_by_kernel_only:0": np.array(False),
        "precision_split_zp:0": np.array(False),
        "kickback_residual_shift_delta:0": np.array(True),
    }
    numbers = _numbers(
        mac_shift=kernel.choice.mac_shift,
        shift_delta=[kernel.choice.shift_delta],
        kernel_scale=kernel.kernel_scale,
        kernel_zero_point=kernel.zero_point,
        kernel_q_forced=1,
        kernel_scale_forced=1,
        weight_bits=CODE_BITS.get(mode.weight_bits, mode.weight_bits),
        scale_calc_mode=1,
        quant_kernel=codes,
        padding_const_value=zero_point,
    )
    leaving = multiplication.quantized_bias.accumulator_zero_point
    return _operation(
        "conv_op",
        numbers,
        flags,
        _port("input", input_scales, zero_point, CODE_BITS[mode.input_bits]),
        _port("output", kernel.accumulator_scale, leaving, ACCUMULATOR_BITS[mode.input_bits]),
    )


def _bias_and_activation(found: QuantizedLayer, multiplication: Multiplication) -> Arrays:
    kernel, bias = multiplication.quantized_kernel, multiplication.quantized_bias
    scale, width = kernel.accumulator_scale, ACCUMULATOR_BITS[found.mode.input_bits]
    is_double = found.layer.quantization_params["bias_mode"] == "double_scale_initialization"
    is_unit = found.layer.type == "activation"
    numbers = _numbers(
        bias_feed_repeat=1,
        num_decomposition=0 if is_double else 1,
        mac_shift=kernel.choice.mac_shift,
        bias_factor_0=bias.factor,
        bias_0=bias.codes,
    )
    flags = {
        "precision_split_zp:0": np.array(False),
        "merge_residue_into_bias:0": np.array(True),
    }
    entering = _port("input", scale, 0.0 if is_unit else bias.accumulator_zero_point, width)
    adding = _operation("bias_add_op", numbers, flags, entering, _port("output", scale, 0.0, width))
    activating = _operation(
        "act_op",
        _activation_numbers(found, multiplication),
        _port("input", scale, 0.0, width),
        _encoded_port("output", found.output, found.mode.output_bits),
    )
    return {**adding, **activating}


def _activation_numbers(found: QuantizedLayer, multiplication: Multiplication) -> Arrays:
    stage, curve, bits = multiplication.stage, multiplication.curve, found.mode.output_bits
    ratio = multiplication.quantized_kernel.accumulator_scale[0] / found.output.scales[0]
    return {
        **_numbers(
            output_factors=[ratio],
            thresholds=curve.thresholds,
            offsets=curve.offsets,
            slopes=curve.slopes,
            quant_thresholds=stage.thresholds,
            quant_offsets=stage.offsets,
            slopes_mantissas=stage.mantissas,
            slopes_exponents=stage.exponents,
            exponent_shift_bias=EXPONENT_SHIFT_BIAS[bits],
            output_shift_bias=OFFSET_SHIFT,
            max_offset_bias=MAX_OFFSET_BIAS[bits],
            x_points_mask_max_value=X_POINT_MASK,
        ),
        "input_shape:0": np.array(found.layer.output_shape),
        "quantization_groups_size:0": np.array([len(found.output.scales)]),
    }


def _activation(found: QuantizedLayer) -> Arrays:
    multiplication = found.multiplication
    if multiplication is None:
        return _generic_operations(found)
    kernel, mode = multiplication.quantized_kernel, found.mode
    numbers = _numbers(
        kernel_scale=kernel.kernel_scale,
        kernel_zero_point=kernel.zero_point,
        mac_shift=kernel.choice.mac_shift,
        shift_delta=kernel.choice.shift_delta,
        weight_bits=8,
        quant_kernel=kernel.codes,
    )
    width = ACCUMULATOR_BITS[mode.input_bits]
    multiplying = _operation(
        "mock_op",
        numbers,
        _encoded_port("input", found.inputs[0], mode.input_bits),
        _port("output", kernel.accumulator_scale, 0.0, width),
    )
    return {
        **multiplying,
        **_bias_and_activation(found, multiplication),
        **_identity("passthru_op", found.output, mode.output_bits),
    }


def _generic_operations(found: QuantizedLayer) -> Arrays:
    return _identity("output_op", found.output, found.mode.output_bits)


_OPERATIONS: Mapping[str, Callable[[QuantizedLayer], Arrays]] = {
    "input_layer": _input_layer,
    "output_layer": _output_layer,
    "maxpool": _maxpool,
    "conv": _multiplying,
    "dw": _multiplying,
    "deconv": _multiplying,
    "normalization": _multiplying,
    "dense": _dense,
    "activation": _activation,
}
