"""Precision modes and encodings."""

from __future__ import annotations

import numpy as np
import pytest

from tests.fixtures.builders import build_layer, build_network, build_parameters
from utils.har.quantization import HIGHEST_CODE, output_encoding, parse_precision_mode


@pytest.mark.parametrize(
    ("text", "bits", "variant"),
    [
        ("a8_w8", (8, 8, 8), ""),
        ("a8_w4", (8, 4, 8), ""),
        ("a8_w8_a8", (8, 8, 8), ""),
        ("a8_w8_a16", (8, 8, 16), ""),
        ("a16_w16", (16, 16, 16), ""),
        ("a16_w16_a8", (16, 16, 8), ""),
        ("a16_w8", (16, 8, 16), ""),
        ("a16_w4_a16", (16, 4, 16), ""),
        ("a8_w4_exp", (8, 4, 8), "exp"),
        ("a16_w16_non_zero", (16, 16, 16), "non_zero"),
        ("a8_w4_exp_a16", (8, 4, 16), "exp"),
    ],
)
def test_precision_modes(text: str, bits: tuple[int, int, int], variant: str) -> None:
    mode = parse_precision_mode(text)
    assert mode is not None
    assert (mode.input_bits, mode.weight_bits, mode.output_bits) == bits
    assert (mode.text, mode.variant) == (text, variant)


@pytest.mark.parametrize(
    "text",
    ["native", "", "a8", "w8", "a8_w8_a", "a8_w8_", " a8_w8", "A8_W8", "a8_w8_a8_a8", "aw_w8"],
)
def test_what_names_no_bit_widths(text: str) -> None:
    assert parse_precision_mode(text) is None


def test_sixteen_bit_codes_have_fifteen() -> None:
    assert HIGHEST_CODE == {8: 255, 16: 2**15 - 1}


def arrays() -> dict[str, np.ndarray]:
    return {
        "conv1/layer_params/output_scales": np.array([[0.1, 0.2]], np.float32),
        "conv1/layer_params/output_zero_points": np.array([[3.0, 3.0]], np.float32),
        "conv1/limvals_out": np.array([-0.6, 50.4], np.float32),
        "conv1/qp_out": np.array([3.0, 0.0], np.float32),
    }


def test_encoding_takes_the_scales_of_the_channels() -> None:
    network = build_network([build_layer("conv1")])
    found = output_encoding(build_parameters(arrays(), network).layer("net/conv1"))
    assert found is not None
    assert found.scales.dtype == found.zero_points.dtype == np.float64
    np.testing.assert_allclose(found.scales, [0.1, 0.2], rtol=1e-6)
    np.testing.assert_array_equal(found.zero_points, [3.0, 3.0])
    assert (found.low, found.high) == pytest.approx((-0.6, 50.4))


@pytest.mark.parametrize("missing", ["layer_params/output_scales", "limvals_out"])
def test_encoding_that_is_not_recorded(missing: str) -> None:
    stored = arrays()
    del stored[f"conv1/{missing}"]
    network = build_network([build_layer("conv1")])
    assert output_encoding(build_parameters(stored, network).layer("net/conv1")) is None
