"""conv and dw whose weights are the output of another layer, against onnxruntime."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.emulator.emulation import assert_close, layer_of, noise, run
from tests.emulator.geometry import Geometry
from tests.emulator.onnx_oracle import image_operator, run_onnx
from utils.errors import UnsupportedLayerError

CONV: dict[str, Any] = {"strides": [1, 1, 1, 1], "padding": "VALID"}


def test_dynamic_weights_of_a_1x1_conv() -> None:
    image, weights = noise(2, 3, 4, 6), noise(2, 1, 6, 5, seed=1)
    layer = layer_of("conv", **CONV, dynamic_weights=True, kernel_shape=[1, 1, 6, 5])
    expected = run_onnx("MatMul", image.reshape(2, 12, 6), weights[:, 0]).reshape(2, 3, 4, 5)
    assert_close(run(layer, image, weights), expected)
    bias = noise(5, seed=2)
    assert_close(run(layer, image, weights, parameters={"bias": bias}), expected + bias)
    added = layer_of(
        "conv", **CONV, dynamic_weights=True, elementwise_add=True, kernel_shape=[1, 1, 6, 5]
    )
    assert_close(run(added, image, weights, expected), 2 * expected)


@pytest.mark.parametrize("padding", ["VALID", "SAME", "SAME_TENSORFLOW"])
@pytest.mark.parametrize(("strides", "dilations"), [((1, 1), (1, 1)), ((2, 1), (1, 2))])
def test_dynamic_weights_of_a_dw_differ_per_sample(
    padding: str, strides: tuple[int, int], dilations: tuple[int, int]
) -> None:
    geometry = Geometry((8, 7), (3, 2), strides, dilations, padding, groups=3, fan_in=1, fan_out=1)
    image, weights = noise(2, 8, 7, 3), noise(2, 3, 2, 3, seed=1)
    expected = [
        image_operator(
            "Conv",
            image[sample : sample + 1],
            np.ascontiguousarray(weights[sample].transpose(2, 0, 1)[:, None]),
            **geometry.onnx_attributes(),
        )
        for sample in range(2)
    ]
    layer = layer_of("dw", **{**geometry.params(), "groups": 1}, dynamic_weights=True)
    assert_close(run(layer, image, weights), np.concatenate(expected))


def test_dynamic_weights_of_other_kernels_are_refused() -> None:
    image, weights = noise(1, 4, 4, 2), noise(1, 1, 2, 3)
    layer = layer_of("conv", **CONV, dynamic_weights=True, kernel_shape=[3, 3, 2, 3])
    with pytest.raises(UnsupportedLayerError, match="1x1 kernels only"):
        run(layer, image, weights)
    with pytest.raises(UnsupportedLayerError, match="cannot be laid over"):
        run(layer_of("dw", **CONV, dynamic_weights=True), image, noise(1, 2, 2, 3))
