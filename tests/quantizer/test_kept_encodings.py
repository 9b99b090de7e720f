"""Encodings of changed networks with branches, splitters and sums."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fixtures.builders import build_layer, build_network, build_statistics
from tests.har.archives import NAME, conv_layer, dense_layer
from tests.har.samples import present
from utils.har.model import Model, load_model
from utils.har.network import Layer, Network
from utils.har.quantization import Encoding
from utils.quantizer.calibrated_encoding import narrowed
from utils.quantizer.calibration import LayerStatistics
from utils.quantizer.requantizer import Requantized, Requantizer
from utils.quantizer.writer import build_quantized_har

FULL, HALF = (4, 4, 6), (4, 4, 3)


def conv(name: str, source: str, shape: tuple[int, int, int], channels: int) -> Layer:
    kernel = (1, 1, channels, shape[2])
    layer = conv_layer(name, shape, kernel, activation="linear")
    return Layer(**{**layer.__dict__, "inputs": (f"{NAME}/{source}",)})


def branching() -> Network:
    """A splitter whose halves go different ways, a concat, a sum, pools."""
    fc1 = dense_layer("fc1", (6, 2), "linear")
    return build_network(
        [
            build_layer("input_layer1", shape=FULL, mode=""),
            conv("conv1", "input_layer1", FULL, 6),
            build_layer(
                "feature_splitter1", inputs=["conv1"], shape=HALF, mode="", split_sizes=[3, 3]
            ),
            conv("conv2", "feature_splitter1", HALF, 3),
            build_layer("concat1", inputs=["feature_splitter1", "conv2"], shape=FULL, mode=""),
            conv("conv3", "concat1", FULL, 6),
            build_layer("ew_add1", inputs=["conv3", "concat1"], shape=FULL, mode=""),
            build_layer("avgpool1", inputs=["ew_add1"], shape=(1, 1, 6), mode=""),
            Layer(**{**fc1.__dict__, "inputs": (f"{NAME}/avgpool1",)}),
            build_layer("output_layer1", inputs=["fc1"], shape=(1, 1, 2), mode=""),
        ]
    )


# Measured range of every layer; layers that hand codes on have what enters them.
RANGES = {
    "input_layer1": (-1.0, 3.0),
    "conv1": (-4.0, 4.5),
    "feature_splitter1": (-4.0, 4.5),
    "conv2": (-2.0, 7.0),
    "concat1": (-4.0, 7.0),
    "conv3": (-6.0, 5.0),
    "ew_add1": (-9.0, 11.0),
    "avgpool1": (-9.0, 11.0),
    "fc1": (-3.0, 20.0),
    "output_layer1": (-3.0, 20.0),
}


def archive(tmp_path: Path, **facts: Any) -> Model:
    network, rng = branching(), np.random.default_rng(2)
    weights: dict[str, NDArray[Any]] = {}
    for layer in network:
        shape = layer.params.get("kernel_shape")
        if shape:
            weights[f"{layer.base_name}/kernel"] = rng.normal(size=shape)
            weights[f"{layer.base_name}/bias"] = rng.normal(size=shape[-1])
    statistics = {}
    for layer in network:
        low, high = RANGES[layer.base_name]
        seen = build_statistics(low, high, channels=layer.output_shape[2])
        statistics[layer.name] = LayerStatistics(seen, seen)
    path = str(tmp_path / "branching.har")
    build_quantized_har(
        path,
        name=NAME,
        network=network,
        weights=weights,
        statistics=statistics,
        **facts,
    )
    return load_model(path)


def modes_of(found: Requantized) -> dict[str, str]:
    return {name.rpartition("/")[2]: layer.mode.text for name, layer in found.layers.items()}


def output(found: Requantized, name: str) -> Encoding:
    return found.layers[f"{NAME}/{name}"].output


def span(encoding: Encoding, highest: int) -> tuple[float, float]:
    """Real numbers that the codes of the widest channel stand for."""
    scale, zero_point = encoding.scales.max(), encoding.zero_points[0]
    return -zero_point * scale, (highest - zero_point) * scale


def test_unchanged_branches_stay_as_stored(tmp_path: Path) -> None:
    model = archive(tmp_path)
    assert not Requantizer(model).apply().layers
    assert modes_of(Requantizer(model).apply({"fc1": "a16_w16"})) == {
        "avgpool1": "a8_w8_a16",
        "fc1": "a16_w16_a16",
        "output_layer1": "a16_w16_a16",
    }


def test_a_concat_and_all_that_enters_it_get_16_bit(tmp_path: Path) -> None:
    found = Requantizer(archive(tmp_path)).apply({"conv3": "a16_w16"})
    assert not found.kept_float
    assert modes_of(found) == {
        "conv1": "a8_w8_a16",
        "feature_splitter1": "a16_w16_a16",
        # One half goes on at 8 bit, and the sum reads the concat at 8 bit.
        "precision_change0": "a16_w8_a8",
        "conv2": "a8_w8_a16",
        "concat1": "a16_w16_a16",
        "precision_change1": "a16_w8_a8",
        "conv3": "a16_w16_a8",
    }
    for name in ("conv1", "conv2", "concat1"):
        assert span(output(found, name), 32767) == pytest.approx(RANGES[name], rel=0.03)
    splitter, conv1 = output(found, "feature_splitter1"), output(found, "conv1")
    assert set(splitter.scales) == set(conv1.scales)
    assert set(splitter.zero_points) == set(conv1.zero_points)


def test_what_goes_back_to_8_bit_is_coded_as_before(tmp_path: Path) -> None:
    """So a layer behind it, here conv2, keeps its weights, and ew_add1 all that it had."""
    model = archive(tmp_path)
    found = Requantizer(model).apply({"conv3": "a16_w16"})
    for change, source in (
        ("precision_change0", "feature_splitter1"),
        ("precision_change1", "concat1"),
    ):
        before = present(model.encoding(f"{NAME}/{source}"))
        np.testing.assert_array_equal(output(found, change).scales, before.scales)
        np.testing.assert_array_equal(output(found, change).zero_points, before.zero_points)
    made = present(found.layers[f"{NAME}/conv2"].multiplication)
    stored = model.quantized.layer(f"{NAME}/conv2")
    np.testing.assert_array_equal(made.quantized_kernel.codes, stored["kernel"])
    assert f"{NAME}/ew_add1" not in found.layers


def test_a_range_goes_through_a_splitter_but_not_through_a_concat(tmp_path: Path) -> None:
    model = archive(tmp_path)
    found = Requantizer(model).apply(ranges={"conv1": (-1.0, 1.0)})
    assert set(modes_of(found)) == {"conv1", "feature_splitter1", "conv2", "concat1"}
    assert span(output(found, "feature_splitter1"), 255) == pytest.approx((-1.0, 1.0), abs=0.02)
    conv2, concat = found.layers[f"{NAME}/conv2"], found.layers[f"{NAME}/concat1"]
    np.testing.assert_array_equal(conv2.inputs[0].scales, output(found, "feature_splitter1").scales)
    np.testing.assert_array_equal(
        conv2.output.scales, present(model.encoding(f"{NAME}/conv2")).scales
    )
    np.testing.assert_array_equal(
        concat.output.scales, present(model.encoding(f"{NAME}/concat1")).scales
    )
    assert [len(entering.scales) for entering in concat.inputs] == [3, 3]


def test_rearranged_channels_change_as_what_enters_them(tmp_path: Path) -> None:
    """Which channels a splitter takes is not known, so its scales are changed, not looked up."""
    model = archive(tmp_path, equalization={"conv1": np.linspace(0.5, 1.0, 6)})
    found = Requantizer(model).apply(ranges={"conv1": (-2.0, 2.25)})
    factors = [
        output(found, name).scales / present(model.encoding(f"{NAME}/{name}")).scales
        for name in ("conv1", "feature_splitter1")
    ]
    np.testing.assert_allclose(factors[0], factors[0][0])
    np.testing.assert_allclose(factors[1], factors[0][0])
    splitter = output(found, "feature_splitter1")
    assert (splitter.low, splitter.high) == pytest.approx(span(splitter, 255))


def test_a_pool_follows_what_it_had_taken_over(tmp_path: Path) -> None:
    found = Requantizer(archive(tmp_path)).apply(ranges={"ew_add1": (-2.0, 2.0)})
    assert set(modes_of(found)) == {"ew_add1", "avgpool1", "fc1"}
    np.testing.assert_array_equal(output(found, "avgpool1").scales, output(found, "ew_add1").scales)


def test_a_pool_with_a_range_of_its_own_keeps_it(tmp_path: Path) -> None:
    """Of two changes, both ranges hold, and only the pool's reaches what is behind it."""
    ranges = {"ew_add1": (-2.0, 2.0), "avgpool1": (-1.0, 1.0)}
    found = Requantizer(archive(tmp_path)).apply(ranges=ranges)
    assert span(output(found, "avgpool1"), 255) == pytest.approx((-1.0, 1.0), abs=0.02)
    assert span(output(found, "ew_add1"), 255) == pytest.approx((-2.0, 2.0), abs=0.04)
    entering = found.layers[f"{NAME}/fc1"].inputs[0]
    np.testing.assert_array_equal(entering.scales, output(found, "avgpool1").scales)


@pytest.mark.parametrize("highest", [255, 32767])
def test_equalization_is_kept_at_any_width(highest: int) -> None:
    before = Encoding(np.array([0.08, 0.02, 0.04]), np.full(3, 50.0), -4.0, 16.4)
    after = narrowed(before, -1.0, 3.0, highest)
    np.testing.assert_allclose(after.scales / before.scales, after.scales[0] / before.scales[0])
    assert np.all(after.zero_points == np.round(after.zero_points))
    low, high = span(after, highest)
    assert low <= -1.0 + 1e-9
    assert high >= 3.0 - 1e-9
    assert (after.low, after.high) == pytest.approx((low, high))
    assert high - low < 4.0 * (1 + 2 / highest)
