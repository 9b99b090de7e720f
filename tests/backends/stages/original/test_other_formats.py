"""Models of TensorFlow against archives that were parsed from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.float_graph import FloatGraph
from tests.backends.stages.original.steps import parsed_only, step_to, words
from tests.fixtures.keras_models import keras_model
from tests.fixtures.original_models import Archive, forked, row, unit_samples
from tests.references.test_formats import saved

Make = Callable[..., FloatGraph]
both = pytest.mark.parametrize(
    "make", [row, pytest.param(forked, marks=pytest.mark.slow)], ids=lambda make: make.__name__
)
KINDS = (".keras", ".h5", ".tflite", "")


def as_tensorflow_pads(make: Make) -> Archive:
    """The archive of a network whose strides begin where TensorFlow begins them."""
    archive = Archive.of(make(), named=False)
    archive.set("conv2", padding="SAME_TENSORFLOW")
    return archive


def named(archive: Archive) -> Archive:
    """As the parser names what it read from Keras."""
    archive.layers = {
        name: replace(layer, original_names=(f"model/{layer.base_name}/Operation",))
        for name, layer in archive.layers.items()
    }
    return archive


@both
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_network_is_equal(tmp_path: Path, make: Make, kind: str) -> None:
    original = saved(keras_model(make()), tmp_path, kind)
    step = step_to(parsed_only(tmp_path, as_tensorflow_pads(make)), [original], unit_samples())
    assert step.is_equal
    assert step.not_matched == ()
    assert {match.layout for match in step.outputs} == {""}


@both
@pytest.mark.parametrize("kind", [".keras", pytest.param(".tflite", marks=pytest.mark.slow)])
def test_an_activation_that_is_missing(tmp_path: Path, make: Make, kind: str) -> None:
    original = saved(keras_model(make()), tmp_path, kind)
    archive = as_tensorflow_pads(make)
    if kind != ".tflite":
        archive = named(archive)
    archive.set("conv2", activation="linear")
    step = step_to(parsed_only(tmp_path, archive), [original], unit_samples())
    assert not step.is_equal
    assert words(step) == ["activation-missing"]


@both
def test_other_weights(tmp_path: Path, make: Make) -> None:
    original = saved(keras_model(make()), tmp_path, ".keras")
    archive = named(as_tensorflow_pads(make))
    name = archive.scoped("conv3")
    archive.arrays[name] = make(seed=8).arrays[name]
    step = step_to(parsed_only(tmp_path, archive), [original], unit_samples())
    assert words(step) == ["other-weights"]
    assert step.reasons[0].layers == (name,)


@both
@pytest.mark.parametrize("kind", [".tflite", ""])
def test_a_convolution_that_begins_elsewhere(tmp_path: Path, make: Make, kind: str) -> None:
    original = saved(keras_model(make()), tmp_path, kind)
    archive = as_tensorflow_pads(make)
    archive.set("conv2", padding="SAME")
    step = step_to(parsed_only(tmp_path, archive), [original], unit_samples())
    assert not step.is_equal
    assert words(step) == ["other-padding"]
