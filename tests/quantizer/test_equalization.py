"""Which layers get a scale per channel, and how far channels are amplified."""

from __future__ import annotations

import numpy as np
import pytest

from tests.fixtures.builders import build_layer, build_network, chain
from utils.har.network import Network
from utils.quantizer.equalization import (
    equalization_vector,
    is_source,
    readers,
    reading_weights,
)


def names(network: Network, name: str) -> list[str] | None:
    found = readers(network, network[f"net/{name}"])
    return None if found is None else [layer.base_name for layer in found]


def test_weights_behind_pools_absorb_scales() -> None:
    network = build_network(
        chain(
            build_layer("input_layer1"),
            build_layer("conv1"),
            build_layer("maxpool1"),
            build_layer("dw1"),
            build_layer("avgpool1"),
            build_layer("fc1", "dense"),
            build_layer("output_layer1"),
        )
    )
    assert names(network, "conv1") == ["dw1"]
    assert names(network, "dw1") == ["fc1"]
    assert names(network, "fc1") is None


@pytest.mark.parametrize("kind", ["ew_add", "concat", "softmax", "resize", "output_layer"])
def test_one_consumer_that_cannot_is_enough(kind: str) -> None:
    network = build_network(
        [
            build_layer("conv1"),
            build_layer("conv2", inputs=["conv1"]),
            build_layer(f"{kind}1", inputs=["conv1"]),
        ]
    )
    assert names(network, "conv1") is None


def test_operands_of_a_fused_addition_keep_one_scale() -> None:
    network = build_network(
        [
            build_layer("conv1"),
            build_layer("conv2", inputs=["conv1"]),
            build_layer("conv3", inputs=["conv2", "conv1"], elementwise_add=True),
            build_layer("conv4", inputs=["conv3"]),
        ]
    )
    assert names(network, "conv1") is None
    assert names(network, "conv2") is None
    assert not is_source(network["net/conv3"])
    assert is_source(network["net/conv2"])


@pytest.mark.parametrize(
    ("maximum", "weights", "reading", "expected"),
    [
        # Limited by the activation, by the weights that make a channel, by those that read it.
        ([8.0, 2.0], [1.0, 0.1], [1.0, 1.0], [1.0, 0.25]),
        ([8.0, 0.1], [1.0, 0.5], [1.0, 1.0], [1.0, 0.5]),
        ([8.0, 0.1], [1.0, 0.1], [1.0, 0.25], [1.0, 0.5]),
        ([8.0, 0.1], [1.0, 0.1], [1.0, 0.0], [1.0, 1.0]),
        ([8.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]),
        ([0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 1.0]),
    ],
)
def test_amplification(
    maximum: list[float], weights: list[float], reading: list[float], expected: list[float]
) -> None:
    found = equalization_vector(np.array(maximum), np.array(weights), [np.array(reading)])
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize(
    ("kind", "shape", "channels", "expected"),
    [
        ("conv", (1, 1, 3, 2), 3, [1, 3, 5]),
        ("dw", (1, 2, 3, 1), 3, [3, 4, 5]),
        ("dense", (6, 1), 3, [3, 4, 5]),
        ("conv", (1, 1, 2, 2), 4, [1, 3, 1, 3]),
    ],
)
def test_weights_that_read_a_channel(
    kind: str, shape: tuple[int, ...], channels: int, expected: list[float]
) -> None:
    kernel = -np.linspace(0.0, np.prod(shape) - 1.0, int(np.prod(shape))).reshape(shape)
    found = reading_weights(build_layer("conv1", kind), kernel, channels)
    np.testing.assert_array_equal(found, expected)
