from __future__ import annotations

import math
from typing import Any

import pytest

from tests.fixtures.builders import SCOPE, build_layer, build_model, build_network, chain
from utils.har.network import Layer, Network
from utils.measurements.output_kind import WhatIsJudged
from utils.outputs.kinds import settled_kinds
from utils.outputs.probabilities import holds_probabilities, probability_makers
from utils.outputs.thresholds import threshold_at

JUDGED = WhatIsJudged(score_threshold=0.25)
LOGIT = math.log(0.25 / 0.75)


def layers_of(
    type_: str, first: str = "sigmoid", second: str = "sigmoid", **params: Any
) -> list[Layer]:
    """Two convs of these activations, and what takes both, or the first alone."""
    inputs = ["conv1", "conv2"] if type_.startswith(("ew_", "concat")) else ["conv1"]
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"], activation=first),
        build_layer("conv2", inputs=["input_layer1"], activation=second),
        build_layer(f"{type_}1", type_, inputs=inputs, **params),
        build_layer("output_layer1", inputs=[f"{type_}1"]),
    ]
    if len(inputs) == 1:
        layers.append(build_layer("output_layer2", inputs=["conv2"]))
    return layers


def threshold(network: Network) -> float:
    return threshold_at(network, network[f"{SCOPE}/output_layer1"], JUDGED)


KEEPING = "ew_mult ew_max ew_min avgpool global_avg_pool maxpool concat slice reduce_max square"


@pytest.mark.parametrize("type_", KEEPING.split())
@pytest.mark.parametrize("activation", ["sigmoid", "hardsigmoid"])
def test_products_extremes_and_means_of_probabilities_are_probabilities(
    type_: str, activation: str
) -> None:
    network = build_network(layers_of(type_, activation))
    assert holds_probabilities(network, network[f"{SCOPE}/{type_}1"])
    assert threshold(network) == 0.25


@pytest.mark.parametrize(
    ("type_", "options"),
    [
        ("ew_mult", {"second": "linear"}),  # a gate
        ("ew_mult", {"first": "relu"}),
        ("concat", {"second": "linear"}),
        ("ew_add", {}),
        ("ew_sub", {}),
        ("ew_div", {}),
        ("reduce_sum", {}),
        ("dw", {}),
        ("ew_mult", {"activation": "exp"}),
        ("avgpool", {"first": "tanh"}),
        ("merge", {"elementwise_add": True}),
        ("shortcut", {"elementwise_add": True}),
    ],
)
def test_what_may_leave_the_range_from_0_to_1(type_: str, options: dict[str, Any]) -> None:
    assert threshold(build_network(layers_of(type_, **options))) == LOGIT


def test_what_follows_a_product_of_scores_is_looked_through() -> None:
    layers = layers_of("ew_mult", activation="sqrt")[:-1]
    layers += [
        build_layer("resize1", inputs=["ew_mult1"], method="bilinear"),
        build_layer("softmax1", inputs=["conv2"]),
        build_layer("ew_min1", inputs=["resize1", "softmax1"]),
        build_layer("output_layer1", inputs=["ew_min1"]),
    ]
    network = build_network(layers)
    made = probability_makers(network, network[f"{SCOPE}/output_layer1"])
    assert [layer.base_name for layer in made] == ["conv1", "conv2", "softmax1"]
    assert threshold(network) == 0.25


def test_a_constant_may_be_anything() -> None:
    layers = [
        build_layer("input_layer1"),
        build_layer("const_input1"),
        build_layer("conv1", inputs=["input_layer1"], activation="sigmoid"),
        build_layer("ew_mult1", inputs=["conv1", "const_input1"]),
        build_layer("output_layer1", inputs=["ew_mult1"]),
    ]
    assert threshold(build_network(layers)) == LOGIT


def test_a_vector_of_means_of_sigmoids_holds_scores() -> None:
    shape = (1, 1, 3)
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", activation="sigmoid"),
        build_layer("avgpool1", shape=shape),
        build_layer("output_layer1", shape=shape),
    ]
    kind = settled_kinds(build_model(chain(*layers)))[f"{SCOPE}/output_layer1"]
    assert (kind.kind, kind.reason) == ("scores", "a sigmoid leaves, for each number by itself")
