"""Bounds of pre-activations against what calibration saw, and against all corners of the inputs."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tests.har.samples import QUANTIZED, present, sample_model
from utils.har.quantization import Encoding, parse_precision_mode
from utils.quantizer.archive_facts import fitting_grid
from utils.quantizer.peaks import bounded_peaks, held_peaks
from utils.quantizer.requantize import choose_accumulator, quantize_kernel, scale_grid
from utils.quantizer.stored_layers import StoredLayers


@pytest.mark.parametrize("name", QUANTIZED)
def test_stored_accumulators_tell_the_peak_within_their_shifts(name: str) -> None:
    """Never less than calibration saw; with the same choice of shift, were it made again."""
    model = sample_model(name)
    stored = StoredLayers(model)
    for layer in model.network:
        if layer.type not in ("conv", "dense"):
            continue
        kernel, _ = present(stored.weights(layer))
        codes, zero_point = present(stored.kernel_codes(layer.name))
        entering = present(stored.encoding(layer.inputs[0]))
        leaving = present(stored.uncorrected_encoding(layer.name)).scales
        grid = fitting_grid(layer, kernel, entering.scales, leaving)
        mode, shift = stored.mode(layer.name), present(stored.mac_shift(layer.name))
        found = present(
            held_peaks(kernel, codes - zero_point, grid, leaving, shift, mode.input_bits)
        )
        seen = present(stored.seen(layer.name, "preact"))
        peaks = np.maximum(np.abs(seen.minimum), np.abs(seen.maximum))
        assert (found / leaving).max() >= (peaks / leaving).max() * 0.997
        bits = mode.input_bits, mode.weight_bits
        again = quantize_kernel(kernel, grid, leaving, found, bits)
        assert again.choice.mac_shift == shift
        assert again.choice.shift_delta == pytest.approx(stored.lost_bits(layer.name), abs=0.01)


def test_weights_that_are_all_0_tell_nothing() -> None:
    kernel, ones = np.zeros((3, 2)), np.ones(2)
    grid = scale_grid("dense", kernel.shape, np.ones(3), ones)
    assert held_peaks(kernel, kernel.astype(np.int64), grid, ones, 1, 8) is None


@pytest.mark.parametrize("zero_point", [0.0, 60.0, 255.0])
def test_a_bound_holds_at_the_worst_corner_and_is_reached_there(zero_point: float) -> None:
    rng = np.random.default_rng(4)
    kernel, bias = rng.normal(size=(5, 3)), rng.normal(size=3)
    scales = rng.uniform(0.01, 0.02, 5)
    entering = Encoding(scales, np.full(5, zero_point), 0.0, 0.0)
    low, high = -zero_point * scales, (255 - zero_point) * scales
    corners = np.array([np.where(choice, high, low) for choice in product([0, 1], repeat=5)])
    worst = np.abs(corners @ kernel + bias).max(axis=0)
    grid = scale_grid("dense", kernel.shape, scales, np.ones(3))
    mode = present(parse_precision_mode("a8_w8"))
    np.testing.assert_allclose(bounded_peaks(kernel, bias, entering, grid, mode), worst)


def test_depthwise_channels_are_bounded_apart() -> None:
    kernel = np.zeros((2, 2, 3, 1))
    kernel[..., 1, 0] = 1.0
    entering = Encoding(np.full(3, 0.1), np.zeros(3), 0.0, 25.5)
    grid = scale_grid("dw", kernel.shape, entering.scales, np.ones(3))
    mode = present(parse_precision_mode("a8_w8"))
    found = bounded_peaks(kernel, np.zeros(3), entering, grid, mode)
    np.testing.assert_allclose(found, [0.0, 4 * 25.5, 0.0])


def test_a_larger_peak_never_asks_for_a_smaller_shift() -> None:
    shifts = [choose_accumulator(0.01, peak, 8, True).mac_shift for peak in np.geomspace(1, 1e5)]
    assert shifts == sorted(shifts)
