"""The compiler's arithmetic, reproduced from weights and statistics alone.

The oracle are archives of the real compiler: their integers were never computed by this
project. Where none is present, only the properties at the end of the file are tested.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.har.samples import QUANTIZED, present, sample_model
from utils.har.model import Model
from utils.har.network import Layer
from utils.har.quantization import Encoding
from utils.quantizer.calibrated_encoding import affine_range, calibrated_encoding
from utils.quantizer.piecewise import activation_curve, output_stage, slope_correction
from utils.quantizer.requantize import (
    MAX_BIAS_CODE,
    MAX_BIAS_FACTOR,
    AccumulatorChoice,
    QuantizedKernel,
    choose_accumulator,
    quantize_bias,
    quantize_kernel,
    round_up_mantissa,
    scale_grid,
)

Array = NDArray[np.float64]
# What one layer of an archive reproduces: numbers compared, equal, and off by at most one.
Count = Counter[str]


@dataclass(frozen=True)
class Recomputed:
    model: Model
    layer: Layer
    kernel: QuantizedKernel
    bias: Array
    correction: int

    @property
    def bits(self) -> tuple[int, int]:
        mode = present(self.model.precision_mode(self.layer.name))
        return mode.input_bits, mode.output_bits

    def stored(self, suffix: str) -> NDArray[Any]:
        return present(self.model.stored(self.layer.name, suffix))


CORRECTION = "layer_params/negative_slopes_correction_factor"


def weighted(model: Model) -> list[Layer]:
    return [layer for layer in model.network if layer.type in ("conv", "dense")]


def scales(model: Model, name: str, side: str) -> Array:
    stored = present(model.stored(name, f"layer_params/{side}_scales"))
    return stored.ravel().astype(np.float64)


@cache
def recompute(model: Model, name: str) -> Recomputed:
    """Integers of one layer from float weights, statistics and the scales around it."""
    layer = model.network[name]
    mode = present(model.precision_mode(name))
    arrays = model.float_parameters.layer(name)
    kernel, bias = (np.asarray(arrays[key], np.float64) for key in ("kernel", "bias"))
    if layer.type == "conv":
        dead = present(model.stored_statistics(name, "output_0")).maximum <= 0
        kernel[..., dead], bias[dead] = 0.0, 0.0
    preact = present(model.stored_statistics(name, "preact"))
    # Only the doubled scale is stored where the slope did not fit.
    correction = int(present(model.stored(name, CORRECTION)))
    outputs = scales(model, name, "output") / 2**correction
    quantized = quantize_kernel(
        kernel,
        scale_grid(layer.type, kernel.shape, scales(model, name, "input"), outputs),
        outputs,
        np.maximum(np.abs(preact.minimum), np.abs(preact.maximum)),
        (mode.input_bits, mode.weight_bits),
        activation_curve(layer.activation, preact.low, preact.high).has_single_slope,
    )
    return Recomputed(model, layer, quantized, bias, correction)


def compared(actual: NDArray[Any], stored: NDArray[Any]) -> Count:
    difference = np.abs(np.int64(actual) - np.int64(stored))
    return Counter(
        all=difference.size, equal=int((difference == 0).sum()), near=int((difference <= 1).sum())
    )


def layers_of(name: str) -> list[Recomputed]:
    model = sample_model(name)
    return [recompute(model, layer.name) for layer in weighted(model)]


@pytest.mark.parametrize("name", QUANTIZED)
def test_kernels_are_reproduced(name: str) -> None:
    total: Count = Counter()
    for found in layers_of(name):
        total += compared(found.kernel.codes, found.stored("kernel"))
        assert found.kernel.codes.dtype == found.stored("kernel").dtype
        assert found.kernel.zero_point == int(found.stored("zp_kernel"))
    assert total["near"] == total["all"]
    assert total["equal"] >= 0.999 * total["all"], total


@pytest.mark.parametrize("name", QUANTIZED)
def test_accumulators_are_reproduced(name: str) -> None:
    for found in layers_of(name):
        choice = found.kernel.choice
        assert choice.mac_shift == int(found.stored("output_stage/mult_shift")), found.layer.name
        assert choice.shift_delta == pytest.approx(
            float(found.stored("conv_op/shift_delta")[0]), abs=1e-5
        )
        np.testing.assert_allclose(
            found.kernel.accumulator_scale, found.stored("conv_op/output_scale:0"), rtol=2e-6
        )
        np.testing.assert_allclose(
            found.kernel.kernel_scale, found.stored("conv_op/kernel_scale"), rtol=2e-6
        )
        np.testing.assert_allclose(
            found.kernel.clip_values,
            found.model.analysis.layer(found.layer.name)["translate_parameters/clip_values"],
            rtol=2e-6,
        )


@pytest.mark.parametrize("name", QUANTIZED)
def test_biases_are_reproduced(name: str) -> None:
    total: Count = Counter()
    for found in layers_of(name):
        double_scale = found.layer.quantization_params["bias_mode"].startswith("double_scale")
        bias = quantize_bias(
            found.bias, found.kernel, float(found.stored("zero_point_in")), double_scale
        )
        factor = int(found.stored("bias_factor"))
        if len(bias.codes) == 1 and not double_scale:
            product = float(bias.codes[0]) * bias.factor
            assert product == pytest.approx(float(found.stored("bias_q")[0]) * factor, rel=1e-6)
            continue
        assert bias.factor == factor
        total += compared(bias.codes, found.stored("bias_q"))
    assert total["near"] == total["all"]
    assert total["equal"] >= 0.999 * total["all"], total


@pytest.mark.parametrize("name", QUANTIZED)
def test_output_stages_are_reproduced(name: str) -> None:
    total: Count = Counter()
    for found in layers_of(name):
        preact = present(found.model.stored_statistics(found.layer.name, "preact"))
        curve = activation_curve(found.layer.activation, preact.low, preact.high)
        encoding = present(found.model.encoding(found.layer.name))
        accumulator = float(found.kernel.accumulator_scale[0])
        uncorrected = float(encoding.scales[0]) / 2**found.correction
        assert slope_correction(curve, accumulator / uncorrected, found.bits) == found.correction
        stage = output_stage(
            curve, accumulator, float(encoding.scales[0]), encoding.zero_points[0], found.bits
        )
        for suffix, array in stage.stored().items():
            stored = found.stored(f"output_stage/piecewise/{suffix}")
            assert (array.dtype, array.shape) == (stored.dtype, stored.shape), suffix
            if suffix == "x_points" and found.bits[0] == 16:
                # Scales reached through float32 move large breakpoints by parts of 1e-6.
                np.testing.assert_allclose(array, stored, rtol=2e-6)
            else:
                total += compared(array, stored)
    assert total["near"] == total["all"]
    assert total["equal"] >= 0.999 * total["all"], total


def expected_encoding(model: Model, layer: Layer) -> Encoding:
    """Encoding of a layer from statistics, equalization and the shift delta behind it."""
    seen = present(model.stored_statistics(layer.name, "output_0"))
    low, high = seen.minimum, seen.maximum
    feeds_output = layer.name in model.network.feeds_output
    if feeds_output and layer.activation == "sigmoid":
        low, high = np.zeros_like(low), np.ones_like(high)
    stored = model.optimized.layer(layer.name)["layer_params/eq_vec_out"]
    vector = np.asarray(stored, np.float64)
    widening = max(
        (
            float(present(model.stored(behind.name, "conv_op/shift_delta"))[0])
            for behind in weighted(model)
            if layer in model.network.producers(model.network[behind.inputs[0]]) and vector.ndim > 0
        ),
        default=0.0,
    )
    correction = present(model.stored(layer.name, CORRECTION))
    return calibrated_encoding(
        low,
        high,
        present(model.precision_mode(layer.name)).output_bits,
        vector if vector.ndim else None,
        widening + float(correction),
    )


@pytest.mark.parametrize("name", QUANTIZED)
def test_encodings_are_reproduced(name: str) -> None:
    model = sample_model(name)
    computing = [layer for layer in model.network if not layer.is_pass_through]
    assert len(computing) >= 4
    for layer in computing:
        expected, stored = expected_encoding(model, layer), present(model.encoding(layer.name))
        np.testing.assert_allclose(expected.scales, stored.scales, rtol=2e-6, err_msg=layer.name)
        np.testing.assert_array_equal(expected.zero_points, stored.zero_points)
        assert (expected.low, expected.high) == pytest.approx((stored.low, stored.high), rel=2e-6)


# Properties, which need no archive.


@pytest.mark.parametrize(
    ("low", "high", "zero_point"),
    [(0.0, 2.55, 0), (-1.0, 0.0, 255), (-1.9156, 22.1285, 21), (-129.858, 43.475, 192)],
)
def test_zero_is_a_code(low: float, high: float, zero_point: int) -> None:
    found = affine_range(low, high, 255)
    assert found.zero_point == zero_point
    assert found.low <= low
    assert found.high >= high
    assert found.high - found.low == pytest.approx(255 * found.scale)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.sampled_from([255, 32767]))
def test_ranges_only_grow(first: float, second: float, highest: int) -> None:
    low, high = min(first, second), max(first, second)
    found = affine_range(low, high, highest)
    tolerance = 1e-9 * max(abs(low), abs(high), 1.0)
    assert found.scale > 0
    assert 0 <= found.zero_point <= highest
    assert found.low <= low + tolerance
    assert found.high >= high - tolerance
    # Moving 0 onto a code costs range on one side only.
    assert found.low >= min(low, 0) - tolerance or found.high <= max(high, 0) + tolerance


@given(st.floats(1e-9, 1e9))
def test_mantissas_have_ten_bits(value: float) -> None:
    rounded = round_up_mantissa(value)
    mantissa, _ = np.frexp(rounded)
    assert float(mantissa * 1024).is_integer()
    assert value * (1 - 1e-8) <= rounded <= value * (1 + 2 / 1024)


def test_more_shift_before_fewer_weight_codes() -> None:
    limit = 2**-0.297 * 32767
    choices = [
        choose_accumulator(0.01, peak, 8, single_slope=False)
        for peak in (0.01 * limit, 0.05 * limit, 0.15 * limit, 0.32 * limit)
    ]
    assert [choice.mac_shift for choice in choices] == [1, 3, 4, 4]
    assert [choice.shift_delta for choice in choices] == pytest.approx([0, 0, 0, 1.0])
    assert choices[-1].factor == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("layer_type", "shape", "channels_in", "channels_out", "weight", "scales_of_weight"),
    [
        ("conv", (1, 1, 4, 6), 4, 6, (3, 5), (3, 5)),
        ("conv", (1, 1, 2, 6), 4, 6, (1, 5), (3, 5)),
        ("dense", (8, 6), 4, 6, (7, 2), (3, 2)),
        ("dw", (3, 3, 4, 1), 4, 4, (2, 0), (2, 2)),
    ],
)
def test_weights_meet_their_channels(
    layer_type: str,
    shape: tuple[int, ...],
    channels_in: int,
    channels_out: int,
    weight: tuple[int, int],
    scales_of_weight: tuple[int, int],
) -> None:
    inputs: Array = np.linspace(1.0, channels_in, channels_in)
    outputs: Array = np.linspace(10.0, 9.0 + channels_out, channels_out)
    grid = scale_grid(layer_type, shape, inputs, outputs)
    assert np.broadcast_to(grid.inputs, shape[-2:])[weight] == inputs[scales_of_weight[0]]
    assert np.broadcast_to(grid.outputs, shape[-2:])[weight] == outputs[scales_of_weight[1]]


@pytest.mark.parametrize(("bits", "highest"), [(4, 7), (8, 127)])
def test_narrow_weights_are_signed(bits: int, highest: int) -> None:
    kernel = np.linspace(-0.5, 1.0, 12).reshape(1, 1, 3, 4)
    ones = np.ones(4)
    grid = scale_grid("conv", kernel.shape, np.ones(3), ones)
    found = quantize_kernel(kernel, grid, ones, ones, (8, bits))
    assert found.codes.dtype == np.int8
    assert found.codes.max() in (highest, highest - 1)
    assert found.zero_point == 0
    np.testing.assert_allclose(
        found.codes * found.kernel_scale, kernel, atol=found.kernel_scale.max() / 2
    )


def test_layer_without_weights_can_hold_its_bias() -> None:
    kernel, ones = np.zeros((1, 1, 3, 2)), np.ones(2)
    grid = scale_grid("conv", kernel.shape, np.ones(3), ones)
    found = quantize_kernel(kernel, grid, ones, np.array([5.0, 2.0]), (8, 8))
    bias = quantize_bias(np.array([5.0, 2.0]), found, 7.0, double_scale=True)
    dequantized = bias.codes * bias.factor * 2.0**-found.choice.mac_shift * found.accumulator_scale
    assert not found.codes.any()
    np.testing.assert_allclose(dequantized, [5.0, 2.0], rtol=1e-3)


@given(st.floats(-(2**30), 2**30))
def test_single_channel_bias_has_a_close_factor(wanted: float) -> None:
    kernel = QuantizedKernel(
        codes=np.zeros((1, 1), np.int16),
        zero_point=0,
        choice=AccumulatorChoice(1.0, 0, 0.0),
        accumulator_scale=np.ones(1),
        kernel_scale=np.ones((1, 1)),
        clip_values=(0.0, 0.0),
    )
    bias = quantize_bias(np.array([wanted]), kernel, 0.0, double_scale=False)
    assert abs(int(bias.codes[0])) <= MAX_BIAS_CODE
    error = abs(int(bias.codes[0]) * bias.factor - wanted)
    assert error <= max(1.0, 1e-4 * abs(wanted))
    factors = np.arange(max(1, np.ceil(abs(wanted) / MAX_BIAS_CODE)), MAX_BIAS_FACTOR + 1)
    rest = np.mod(wanted, factors)
    assert error == pytest.approx(np.minimum(rest, factors - rest).min(), abs=1e-6)


def test_zero_point_leaves_through_the_bias() -> None:
    """Integer arithmetic of one layer, written out, against the float product."""
    rng = np.random.default_rng(1)
    inputs, kernel = rng.uniform(-1.0, 2.0, (500, 6)), rng.normal(size=(6, 3))
    bias = rng.normal(size=3)
    preact = inputs @ kernel + bias
    enter = calibrated_encoding(inputs.min(axis=0), inputs.max(axis=0), 8)
    leave = calibrated_encoding(preact.min(axis=0), preact.max(axis=0), 8)
    grid = scale_grid("dense", kernel.shape, enter.scales, leave.scales)
    found = quantize_kernel(kernel, grid, leave.scales, np.abs(preact).max(axis=0), (8, 8))
    codes = quantize_bias(bias, found, enter.zero_points[0], double_scale=True)
    raw = np.rint(inputs / enter.scales + enter.zero_points)
    acc = (raw @ found.codes.astype(float) + codes.codes * codes.factor) * (
        2.0**-found.choice.mac_shift
    )
    assert enter.zero_points[0] > 0
    assert np.abs(acc).max() <= 32767
    np.testing.assert_allclose(
        acc * found.accumulator_scale, preact, atol=0.02 * np.abs(preact).max()
    )
