"""Every reason that lies inside of a network, planted into two of them, and found by its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from benchmarks.float_graph import FloatGraph
from tests.backends.stages.original.steps import parsed_only, step_to, words
from tests.fixtures.original_models import (
    Archive,
    Change,
    constants,
    forked,
    inserted,
    node_of,
    row,
    unit_samples,
    written_onnx,
)
from utils.stages import Step

Make = Callable[..., FloatGraph]
both = pytest.mark.parametrize(
    "make", [row, pytest.param(forked, marks=pytest.mark.slow)], ids=lambda make: make.__name__
)


def found(tmp_path: Path, make: Make, archive: Archive | None = None, *changes: Change) -> Step:
    net = make()
    original = written_onnx(tmp_path / "model.onnx", net, *changes)
    return step_to(parsed_only(tmp_path, archive or Archive.of(net)), [original], unit_samples())


def assert_mended(step: Step, word: str, *layers: str) -> None:
    assert not step.is_equal
    assert words(step) == [word]
    (reason,) = step.reasons
    assert reason.layers == tuple(layers)
    assert reason.after_db > 40 > reason.before_db
    assert step.parts_at


@both
def test_the_same_network_is_equal_and_has_no_reason(tmp_path: Path, make: Make) -> None:
    step = found(tmp_path, make)
    assert step.is_equal
    assert (step.reasons, step.parts_at, step.not_matched, step.left_over) == ((), "", (), ())
    assert {match.by for match in step.outputs} == {"original name"}
    assert min(match.snr_db for match in (*step.outputs, *step.inner)) > 100


@both
def test_other_weights_are_named_by_layer(tmp_path: Path, make: Make) -> None:
    archive, other = Archive.of(make()), make(seed=8)
    archive.arrays[archive.scoped("conv3")] = other.arrays[archive.scoped("conv3")]
    archive.arrays[archive.scoped("fc2")] = other.arrays[archive.scoped("fc2")]
    step = found(tmp_path, make, archive)
    assert_mended(step, "other-weights", archive.scoped("conv3"), archive.scoped("fc2"))
    assert step.parts_at == archive.scoped("conv3")


@both
def test_another_bias_alone_is_other_weights(tmp_path: Path, make: Make) -> None:
    archive = Archive.of(make())
    arrays = archive.arrays[archive.scoped("conv2")]
    arrays["bias"] = arrays["bias"] + np.float32(0.4)
    assert_mended(found(tmp_path, make, archive), "other-weights", archive.scoped("conv2"))


def normalized_behind(layer: str) -> Change:
    """A batch normalization behind a convolution, which the archive lacks."""

    def change(model: onnx.ModelProto) -> None:
        convolved = node_of(model, f"{layer}/convolved")
        convolved.output[0] = f"{layer}/raw"
        random = np.random.default_rng(2)
        (channels,) = next(
            tensor.dims for tensor in model.graph.initializer if tensor.name == f"{layer}/bias"
        )
        arrays = {
            "gamma": random.uniform(0.5, 2.0, channels),
            "beta": random.uniform(0.1, 0.5, channels),
            "mean": random.uniform(-0.2, 0.2, channels),
            "variance": random.uniform(0.5, 2.0, channels),
        }
        constants(model, {f"{layer}/{k}": v.astype(np.float32) for k, v in arrays.items()})
        node = helper.make_node(
            "BatchNormalization",
            [f"{layer}/raw", *(f"{layer}/{key}" for key in arrays)],
            [f"{layer}/convolved"],
        )
        place = list(model.graph.node).index(convolved)
        model.graph.node.insert(place + 1, node)

    return change


@both
def test_a_batch_normalization_that_was_not_folded(tmp_path: Path, make: Make) -> None:
    layer = f"{make.__name__}/conv2"
    step = found(tmp_path, make, None, normalized_behind(layer))
    assert_mended(step, "batch-norm-not-folded", layer)


@both
def test_an_activation_that_is_missing_inside(tmp_path: Path, make: Make) -> None:
    archive = Archive.of(make())
    archive.set("conv2", activation="linear")
    assert_mended(found(tmp_path, make, archive), "activation-missing", archive.scoped("conv2"))


@pytest.mark.parametrize(("make", "base"), [(row, "fc2"), (forked, "conv5")])
def test_a_sigmoid_that_is_missing_at_an_output(tmp_path: Path, make: Make, base: str) -> None:
    archive = Archive.of(make())
    archive.set(base, activation="linear")
    output = archive.scoped("output_layer1")
    assert_mended(found(tmp_path, make, archive), "activation-missing", output)


@pytest.mark.parametrize(
    ("make", "output"), [(row, "row/output_layer1"), (forked, "forked/output_layer2")]
)
def test_a_softmax_that_is_missing_at_an_output(tmp_path: Path, make: Make, output: str) -> None:

    def change(model: onnx.ModelProto) -> None:
        node = node_of(model, output)
        node.op_type = "Softmax"
        node.attribute.append(helper.make_attribute("axis", 1))

    step = found(tmp_path, make, None, change)
    assert_mended(step, "activation-missing", output)


@pytest.mark.parametrize(("make", "base"), [(row, "fc2"), (forked, "conv5")])
def test_a_sigmoid_that_is_computed_twice(tmp_path: Path, make: Make, base: str) -> None:
    archive = Archive.of(make())
    archive.append(base, "activation1", "activation", activation="sigmoid")
    assert_mended(found(tmp_path, make, archive), "activation-twice", archive.scoped("activation1"))


@pytest.mark.parametrize(("make", "base"), [(row, "fc2"), (forked, "fc2")])
def test_an_activation_that_the_original_lacks(tmp_path: Path, make: Make, base: str) -> None:
    def without_sigmoid(model: onnx.ModelProto) -> None:
        node_of(model, "row/fc2").op_type = "Identity"

    archive = Archive.of(make())
    archive.set(base, activation="sigmoid")
    changes = [without_sigmoid] if make is row else []
    step = found(tmp_path, make, archive, *changes)
    assert_mended(step, "activation-added", archive.scoped(base))


@pytest.mark.parametrize(("make", "base"), [(forked, "conv3")])
def test_an_activation_behind_sums_is_the_first_one(tmp_path: Path, make: Make, base: str) -> None:
    """What enters the convolution has passed a ReLU, which says nothing of what leaves it."""
    archive = Archive.of(make())
    archive.set(base, activation="relu")
    step = found(tmp_path, make, archive)
    assert_mended(step, "activation-added", archive.scoped(base))


def test_a_relu_that_is_added_twice_is_no_second_one(tmp_path: Path) -> None:
    """The original has none, and a second ReLU behind the first would change nothing."""
    archive = Archive.of(forked())
    archive.set("conv3", activation="relu")
    archive.append("conv3", "activation1", "activation", activation="relu")
    step = found(tmp_path, forked, archive)
    layers = archive.scoped("conv3"), archive.scoped("activation1")
    assert_mended(step, "activation-added", *layers)


def test_the_reason_of_the_first_difference_is_told_first(tmp_path: Path) -> None:
    archive, other = Archive.of(row()), row(seed=8)
    archive.set("conv2", activation="linear")
    for base in ("conv3", "fc1"):
        archive.arrays[archive.scoped(base)] = other.arrays[archive.scoped(base)]
    step = found(tmp_path, row, archive)
    assert step.parts_at == archive.scoped("resize1")  # conv2 is named after its sums as well
    assert words(step) == ["activation-missing", "other-weights"]


@both
def test_another_activation_than_in_the_original(tmp_path: Path, make: Make) -> None:
    archive = Archive.of(make())
    archive.set("conv2", activation="silu")
    assert_mended(found(tmp_path, make, archive), "other-activation", archive.scoped("conv2"))


def reshaped_as(mode: str, coordinates: str) -> Change:
    """Another kind of resize in the original."""

    def change(model: onnx.ModelProto) -> None:
        node = next(node for node in model.graph.node if node.op_type == "Resize")
        del node.attribute[:]
        node.attribute.extend(
            [
                helper.make_attribute("mode", mode),
                helper.make_attribute("coordinate_transformation_mode", coordinates),
            ]
        )

    return change


@both
@pytest.mark.parametrize("coordinates", ["half_pixel", "align_corners", "asymmetric"])
def test_a_resize_of_another_mode(tmp_path: Path, make: Make, coordinates: str) -> None:
    layer = f"{make.__name__}/resize1"
    step = found(tmp_path, make, None, reshaped_as("linear", coordinates))
    assert_mended(step, "other-resize", layer)


def padded_by(layer: str, pads: list[int], mode: str = "") -> Change:
    """Other margins of a convolution; with a mode in a node of their own."""

    def change(model: onnx.ModelProto) -> None:
        node = node_of(model, f"{layer}/convolved")
        (attribute,) = (a for a in node.attribute if a.name == "pads")
        attribute.ints[:] = [0] * 4 if mode else pads
        if mode:
            around = np.array([0, 0, *pads[:2], 0, 0, *pads[2:]], np.int64)
            constants(model, {f"{layer}/around": around})
            name = f"{layer}/padded"
            pad = helper.make_node("Pad", [node.input[0], f"{layer}/around"], [name], mode=mode)
            inserted(model, pad, node)
            node.input[0] = name

    return change


@both
def test_a_padding_that_begins_on_the_other_side(tmp_path: Path, make: Make) -> None:
    layer = f"{make.__name__}/conv2"
    step = found(tmp_path, make, None, padded_by(layer, [0, 0, 1, 1]))
    assert_mended(step, "other-padding", layer)


@both
@pytest.mark.parametrize("mode", ["reflect", "edge"])
def test_edges_that_are_reflected_or_repeated(tmp_path: Path, make: Make, mode: str) -> None:
    layer = f"{make.__name__}/conv1"
    step = found(tmp_path, make, None, padded_by(layer, [1, 1, 1, 1], mode))
    assert_mended(step, "other-padding", layer)


def test_an_archive_that_ends_at_another_node(tmp_path: Path) -> None:
    archive = Archive.of(row())
    archive.drop("fc2")
    assert_mended(found(tmp_path, row, archive), "wrong-end-node", "row/output_layer1")


def test_one_of_two_outputs_ends_at_another_node(tmp_path: Path) -> None:
    archive = Archive.of(forked())
    archive.drop("fc2")
    assert_mended(found(tmp_path, forked, archive), "wrong-end-node", "forked/output_layer2")


@both
def test_an_end_in_front_of_the_original_s_is_no_fault(tmp_path: Path, make: Make) -> None:
    """The archive's output is named after the tensor that it is, and behind which others come."""

    def longer(model: onnx.ModelProto) -> None:
        first = model.graph.output[0].name
        model.graph.node.append(helper.make_node("Sigmoid", [first], ["probabilities"]))
        model.graph.output[0].name = "probabilities"

    step = found(tmp_path, make, None, longer)
    assert step.is_equal
    assert step.left_over == ("probabilities",)


@both
def test_two_faults_are_two_reasons(tmp_path: Path, make: Make) -> None:
    archive = Archive.of(make())
    archive.set("conv2", activation="linear")
    archive.arrays[archive.scoped("conv3")] = make(seed=8).arrays[archive.scoped("conv3")]
    step = found(tmp_path, make, archive)
    assert set(words(step)) == {"activation-missing", "other-weights"}
    assert step.reasons[-1].after_db > 40


@both
def test_without_names_the_values_lead_to_the_place(tmp_path: Path, make: Make) -> None:
    archive = Archive.of(make(), named=False)
    assert found(tmp_path, make, archive).is_equal
    archive.set("conv2", activation="linear")
    step = found(tmp_path, make, archive)
    assert not step.is_equal
    assert words(step) == ["activation-missing"]
