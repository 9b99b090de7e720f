from __future__ import annotations

from collections.abc import Mapping

import pytest

from utils.har.quantization import PrecisionMode, parse_precision_mode
from utils.quantizer.four_bit_weights import eight_bit_modes, with_eight_bit_weights


def mode(text: str) -> PrecisionMode:
    parsed = parse_precision_mode(text)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a8_w4", "a8_w8"),
        ("a8_w4_a8", "a8_w8"),
        ("a8_w4_a16", "a8_w8_a16"),
        ("a16_w4_a8", "a16_w8_a8"),
        ("a8_w4_exp_a8", "a8_w8"),
    ],
)
def test_only_the_weights_change_their_width(before: str, after: str) -> None:
    assert with_eight_bit_weights(mode(before)) == after


@pytest.mark.parametrize(
    ("shares", "to_blame"),
    [
        ([{"conv1": 0.05, "conv2": 0.04, "conv3": 0.91}], ""),  # 8-bit layers make the noise
        ([{"conv1": 0.9, "conv2": 0.05, "conv3": 0.05}], "conv1 conv2"),
        ([{"conv1": 0.9, "conv2": 0.04, "conv3": 0.06}], "conv1"),  # below a tenth of the mean
        ([{"conv1": 0.9}, {"conv2": 0.9}], "conv1 conv2"),  # each at another output
        ([{}], ""),
        ([], ""),
    ],
)
def test_the_layers_whose_4_bit_make_the_noise_get_8(
    shares: list[Mapping[str, float]], to_blame: str
) -> None:
    compressed = {"conv1": mode("a8_w4"), "conv2": mode("a8_w4")}
    assert " ".join(eight_bit_modes(compressed, shares)) == to_blame
