"""Quantized graphs with other modes for some layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.fixtures.builders import build_layer, build_network, chain, replaced
from tests.har.samples import QUANTIZED, sample_model
from utils.errors import ArchiveError
from utils.har.network import Network
from utils.quantizer.changed_graph import changed_graph, completed_modes
from utils.quantizer.precision_plan import quantized_graph


def line(modes: Mapping[str, str] | None = None) -> Network:
    names = ("input_layer1", "conv1", "maxpool1", "conv2", "conv3", "output_layer1")
    network = build_network(chain(*(build_layer(name, mode="") for name in names)))
    return quantized_graph(network, modes or {})


def branches(modes: Mapping[str, str]) -> Network:
    network = build_network(
        [
            build_layer("input_layer1"),
            build_layer("conv1", inputs=["input_layer1"]),
            build_layer("conv2", inputs=["conv1"]),
            build_layer("conv3", inputs=["conv1"]),
            build_layer("output_layer1", inputs=["conv2"]),
            build_layer("output_layer2", inputs=["conv3"]),
        ],
        ["conv3", "conv2"],
    )
    return quantized_graph(network, modes)


def facts_of(network: Network) -> dict[str, Any]:
    order = [layer.name for layer in network.output_layers]
    return {"layers": dict(network.layers), "outputs": order}


CHANGES: list[tuple[dict[str, str], dict[str, str]]] = [
    ({}, {"conv1": "a16_w16"}),
    ({"conv1": "a16_w16"}, {"conv1": "a8_w8"}),
    ({"conv1": "a16_w16"}, {"conv2": "a16_w16"}),
    ({"conv1": "a16_w16", "conv2": "a16_w16"}, {"conv3": "a16_w16"}),
    ({"conv2": "a16_w16"}, {"conv2": "a8_w4"}),
    ({"conv2": "a16_w16"}, {"conv3": "a8_w4"}),
]


@pytest.mark.parametrize(("first", "then"), CHANGES)
def test_changes_give_what_all_modes_at_once_give(
    first: dict[str, str], then: dict[str, str]
) -> None:
    assert facts_of(changed_graph(line(first), then)) == facts_of(line({**first, **then}))


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({}, {"conv2": "a16_w16"}),
        ({"conv2": "a16_w16"}, {"conv3": "a16_w16"}),
        ({"conv2": "a16_w16"}, {"conv2": "a8_w8"}),
        ({"conv1": "a8_w8_a16", "conv2": "a16_w16"}, {"conv3": "a8_w4"}),
    ],
)
def test_changes_where_consumers_differ(first: dict[str, str], then: dict[str, str]) -> None:
    assert facts_of(changed_graph(branches(first), then)) == facts_of(branches({**first, **then}))


@pytest.mark.parametrize("name", QUANTIZED)
def test_graphs_of_real_archives_are_those_of_their_modes(name: str) -> None:
    """Taking all to 16 bit and back leaves no trace."""
    network = completed_modes(sample_model(name).network)
    modes = {
        layer.name: str(layer.quantization_params["precision_mode"])
        for layer in network
        if layer.type in ("conv", "dense")
    }
    there = changed_graph(network, dict.fromkeys(modes, "a16_w16"))
    assert {there[layer].quantization_params["precision_mode"] for layer in modes} == {
        "a16_w16_a16"
    }
    assert facts_of(changed_graph(there, modes)) == facts_of(network)


def test_what_does_not_change_keeps_what_is_recorded_of_it() -> None:
    layers = [
        build_layer(layer.base_name, inputs=[i.rpartition("/")[2] for i in layer.inputs])
        for layer in line()
    ]
    for layer in layers:
        layer.quantization_params["quantization_groups"] = 4  # type: ignore[index]
    found = changed_graph(completed_modes(build_network(layers)), {"conv2": "a16_w16"})
    groups = {layer.base_name: layer.quantization_params["quantization_groups"] for layer in found}
    assert {name for name, number in groups.items() if number == 4} == {
        "input_layer1",
        "conv3",
        "output_layer1",
    }


@pytest.mark.parametrize("mode", ["", "native", "a8_w8_a12", "a8_w5_a8"])
def test_a_mode_that_is_not_known_counts_as_8_bit(mode: str) -> None:
    network = build_network(chain(build_layer("input_layer1"), build_layer("conv1", mode=mode)))
    params = completed_modes(network)["net/conv1"].quantization_params
    assert params["precision_mode"] == "a8_w8_a8"
    assert params["bias_mode"] == "double_scale_initialization"


@pytest.mark.parametrize("modes", [{"conv9": "a8_w8"}, {"conv1": "native"}, {"conv1": "a8_w8_a4"}])
def test_unknown_layers_and_modes(modes: dict[str, str]) -> None:
    with pytest.raises(ArchiveError):
        changed_graph(line(), modes)


def test_layers_without_shapes_do_not_stop_a_change() -> None:
    layers = chain(build_layer("input_layer1"), build_layer("conv1"), build_layer("conv2"))
    network = Network("net", [replaced(la, output_shapes=()) for la in build_network(layers)])
    found = changed_graph(completed_modes(network), {"conv2": "a16_w16"})
    assert found["net/conv1"].quantization_params["precision_mode"] == "a8_w8_a16"
