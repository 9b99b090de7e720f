from __future__ import annotations

from typing import Any

import pytest

from inspectors.architecture.kinds import (
    attention_matmuls,
    is_convolutional,
    is_transformer,
    windowed_convolutions,
)
from tests.fixtures.builders import build_layer, build_network, chain
from tests.inspectors.output_contract.judged import Head, detector
from utils.har.network import Network


def row(*names: str) -> Network:
    layers = [build_layer("input_layer1"), *map(build_layer, names), build_layer("output_layer1")]
    return build_network(chain(*layers))


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (row("conv1", "softmax1"), False),
        (row("matmul1", "softmax1"), False),
        (row("matmul1", "matmul2"), False),
        (row("matmul1", "softmax1", "matmul2"), True),
        (row("matmul1", "layer_normalization1", "matmul2"), True),
    ],
)
def test_attention_takes_two_products_and_a_softmax_or_layer_norm(
    network: Network, expected: bool
) -> None:
    assert is_transformer(network) is expected
    assert bool(attention_matmuls(network)) is expected


@pytest.mark.parametrize("normalized", [False, True])
def test_an_attention_block_makes_no_transformer_of_a_detector(normalized: bool) -> None:
    trunk = ["matmul1", "softmax1", "matmul2"]
    trunk += ["layer_normalization1"] if normalized else []
    network = detector(Head(64), Head(3), trunk=trunk)
    assert attention_matmuls(network)
    assert is_transformer(network) is normalized


@pytest.mark.parametrize(
    ("kernel", "is_windowed"),
    [
        ([1, 1, 3, 8], False),
        ([3, 3, 3, 8], True),
        ([1, 3, 3, 8], True),
        ([3, 1, 3, 8], True),
        ([], False),
        (["3", None], False),
        ("3x3", False),
        (None, False),
        ([True, 3], False),
    ],
)
def test_a_window_is_larger_than_a_pixel(kernel: Any, is_windowed: bool) -> None:
    convs = [build_layer(f"conv{i}", kernel_shape=kernel) for i in (1, 2)]
    layers = [build_layer("input_layer1"), *convs, build_layer("output_layer1")]
    network = build_network(chain(*layers))
    assert (len(windowed_convolutions(network)) == 2) is is_windowed
    assert is_convolutional(network) is is_windowed
