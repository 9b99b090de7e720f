from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from tests.emulator.emulation import assert_close
from tests.emulator.networks import (
    Arrays,
    branched_batch,
    branched_emulator,
    branched_in_onnx,
    conv,
    emulator_of,
    filled_parameters,
    images,
    splitter,
    weights,
)
from tests.fixtures.builders import build_layer, build_network
from tests.har.samples import DIRECTORY, sample_model
from utils.emulator.floats.batch_size import default_batch_size
from utils.emulator.floats.engine import FloatEmulator
from utils.errors import DatasetError, DiagnosticError
from utils.har.network import Layer, Network, network_from_hn

INPUT = "net/input_layer1"


def shared_file(folder: str, name: str) -> Path:
    path = DIRECTORY.parent / folder / name
    if not path.is_file():
        pytest.skip(f"no sample {path}; set HAR_SAMPLES to the directory hars beside {folder}")
    return path


@pytest.mark.parametrize("samples", [1, 5])
def test_branched_network_equals_onnxruntime(samples: int) -> None:
    emulator, batch = branched_emulator(), branched_batch(samples)
    found, expected = emulator.run(batch), branched_in_onnx(batch)
    assert not emulator.not_measured
    assert list(found) == list(expected) == ["net/output_layer1", "net/output_layer2"]
    for name, values in expected.items():
        assert_close(found[name], values)


def test_any_layer_can_be_asked_for() -> None:
    batch = branched_batch(2)
    found = branched_emulator().run(batch, ["net/conv1", INPUT])
    assert list(found) == ["net/conv1", INPUT]
    assert found["net/conv1"].shape == (2, 8, 6, 7)
    np.testing.assert_array_equal(found[INPUT], batch[INPUT])


def test_splitter_is_what_it_receives() -> None:
    found = branched_emulator().run(branched_batch(2), ["net/conv1", "net/feature_splitter1"])
    np.testing.assert_array_equal(found["net/feature_splitter1"], found["net/conv1"])


def test_a_layer_may_take_both_parts_of_a_splitter() -> None:
    layers = [
        build_layer("input_layer1", shape=(2, 2, 4)),
        splitter("feature_splitter1", ["input_layer1"], [(2, 2, 2), (2, 2, 2)]),
        build_layer("ew_sub1", inputs=["feature_splitter1", "feature_splitter1"], shape=(2, 2, 2)),
        build_layer("output_layer1", inputs=["ew_sub1"], shape=(2, 2, 2)),
    ]
    batch = images(3, 2, 2, 4)
    found = emulator_of(layers, {}).run({INPUT: batch})["net/output_layer1"]
    np.testing.assert_array_equal(found, batch[..., :2] - batch[..., 2:])


def test_constants_serve_every_sample() -> None:
    constant = images(1, 2, 2, 3)[0]
    layers = [
        build_layer("input_layer1", shape=(2, 2, 3)),
        build_layer("const_input1", shape=(2, 2, 3)),
        build_layer("concat1", inputs=["input_layer1", "const_input1"], shape=(2, 2, 6)),
        build_layer("output_layer1", inputs=["concat1"], shape=(2, 2, 6)),
    ]
    batch = images(4, 2, 2, 3)
    emulator = emulator_of(layers, {"const_input1/const_data": constant})
    found = emulator.run({INPUT: batch}, ["net/const_input1", "net/output_layer1"])
    np.testing.assert_array_equal(found["net/const_input1"], np.stack([constant] * 4))
    np.testing.assert_array_equal(found["net/output_layer1"][..., 3:], np.stack([constant] * 4))


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float64, np.float16])
def test_other_number_types_become_float32(dtype: type) -> None:
    values = np.arange(2 * 4 * 4 * 3).reshape(2, 4, 4, 3)
    emulator = emulator_of(stem(), stem_arrays())
    found = emulator.run({INPUT: values.astype(dtype)})["net/output_layer1"]
    expected = emulator.run({INPUT: values.astype(np.float32)})["net/output_layer1"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)


def stem(*extra: Layer, **changes: Any) -> list[Layer]:
    """input -> conv1 -> output, and whatever else is to be tested."""
    return [
        build_layer("input_layer1", shape=(4, 4, 3)),
        conv("conv1", ["input_layer1"], (4, 4, 2), fan_in=3, **changes),
        build_layer("output_layer1", inputs=["conv1"], shape=(4, 4, 2)),
        *extra,
    ]


def stem_arrays() -> Arrays:
    return {"conv1/kernel": weights(3, 3, 3, 2), "conv1/bias": weights(2)}


def behind(name: str, source: str, shape: tuple[int, int, int] = (4, 4, 2)) -> Layer:
    return build_layer(name, inputs=[source], shape=shape)


STOPS = {
    "stop layer": ([behind("nms1", "conv1"), behind("output_layer2", "nms1")], "net/nms1"),
    "unknown type": ([behind("novelty1", "conv1"), behind("output_layer2", "novelty1")], "novelty"),
    "unknown activation": (
        [
            build_layer("activation1", inputs=["conv1"], shape=(4, 4, 2), activation="wobble"),
            behind("output_layer2", "activation1"),
        ],
        "wobble",
    ),
    "missing array": (
        [conv("conv2", ["conv1"], (4, 4, 2), fan_in=2), behind("output_layer2", "conv2")],
        "kernel",
    ),
    "other shape": (
        [behind("shortcut1", "conv1", (4, 4, 9)), behind("output_layer2", "shortcut1")],
        "(4, 4, 9)",
    ),
    "broken attribute": (
        [
            build_layer("maxpool1", inputs=["conv1"], shape=(2, 2, 2), kernel_shape="no"),
            behind("output_layer2", "maxpool1", (2, 2, 2)),
        ],
        "kernel_shape",
    ),
}


def test_nothing_stops_a_network_that_is_whole() -> None:
    emulator = emulator_of(stem(), stem_arrays())
    assert emulator.not_measured == {}
    assert emulator.assumptions == ()
    assert [layer.name for layer in emulator.layers] == list(emulator.network.layers)


@pytest.mark.parametrize(("extra", "word"), STOPS.values(), ids=STOPS)
def test_emulation_stops_where_it_must_and_nowhere_else(extra: Sequence[Layer], word: str) -> None:
    emulator = emulator_of(stem(*extra), stem_arrays())
    stopped, *dependent = (layer.name for layer in extra)
    assert list(emulator.not_measured) == [stopped, *dependent]
    assert word in emulator.not_measured[stopped]
    for name in dependent:
        assert emulator.not_measured[name].startswith(f"depends on {stopped}: ")
    batch = {INPUT: images(2, 4, 4, 3)}
    whole = emulator_of(stem(), stem_arrays()).run(batch)
    found = emulator.run(batch)
    assert list(found) == ["net/output_layer1"]
    np.testing.assert_array_equal(found["net/output_layer1"], whole["net/output_layer1"])
    with pytest.raises(DiagnosticError, match=stopped):
        emulator.run(batch, [dependent[0]])


def test_reason_is_the_first_cause() -> None:
    chain = [
        behind("nms1", "conv1"),
        behind("shortcut1", "nms1"),
        behind("output_layer2", "shortcut1"),
    ]
    emulator = emulator_of(stem(*chain), stem_arrays())
    assert emulator.not_measured["net/output_layer2"].startswith("depends on net/nms1: ")


def test_input_without_shape_stops_only_what_depends_on_it() -> None:
    lost = Layer("net/input_layer2", "input_layer", outputs=("net/shortcut1",))
    taker = Layer("net/shortcut1", "shortcut", inputs=("net/input_layer2",))
    network = Network("net", [*build_network(stem()), lost, taker])
    emulator = FloatEmulator(network, filled_parameters(network))
    assert list(emulator.not_measured) == ["net/input_layer2", "net/shortcut1"]
    assert list(emulator.input_shapes) == [INPUT]


def test_unknown_name_is_refused() -> None:
    with pytest.raises(DiagnosticError, match="no layer net/nothing"):
        emulator_of(stem(), stem_arrays()).run({INPUT: images(1, 4, 4, 3)}, ["net/nothing"])


@pytest.mark.parametrize(
    ("batch", "word"),
    [
        ({}, "net/input_layer1"),
        ({INPUT: images(2, 4, 5, 3)}, "(4, 5, 3)"),
        ({INPUT: np.zeros(3, np.float32)}, "expected is (4, 4, 3)"),
    ],
)
def test_batch_that_does_not_fit_is_refused(batch: Arrays, word: str) -> None:
    with pytest.raises(DatasetError) as caught:
        emulator_of(stem(), stem_arrays()).run(batch)
    assert word in str(caught.value)


def test_inputs_of_different_length_are_refused() -> None:
    batch = branched_batch(3)
    batch[INPUT] = batch[INPUT][:2]
    with pytest.raises(DatasetError, match="different numbers of samples"):
        branched_emulator().run(batch)


def test_activation_parameters_and_assumptions() -> None:
    leaky = stem(behind("output_layer2", "conv2"), activation="leaky")
    leaky.append(conv("conv2", ["conv1"], (4, 4, 2), fan_in=2, activation="leaky"))
    arrays = {**stem_arrays(), "conv2/kernel": weights(3, 3, 2, 2), "conv2/bias": np.zeros(2)}
    assert len(emulator_of(leaky, arrays).assumptions) == 1
    given = emulator_of(leaky, arrays, {"leaky": 0.5})
    assert given.assumptions == ()
    batch = {INPUT: images(2, 4, 4, 3)}
    linear = emulator_of(stem(activation="linear"), stem_arrays())
    expected = linear.run(batch)["net/output_layer1"]
    found = given.run(batch)["net/output_layer1"]
    assert (expected < 0).any()
    np.testing.assert_allclose(found, np.where(expected > 0, expected, 0.5 * expected), rtol=1e-6)


def test_layers_that_are_not_emulated_assume_nothing() -> None:
    extra = [
        build_layer("conv2", inputs=["conv1"], shape=(4, 4, 2), activation="leaky", padding="SAME"),
    ]
    assert emulator_of(stem(*extra), stem_arrays()).assumptions == ()


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((1, 1, 10), 64), ((112, 112, 64), 16), ((608, 608, 32), 1), ((4000, 4000, 64), 1)],
)
def test_batch_size_follows_the_largest_layer(shape: tuple[int, int, int], expected: int) -> None:
    layers = [
        build_layer("input_layer1", shape=(1, 1, 1)),
        behind("shortcut1", "input_layer1", shape),
    ]
    assert default_batch_size(build_network(layers)) == expected


@pytest.mark.parametrize("name", ["resnet_v1_18", pytest.param("yolov4", marks=pytest.mark.slow)])
def test_real_graphs_have_the_recorded_shapes(name: str) -> None:
    hn = json.loads(shared_file("hn", f"{name}.hn").read_text(encoding="utf-8"))
    network = network_from_hn(hn, name)
    emulator = FloatEmulator(network, filled_parameters(network))
    assert emulator.not_measured == {}
    batch = {layer.name: images(1, *layer.output_shape) for layer in network.input_layers}
    found = emulator.run(batch, list(network.layers))
    assert {n: values.shape for n, values in found.items()} == {
        layer.name: (1, *layer.output_shape) for layer in network
    }
    assert all(np.isfinite(values).all() for values in found.values())


@pytest.mark.parametrize(
    ("har", "model", "data"),
    [
        ("ids_mlp_logits_realcalib_q8", "ids_mlp_logits", "ids_flows_99x1x1x80"),
        ("jet_cnn_wide_q8", "jet_cnn_wide", "jets_sparse_64x32x32x3"),
    ],
)
def test_real_archives_equal_their_onnx_models(har: str, model: str, data: str) -> None:
    source = sample_model(har)
    samples = np.load(shared_file("calib", f"{data}.npy"))
    session = onnxruntime.InferenceSession(shared_file("onnx", f"{model}.onnx"))
    given = session.get_inputs()[0]
    columns = samples.transpose(0, 3, 1, 2).reshape(len(samples), *given.shape[1:])
    wanted = session.get_outputs()[0].name
    # One by one, as one of the models has a fixed batch of 1.
    rows = [session.run([wanted], {given.name: row[np.newaxis]})[0] for row in columns]
    expected = np.concatenate(rows).ravel()

    emulator = FloatEmulator(source.float_network, source.float_parameters)
    assert emulator.not_measured == {}
    (found,) = emulator.run({source.float_network.input_layers[0].name: samples}).values()
    found = found.ravel()
    assert np.abs(found - expected).max() <= 1e-4 * np.ptp(expected)
