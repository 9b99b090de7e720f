"""The HN graph: order, names, edges, outputs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.builders import build_layer, build_network, chain, scoped
from tests.har.samples import DIRECTORY, PARSED, QUANTIZED, sample_path
from utils.errors import ArchiveError
from utils.har.archive import open_archive
from utils.har.network import Layer, Network, network_from_hn
from utils.quantizer.writer.hn_json import hn_text


def bases(layers: Any) -> list[str]:
    return [layer.base_name for layer in layers]


def diamond() -> Network:
    """input -> conv1 -> (conv2, maxpool1) -> ew_add1 -> output."""
    return build_network(
        [
            build_layer("input_layer1"),
            build_layer("conv1", inputs=["input_layer1"]),
            build_layer("conv2", inputs=["conv1"]),
            build_layer("maxpool1", inputs=["conv1"]),
            build_layer("ew_add1", inputs=["conv2", "maxpool1"]),
            build_layer("output_layer1", inputs=["ew_add1"]),
        ]
    )


# Order.


def test_file_in_order_keeps_its_order() -> None:
    network = diamond()
    assert bases(network) == [
        "input_layer1",
        "conv1",
        "conv2",
        "maxpool1",
        "ew_add1",
        "output_layer1",
    ]
    assert len(network) == 6


def test_depth_does_not_reorder_independent_branches() -> None:
    """A long branch that the file lists first stays first."""
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"]),
        build_layer("conv2", inputs=["conv1"]),
        build_layer("conv3", inputs=["conv2"]),
        build_layer("conv4", inputs=["input_layer1"]),
        build_layer("concat1", inputs=["conv3", "conv4"]),
        build_layer("output_layer1", inputs=["concat1"]),
    ]
    assert bases(build_network(layers)) == bases(layers)


@given(st.permutations(list(diamond().layers)))
def test_any_file_order_becomes_topological(order: list[str]) -> None:
    original = diamond()
    network = Network("net", [original[name] for name in order])
    seen: set[str] = set()
    for layer in network:
        assert set(layer.inputs) <= seen
        seen.add(layer.name)
    # Layers that do not depend on each other stand in the order of the file.
    assert (bases(network).index("conv2") < bases(network).index("maxpool1")) == (
        order.index("net/conv2") < order.index("net/maxpool1")
    )


def test_inserted_layer_at_the_end_of_the_file_moves_to_its_place() -> None:
    layers = chain(
        build_layer("input_layer1"),
        build_layer("precision_change0", "activation", activation="linear"),
        build_layer("conv1"),
        build_layer("output_layer1"),
    )
    network = build_network([layers[0], layers[2], layers[3], layers[1]])
    assert bases(network) == ["input_layer1", "precision_change0", "conv1", "output_layer1"]


# Names.


def test_names_resolve_with_and_without_scope() -> None:
    network = diamond()
    assert network.resolve("net/conv1") == "net/conv1"
    assert network.resolve("conv1") == "net/conv1"
    assert network.resolve("conv9") is None
    assert network.resolve("et/conv1") is None
    assert network.resolve("") is None
    assert "net/conv1" in network
    assert "conv1" not in network


def test_name_in_two_scopes_is_ambiguous() -> None:
    layers = [
        Layer("first/input_layer1", "input_layer", output_shapes=((1, 1, 1),)),
        Layer("second/input_layer1", "input_layer", output_shapes=((1, 1, 1),)),
        Layer("second/part/conv1", "input_layer", output_shapes=((1, 1, 1),)),
    ]
    network = Network("joined", layers)
    assert network.resolve("input_layer1") is None
    assert network.resolve("second/input_layer1") == "second/input_layer1"
    assert network.resolve("conv1") == network.resolve("part/conv1") == "second/part/conv1"


def test_exact_name_wins_over_a_suffix() -> None:
    layers = [
        Layer("conv1", "input_layer", output_shapes=((1, 1, 1),)),
        Layer("net/conv1", "input_layer", output_shapes=((1, 1, 1),)),
    ]
    assert Network("net", layers).resolve("conv1") == "conv1"


@pytest.mark.parametrize(
    ("names", "described"), [((), "net/conv1"), (("/a/Conv", "/a/Relu"), "net/conv1 (/a/Conv)")]
)
def test_layers_are_described_by_both_names(names: tuple[str, ...], described: str) -> None:
    assert build_layer("conv1", original_names=names).described() == described


# Edges.


def test_neighbours_in_operand_order() -> None:
    network = diamond()
    add = network["net/ew_add1"]
    assert bases(network.predecessors(add)) == ["conv2", "maxpool1"]
    assert bases(network.successors(network["net/conv1"])) == ["conv2", "maxpool1"]


@pytest.mark.parametrize(
    ("layer", "passes"),
    [
        (build_layer("maxpool1"), True),
        (build_layer("output_layer1"), True),
        (build_layer("feature_splitter1"), True),
        (build_layer("precision_change0", "activation", activation="linear"), True),
        (build_layer("activation1", activation="tanh"), False),
        (build_layer("resize1", method="nearest_neighbor"), True),
        (build_layer("resize1", method="bilinear"), False),
        (build_layer("conv1"), False),
        (build_layer("concat1"), False),
        (build_layer("avgpool1"), False),
        (build_layer("input_layer1"), False),
    ],
)
def test_layers_that_hand_values_on(layer: Layer, passes: bool) -> None:
    assert layer.is_pass_through is passes


def test_producers_are_found_behind_pass_throughs() -> None:
    network = build_network(
        [
            build_layer("input_layer1"),
            build_layer("conv1", inputs=["input_layer1"]),
            build_layer("maxpool1", inputs=["conv1"]),
            build_layer("slice1", inputs=["maxpool1"]),
            build_layer("conv2", inputs=["slice1"]),
            build_layer("output_layer1", inputs=["slice1"]),
            build_layer("output_layer2", inputs=["conv2"]),
        ]
    )
    assert bases(network.producers(network["net/slice1"])) == ["conv1"]
    assert bases(network.producers(network["net/conv2"])) == ["conv2"]
    assert bases(network.producers(network["net/input_layer1"])) == ["input_layer1"]
    assert network.feeds_output == {"net/conv1", "net/conv2"}


def test_chains_of_forks_are_walked_once() -> None:
    """Every layer takes the one before it twice: 2**60 paths, 60 layers."""
    layers = [Layer("conv0", "conv", outputs=("s0", "s0"), output_shapes=((1, 1, 1),))]
    for index in range(60):
        before = f"s{index - 1}" if index else "conv0"
        behind = (f"s{index + 1}",) * 2 if index < 59 else ()
        layers.append(
            Layer(f"s{index}", "output_mux", (before, before), behind, output_shapes=((1, 1, 1),))
        )
    network = Network("forks", layers)
    assert bases(network.producers(network["s59"])) == ["conv0"]


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([Layer("a", "conv", outputs=("b",))], "a is connected to b, which does not exist"),
        ([Layer("a", "conv", inputs=("b",))], "a is connected to b, which does not exist"),
        (
            [Layer("a", "conv", outputs=("b",)), Layer("b", "conv")],
            "a names b as its successor, but b does not take it as an input",
        ),
        (
            [Layer("a", "conv"), Layer("b", "conv", inputs=("a",))],
            "b takes a as an input, but a does not name it as a successor",
        ),
        ([Layer("a", "conv", ("a",), ("a",))], "cycle: a -> a"),
        ([Layer("a", "conv", ("b",), ("b",)), Layer("b", "conv", ("a",), ("a",))], "cycle: "),
    ],
)
def test_inconsistent_graphs(layers: list[Layer], words: str) -> None:
    with pytest.raises(ArchiveError) as caught:
        Network("net", layers)
    assert words in str(caught.value)


# Inputs and outputs.


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ((), ["output_layer1", "output_layer2", "output_layer3"]),
        (("conv3", "conv1", "conv2"), ["output_layer3", "output_layer1", "output_layer2"]),
        (("conv2",), ["output_layer2", "output_layer1", "output_layer3"]),
        (("conv9", "conv3"), ["output_layer3", "output_layer1", "output_layer2"]),
    ],
)
def test_outputs_in_the_order_that_the_user_sees(
    order: tuple[str, ...], expected: list[str]
) -> None:
    layers = [build_layer("input_layer1")]
    for number in (1, 2, 3):
        layers.append(build_layer(f"conv{number}", inputs=["input_layer1"]))
        layers.append(build_layer(f"output_layer{number}", inputs=[f"conv{number}"]))
    network = build_network(layers, order)
    assert bases(network.output_layers) == expected
    assert bases(network.input_layers) == ["input_layer1"]


def test_splitter_records_one_shape_per_successor() -> None:
    hn = {
        "name": "net",
        "net_params": {"output_layers_order": ["net/split1"]},
        "layers": {
            "net/input_layer1": entry("input_layer", [], ["net/split1"], [[-1, 4, 4, 9]]),
            "net/split1": {
                **entry("feature_splitter", ["net/input_layer1"], ["net/a", "net/b"], []),
                "input_shapes": [[-1, 4, 4, 9]],
                "output_shapes": [[-1, 4, 4, 3], [-1, 4, 4, 6]],
            },
            "net/a": entry("output_layer", ["net/split1"], [], [[-1, 4, 4, 3]]),
            "net/b": entry("output_layer", ["net/split1"], [], [[-1, 4, 4, 6]]),
        },
    }
    network = network_from_hn(hn, "test")
    split = network["net/split1"]
    assert split.output_shapes == ((4, 4, 3), (4, 4, 6))
    assert bases(network.successors(split)) == ["a", "b"]
    assert network.feeds_output == {"net/input_layer1"}


def entry(kind: str, inputs: list[str], outputs: list[str], shapes: Any) -> dict[str, Any]:
    return {"type": kind, "input": inputs, "output": outputs, "output_shapes": shapes}


# Reading.


@pytest.mark.parametrize(
    ("shape", "expected"),
    [([-1, 4, 5, 6], (4, 5, 6)), ([-1, 10], (1, 1, 10)), ([-1, 5, 6], (1, 5, 6))],
)
def test_shapes_of_all_ages(shape: list[int], expected: tuple[int, ...]) -> None:
    layers = {"fc1": entry("dense", [], [], [shape])}
    network = network_from_hn({"layers": layers}, "test")
    assert network["fc1"].output_shape == expected


def test_layer_without_successors_repeats_its_input() -> None:
    layer = Layer("net/output_layer1", "output_layer", input_shapes=((1, 1, 7),))
    assert layer.output_shape == (1, 1, 7)
    with pytest.raises(ArchiveError, match="net/output_layer1 records no shape"):
        _ = Layer("net/output_layer1", "output_layer").output_shape


def test_defaults_of_what_old_graphs_leave_out() -> None:
    network = network_from_hn({"layers": {"conv1": {"type": "conv"}}}, "test")
    layer = network["conv1"]
    assert (network.name, layer.inputs, layer.outputs, layer.original_names) == ("", (), (), ())
    assert layer.activation == "linear"
    assert layer.quantization_params == {}


def test_graph_survives_being_written() -> None:
    network = diamond()
    again = network_from_hn(json.loads(hn_text(network, "net")), "test")
    assert [vars(layer) for layer in again] == [vars(layer) for layer in network]
    assert again.name == "net"


@pytest.mark.parametrize("name", [*QUANTIZED, *PARSED])
def test_real_graphs_are_in_order_and_survive_being_written(name: str) -> None:
    hn = open_archive(sample_path(name)).json["hn"]
    network = network_from_hn(hn, name)
    assert list(network.layers) == list(hn["layers"])
    again = network_from_hn(json.loads(hn_text(network, network.name)), name)
    assert {layer.name: vars(layer) for layer in again} == {
        layer.name: vars(layer) for layer in network
    }


@pytest.mark.parametrize("name", ["resnet_v1_18", "yolov4"])
def test_graphs_of_older_compilers(name: str) -> None:
    path = DIRECTORY.parent / "hn" / f"{name}.hn"
    if not path.is_file():
        pytest.skip(f"no sample graph {path}")
    network = network_from_hn(json.loads(path.read_text()), name)
    assert len(network) >= 25
    assert len(network.input_layers) == 1
    assert network.output_layers
    for layer in network:
        assert layer.output_shape[2] > 0
        assert network.resolve(scoped(layer.base_name).partition("/")[2]) == layer.name
