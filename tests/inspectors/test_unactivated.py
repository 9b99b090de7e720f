from __future__ import annotations

from collections.abc import Sequence

import pytest

from inspectors.unactivated import enters_no_activation
from tests.fixtures.builders import build_layer, build_model
from utils.har.network import Layer

SUM = ["conv1", "input_layer1"]
CASES: dict[str, tuple[Sequence[Layer], bool]] = {
    "weights": ([build_layer("conv2", activation="relu")], True),
    "sum": ([build_layer("ew_add1", inputs=SUM), build_layer("conv2", activation="relu")], True),
    "sum-with-relu": (
        [build_layer("ew_add1", inputs=SUM, activation="relu"), build_layer("conv2")],
        False,
    ),
    "activation-behind-a-pool": (
        [build_layer("avgpool1"), build_layer("activation1", activation="silu")],
        False,
    ),
    "added-in-a-layer-with-relu": (
        [
            build_layer(
                "conv2",
                inputs=["input_layer1", "conv1"],
                elementwise_add=True,
                activation="relu",
            )
        ],
        False,
    ),
    "multiplied-in-a-layer-that-adds": (
        [build_layer("conv2", inputs=SUM, elementwise_add=True, activation="relu")],
        True,
    ),
    "softmax": ([build_layer("softmax1")], False),
    "output": ([], False),
}


@pytest.mark.parametrize(("behind", "expected"), CASES.values(), ids=CASES)
def test_what_stands_before_the_next_weights_decides(
    behind: Sequence[Layer], expected: bool
) -> None:
    layers = [build_layer("input_layer1"), build_layer("conv1"), *behind]
    network = build_model([*layers, build_layer("output_layer1")]).network
    assert enters_no_activation(network, network["net/conv1"]) is expected


def test_an_activation_of_its_own_is_one() -> None:
    layers = [build_layer("input_layer1"), build_layer("conv1", activation="relu")]
    network = build_model([*layers, build_layer("conv2"), build_layer("output_layer1")]).network
    assert not enters_no_activation(network, network["net/conv1"])
