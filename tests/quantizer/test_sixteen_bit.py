from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from tests.fixtures.builders import build_layer, build_network, chain, scoped
from tests.har.samples import sample_model
from utils.errors import ArchiveError
from utils.har.network import Layer, Network
from utils.har.quantization import PrecisionMode, parse_precision_mode
from utils.quantizer.precision_plan import quantized_graph
from utils.quantizer.sixteen_bit import closed_modes, cost, macs, obstacle, sixteen_bit_mode


def mode_of(layer: str, target: str = "hailo8", current: str = "a8_w8_a8") -> str:
    return sixteen_bit_mode(build_layer(layer), target, parse_precision_mode(current))


@pytest.mark.parametrize(
    ("layer", "target", "expected"),
    [
        ("conv1", "hailo8", "a16_w16"),
        ("conv1", "", "a16_w16"),
        ("conv1", "hailo15l", "a16_w8"),
        ("ew_add1", "hailo15l", "a16_w16"),
        ("matmul1", "hailo8l", "a8_w8_a16"),
        ("matmul1", "hailo10h", ""),
        ("softmax1", "hailo10h", ""),
        ("softmax1", "hailo8", "a16_w16"),
        ("concat1", "hailo8", ""),
        ("maxpool1", "hailo8", ""),
        ("feature_splitter1", "hailo15h", ""),
    ],
)
def test_modes_are_those_that_chip_and_type_accept(layer: str, target: str, expected: str) -> None:
    assert mode_of(layer, target) == expected
    if not expected:
        assert obstacle(build_layer(layer), target)


@pytest.mark.parametrize(
    ("layer", "current", "expected"),
    [
        ("conv1", "a16_w16_a8", ""),
        ("conv1", "a16_w8_a16", "a16_w16"),
        ("conv1", "a8_w8_a16", "a16_w16"),
        ("matmul1", "a8_w8_a16", ""),
        ("matmul1", "a8_w8_a8", "a8_w8_a16"),
    ],
)
def test_what_a_layer_has_already_is_no_gain(layer: str, current: str, expected: str) -> None:
    assert mode_of(layer, current=current) == expected


def test_obstacles_in_words() -> None:
    assert "hand on the codes" in obstacle(build_layer("concat1"), "hailo8")
    assert "already (a16_w16)" in obstacle(build_layer("conv1"), "hailo8")
    assert "kept at 8 bit on hailo10h" in obstacle(build_layer("softmax1"), "hailo10h")


def closure(
    network: Network, *layers: str, target: str = "hailo8", **current: str
) -> dict[str, str]:
    """Modes by unscoped name; layers have a8_w8_a8 unless said otherwise."""

    def mode(name: str) -> PrecisionMode | None:
        return parse_precision_mode(current.get(network[name].base_name, "a8_w8_a8"))

    found = closed_modes(network, layers, target, mode)
    return {network[name].base_name: mode for name, mode in found.items()}


def line(*names: str) -> Network:
    return build_network(chain(*(build_layer(name) for name in names)))


def test_a_layer_behind_the_input_stands_alone() -> None:
    network = line("input_layer1", "conv1", "conv2", "output_layer1")
    assert closure(network) == {}
    assert closure(network, "conv1") == {"conv1": "a16_w16"}
    assert closure(network, "net/conv1") == {"conv1": "a16_w16"}


def test_the_producer_in_front_writes_16_bit() -> None:
    network = line("input_layer1", "conv1", "maxpool1", "shortcut1", "conv2", "conv3")
    assert closure(network, "conv2") == {"conv1": "a8_w8_a16", "conv2": "a16_w16"}
    assert closure(network, "conv2", conv1="a8_w4_a8")["conv1"] == "a8_w4_a16"
    assert closure(network, "conv2", conv1="a16_w16_a8")["conv1"] == "a16_w16_a16"
    assert closure(network, "conv2", conv1="a8_w8_a16") == {"conv2": "a16_w16"}
    assert closure(network, "conv1", "conv2") == {"conv1": "a16_w16", "conv2": "a16_w16"}


def test_only_what_reads_16_bit_needs_its_producers() -> None:
    network = line("input_layer1", "conv1", "matmul1", "conv2")
    assert closure(network, "matmul1") == {"matmul1": "a8_w8_a16"}
    assert closure(network, "conv2", "matmul1") == {"matmul1": "a8_w8_a16", "conv2": "a16_w16"}
    assert closure(network, "conv2", target="hailo15l") == {
        "matmul1": "a8_w8_a16",
        "conv2": "a16_w8",
    }


def joined() -> Network:
    """Two branches and the input meet in a concat; one of them is split and joined before."""
    return build_network(
        [
            build_layer("input_layer1"),
            build_layer("conv1", inputs=["input_layer1"]),
            build_layer("feature_splitter1", inputs=["conv1"]),
            build_layer("conv2", inputs=["feature_splitter1"]),
            build_layer("concat1", inputs=["feature_splitter1", "conv2"], shape=(4, 4, 6)),
            build_layer("conv3", inputs=["input_layer1"]),
            build_layer("concat2", inputs=["concat1", "conv3", "input_layer1"], shape=(4, 4, 12)),
            build_layer("conv4", inputs=["concat2"]),
            build_layer("output_layer1", inputs=["conv4"]),
        ]
    )


def test_a_concat_needs_all_its_producers() -> None:
    assert closure(joined(), "conv4") == {
        "conv1": "a8_w8_a16",
        "conv2": "a8_w8_a16",
        "conv3": "a8_w8_a16",
        "conv4": "a16_w16",
    }
    assert closure(joined(), "conv4", "conv2") == {
        "conv1": "a8_w8_a16",
        "conv2": "a16_w16",
        "conv3": "a8_w8_a16",
        "conv4": "a16_w16",
    }


@pytest.mark.parametrize("order", [("conv4", "conv2", "conv1"), ("conv1", "conv2", "conv4")])
def test_lines_stand_in_the_order_of_the_graph(order: tuple[str, ...]) -> None:
    assert list(closure(joined(), *order)) == ["conv1", "conv2", "conv3", "conv4"]


def test_layers_without_a_mode_get_no_line() -> None:
    assert closure(joined(), "concat2", "feature_splitter1") == {}


def test_unknown_layers_are_refused() -> None:
    with pytest.raises(ArchiveError, match="conv9"):
        closure(joined(), "conv9")


@pytest.mark.parametrize("layers", [["conv4"], ["conv2"], ["conv1", "conv3"], ["input_layer1"]])
def test_closed_sets_leave_a_change_of_precision_to_the_compiler_only_behind_inputs(
    layers: list[str],
) -> None:
    network = joined()
    modes = {scoped(name): mode for name, mode in closure(network, *layers).items()}
    graph = quantized_graph(network, modes)
    for layer in graph:
        mode = parse_precision_mode(str(layer.quantization_params["precision_mode"]))
        assert mode
        if layer.base_name in layers and layer.type == "conv":
            assert mode.input_bits == 16
        if layer.base_name.startswith("precision_change") and mode.output_bits == 16:
            assert graph[layer.inputs[0]].type == "input_layer"


# What it costs.


def shaped(name: str, entering: tuple[int, int, int], shape: Any, **params: Any) -> Layer:
    layers = [build_layer("input_layer1", shape=entering), build_layer(name, shape=shape, **params)]
    return build_network(chain(*layers))[scoped(name)]


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (shaped("conv1", (8, 8, 3), (4, 4, 16), kernel_shape=[3, 3, 3, 16]), 4 * 4 * 16 * 27),
        (
            shaped("conv1", (8, 8, 6), (4, 4, 16), kernel_shape=[3, 3, 3, 16], groups=2),
            4 * 4 * 16 * 27,
        ),
        (
            shaped("dw1", (8, 8, 6), (4, 4, 6), kernel_shape=[3, 3, 6, 1], groups=6),
            4 * 4 * 6 * 9,
        ),
        (
            shaped("deconv1", (4, 4, 6), (8, 8, 16), kernel_shape=[2, 2, 6, 16]),
            4 * 4 * 6 * 4 * 16,
        ),
        (shaped("dense1", (4, 4, 6), (1, 1, 10), kernel_shape=[96, 10]), 960),
        (shaped("matmul1", (1, 7, 8), (1, 7, 6), groups=2), 7 * 6 * 4),
        (shaped("maxpool1", (8, 8, 3), (4, 4, 3), kernel_shape=[1, 2, 2, 1]), 0),
        (shaped("conv1", (8, 8, 3), (8, 8, 16), kernel_shape="3x3"), 8 * 8 * 16 * 3),
        (build_layer("conv1"), 0),
    ],
)
def test_products_are_counted_from_shapes(layer: Layer, expected: int) -> None:
    assert macs(layer) == expected


def test_the_count_is_that_of_the_loops() -> None:
    """Every output value of a grouped, strided convolution, one product at a time."""
    height, width, groups, fan_in, fan_out, size, stride = 6, 6, 2, 3, 4, 3, 2
    count = np.zeros((), int)
    for _ in np.ndindex((height - size) // stride + 1, (width - size) // stride + 1):
        for _ in np.ndindex(groups, fan_out, fan_in, size, size):
            count += 1
    layer = shaped(
        "conv1", (6, 6, 6), (2, 2, 8), kernel_shape=[3, 3, 3, 8], groups=2, strides=[1, 2, 2, 1]
    )
    assert macs(layer) == count


def expense(modes: Mapping[str, str]) -> tuple[float, float]:
    network = build_network(
        chain(
            build_layer("input_layer1", shape=(1, 1, 10)),
            build_layer("conv1", shape=(1, 1, 30), kernel_shape=[1, 1, 10, 30]),
            build_layer("conv2", shape=(1, 1, 10), kernel_shape=[1, 1, 30, 10]),
            build_layer("conv3", shape=(1, 1, 40), kernel_shape=[1, 1, 10, 40]),
        )
    )
    weights = {"conv1": 300, "conv2": 300, "conv3": 400}
    return cost(network, modes, lambda layer: weights.get(layer.base_name, 0))


@pytest.mark.parametrize(
    ("modes", "expected"),
    [
        ({}, (0.0, 0.0)),
        ({"conv1": "a8_w8_a16"}, (0.0, 0.0)),
        ({"conv1": "a8_w8_a16", "net/conv2": "a16_w16"}, (0.3, 0.3)),
        ({"conv3": "a16_w8"}, (0.0, 0.4)),
        ({"conv1": "a16_w16", "conv2": "a16_w16", "conv3": "a16_w16"}, (1.0, 1.0)),
    ],
)
def test_cost_is_what_is_stored_and_multiplied_at_16_bit(
    modes: dict[str, str], expected: tuple[float, float]
) -> None:
    assert expense(modes) == pytest.approx(expected)


def test_a_network_without_weights_costs_nothing() -> None:
    network = line("input_layer1", "maxpool1", "output_layer1")
    assert cost(network, {}, lambda layer: 0) == (0.0, 0.0)


def test_closure_of_a_real_network() -> None:
    model = sample_model("jet_cnn_q8")
    found = closed_modes(model.network, ["conv2", "fc2"], model.hw_arch, model.precision_mode)
    assert {name.rpartition("/")[2]: mode for name, mode in found.items()} == {
        "conv1": "a8_w8_a16",
        "conv2": "a16_w16",
        "fc1": "a8_w8_a16",
        "fc2": "a16_w16",
    }
    weights, products = cost(model.float_network, found, model.weight_count)
    kernels = {"conv1": 432, "conv2": 4608, "conv3": 18432, "fc1": 131072, "fc2": 128}
    assert weights == pytest.approx((4608 + 128) / sum(kernels.values()))
    work = {
        "conv1": 432 * 1024,
        "conv2": 4608 * 256,
        "conv3": 18432 * 64,
        "fc1": 131072,
        "fc2": 128,
    }
    assert products == pytest.approx((work["conv2"] + work["fc2"]) / sum(work.values()))
