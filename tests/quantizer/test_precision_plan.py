"""Who reads and writes how many bits."""

from __future__ import annotations

import pytest

from tests.fixtures.builders import build_layer, build_network, chain
from utils.errors import ArchiveError
from utils.har.network import Network
from utils.quantizer.precision_plan import quantized_graph


def line(*names: str) -> Network:
    return build_network(chain(*(build_layer(name, mode="") for name in names)))


def modes_of(network: Network) -> dict[str, str]:
    return {layer.base_name: str(layer.quantization_params["precision_mode"]) for layer in network}


def test_eight_bits_unless_asked_for() -> None:
    found = quantized_graph(line("input_layer1", "conv1", "maxpool1", "output_layer1"), {})
    assert set(modes_of(found).values()) == {"a8_w8_a8"}
    assert {layer.base_name: layer.quantization_params["bias_mode"] for layer in found} == {
        "input_layer1": "single_scale_decomposition",
        "conv1": "double_scale_initialization",
        "maxpool1": "single_scale_decomposition",
        "output_layer1": "single_scale_decomposition",
    }


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        # Behind an input stands a change of precision; the output follows its producer.
        (
            {"conv1": "a16_w16", "conv2": "a16_w16"},
            "a8_w8_a8 a8_w8_a16 a16_w16_a16 a16_w16_a16 a16_w16_a16 a16_w16_a16",
        ),
        # The producer writes what its consumer reads, through a pool.
        ({"conv2": "a16_w16"}, "a8_w8_a8 a8_w8_a16 a16_w16_a16 a16_w16_a16 a16_w16_a16"),
        ({"conv2": "a16_w16_a8"}, "a8_w8_a8 a8_w8_a16 a16_w16_a16 a16_w16_a8 a8_w8_a8"),
        (
            {"conv1": "a16_w16"},
            "a8_w8_a8 a8_w8_a16 a16_w16_a8 a8_w8_a8 a8_w8_a8 a8_w8_a8",
        ),
        # A wish for the output yields to what is behind.
        ({"conv1": "a8_w8_a16"}, "a8_w8_a8 a8_w8_a8 a8_w8_a8 a8_w8_a8 a8_w8_a8"),
        ({"conv2": "a8_w4"}, "a8_w8_a8 a8_w8_a8 a8_w8_a8 a8_w4_a8 a8_w8_a8"),
        ({"conv2": "a8_w4_exp"}, "a8_w8_a8 a8_w8_a8 a8_w8_a8 a8_w4_exp_a8 a8_w8_a8"),
    ],
)
def test_modes_along_a_line(asked: dict[str, str], expected: str) -> None:
    network = line("input_layer1", "conv1", "maxpool1", "conv2", "output_layer1")
    assert list(modes_of(quantized_graph(network, asked)).values()) == expected.split()


def test_change_of_precision_is_part_of_the_graph() -> None:
    network = line("input_layer1", "conv1", "output_layer1")
    found = quantized_graph(network, {"net/conv1": "a16_w16"})
    change = found["net/precision_change0"]
    assert (change.type, change.activation, change.is_pass_through) == (
        "activation",
        "linear",
        True,
    )
    assert (change.inputs, change.outputs) == (("net/input_layer1",), ("net/conv1",))
    assert change.output_shape == network["net/input_layer1"].output_shape
    assert found["net/conv1"].inputs == ("net/precision_change0",)
    assert found.output_layers[0].inputs == ("net/conv1",)
    assert "net/precision_change0" not in network


def test_consumers_that_differ() -> None:
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
    found = quantized_graph(network, {"conv3": "a16_w16"})
    modes = modes_of(found)
    assert modes["conv1"] == "a8_w8_a8"
    assert modes["precision_change0"] == "a8_w8_a16"
    assert found["net/conv1"].outputs == ("net/conv2", "net/precision_change0")
    assert found["net/conv3"].inputs == ("net/precision_change0",)
    assert [layer.base_name for layer in found.output_layers] == ["output_layer2", "output_layer1"]


def test_an_input_has_16_bit_where_it_is_asked_for_them() -> None:
    network = line("input_layer1", "conv1", "output_layer1")
    found = modes_of(quantized_graph(network, {"input_layer1": "a16_w16", "conv1": "a16_w16"}))
    assert set(found.values()) == {"a16_w16_a16"}
    assert "precision_change0" not in found
    # Nobody reads them.
    found = modes_of(quantized_graph(network, {"input_layer1": "a16_w16"}))
    assert found["conv1"] == "a8_w8_a8"
    assert "precision_change0" not in found


def joined(*behind: str) -> Network:
    """Two convolutions, one of them behind a pool, in one concat."""
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"]),
        build_layer("maxpool1", inputs=["conv1"]),
        build_layer("conv2", inputs=["input_layer1"]),
        build_layer("concat1", inputs=["maxpool1", "conv2"]),
    ]
    for name in behind:
        layers.append(build_layer(name, inputs=[layers[-1].base_name]))
    return build_network(layers)


@pytest.mark.parametrize(
    ("asked", "behind", "expected"),
    [
        # What reads the concat decides on all that enters it.
        ({"conv3": "a16_w16"}, ("conv3",), "a8_w8_a16 a16_w16_a16 a8_w8_a16 a16_w16_a16"),
        ({"conv1": "a16_w16"}, ("conv3",), "a16_w16_a8 a8_w8_a8 a8_w8_a8 a8_w8_a8"),
        # Nothing does: 16 bit if all have them.
        (
            {"conv1": "a16_w16", "conv2": "a16_w16"},
            ("output_layer1",),
            "a16_w16_a16 a16_w16_a16 a16_w16_a16 a16_w16_a16",
        ),
        ({"conv1": "a16_w16"}, ("output_layer1",), "a16_w16_a8 a8_w8_a8 a8_w8_a8 a8_w8_a8"),
        ({"concat1": "a16_w16"}, ("conv3",), "a8_w8_a16 a16_w16_a16 a8_w8_a16 a16_w16_a16"),
    ],
)
def test_what_a_concat_joins_has_one_width(
    asked: dict[str, str], behind: tuple[str, ...], expected: str
) -> None:
    modes = modes_of(quantized_graph(joined(*behind), asked))
    found = [modes[name] for name in ("conv1", "maxpool1", "conv2", "concat1")]
    assert found == expected.split()


def test_a_layer_that_reads_another_twice() -> None:
    network = build_network(
        [
            build_layer("input_layer1"),
            build_layer("ew_mult1", inputs=["input_layer1", "input_layer1"]),
            build_layer("output_layer1", inputs=["ew_mult1"]),
        ]
    )
    found = quantized_graph(network, {"ew_mult1": "a16_w16"})
    assert found["net/ew_mult1"].inputs == ("net/precision_change0",) * 2
    assert found["net/precision_change0"].outputs == ("net/ew_mult1",) * 2


@pytest.mark.parametrize("modes", [{"conv9": "a8_w8"}, {"conv1": "native"}, {"conv1": "16 bit"}])
def test_unknown_layers_and_modes(modes: dict[str, str]) -> None:
    with pytest.raises(ArchiveError, match="unknown layer or mode"):
        quantized_graph(line("input_layer1", "conv1", "output_layer1"), modes)
