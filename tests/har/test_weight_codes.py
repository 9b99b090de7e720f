from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.fixtures.builders import build_layer, build_model
from utils.har.weight_codes import MAX_TABLE, ChannelCodes, channel_codes


def codes(kernel: Any, type: str = "conv", mode: str = "a8_w8", **more: Any) -> ChannelCodes | None:
    arrays = {"x1/kernel": np.asarray(kernel), **{f"x1/{k}": v for k, v in more.items()}}
    model = build_model([build_layer("x1", type, mode=mode)], quantized=arrays)
    return channel_codes(model, model.network["net/x1"])


def found(*arguments: Any, **more: Any) -> ChannelCodes:
    result = codes(*arguments, **more)
    assert result is not None
    return result


@pytest.mark.parametrize("kernel", [np.zeros((0, 3)), [[np.nan, 1.0]], ["a"], [1, 2, 3]])
def test_what_are_no_weights_by_channel_gives_nothing(kernel: Any) -> None:
    assert codes(kernel) is None


def test_layers_without_weights_give_nothing() -> None:
    assert codes(np.ones((2, 2)), type="maxpool") is None


def test_codes_are_counted_without_their_zero_point() -> None:
    kernel = np.array([[[[3, 7], [3, 9], [5, 7]]]], dtype=np.uint8)  # 3 inputs, 2 outputs
    result = found(kernel, zp_kernel=np.array(4.0))
    assert result.lowest.tolist() == [-1, 3]
    assert result.highest.tolist() == [1, 5]
    assert result.used.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("mode", "limit"), [("a8_w4", 7), ("a8_w8", 127), ("a16_w16", 16383), ("", 127)]
)
def test_the_limit_is_that_of_the_bits(mode: str, limit: int) -> None:
    assert found(np.ones((2, 2)), mode=mode).limit == limit


def test_the_channels_of_a_depthwise_layer_are_its_inputs() -> None:
    kernel = np.arange(8).reshape(2, 2, 2, 1)
    assert found(kernel, type="dw").lowest.tolist() == [0, 1]


@pytest.mark.parametrize("reach", [100, MAX_TABLE * 4])
def test_both_ways_of_counting_agree_with_sets(reach: int) -> None:
    kernel = np.random.default_rng(0).integers(-reach, reach, (3, 3, 5, 7))
    expected = [len(set(kernel[..., channel].ravel().tolist())) for channel in range(7)]
    assert found(kernel).used.tolist() == expected
