"""The SDK's tensors in the shapes that the archive records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tests.emulator.networks import conv, splitter
from tests.fixtures.builders import build_layer, build_network
from utils.backends.sdk.captured import (
    captured_parts,
    collected,
    fitted,
    passed_on,
    whole_output,
)
from utils.errors import SdkError, UnsupportedLayerError
from utils.har.network import Layer

SHAPE = (2, 3, 4)
VALUES = np.arange(5 * 24, dtype=np.float32).reshape(5, *SHAPE)


class PerReplica:
    """What a distribution strategy gives: neither array nor tensor."""


@pytest.mark.parametrize(
    "holder",
    [
        np.asarray,
        tf.constant,  # called by the test: tensors made here would start TensorFlow too early
        tf.Variable,
        partial(tf.constant, dtype=tf.float64),
        partial(tf.constant, dtype=tf.float16),
        partial(tf.constant, dtype=tf.uint8),
        lambda values: values.reshape(5, 24),
        lambda values: values.reshape(5, 1, 6, 4),
    ],
)
def test_what_holds_the_values_fits(holder: Callable[[Any], Any]) -> None:
    found = fitted(holder(VALUES), SHAPE, 5)
    assert found.dtype == tf.float32
    np.testing.assert_array_equal(found, VALUES)


def test_a_constant_may_be_there_once_for_all_samples() -> None:
    found = fitted(VALUES[:1], SHAPE, 5)
    np.testing.assert_array_equal(found, np.repeat(VALUES[:1], 5, axis=0))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (VALUES[:, :1], r"gives a tensor \(5, 1, 3, 4\) for it, and .* \(5, 2, 3, 4\)"),
        (VALUES[:2], r"\(2, 2, 3, 4\)"),
        (VALUES[0, 0, 0], r"\(4,\)"),
        (np.float32(1), r"\(\)"),
        (None, "gives a NoneType for it"),
        ("text", "gives a str for it"),
        (PerReplica(), "gives a PerReplica for it"),
        ([VALUES, VALUES[:1]], "gives a list for it"),
    ],
)
def test_what_does_not_is_refused(given: Any, reason: str) -> None:
    with pytest.raises(UnsupportedLayerError, match=reason):
        fitted(given, SHAPE, 5)


def test_a_tensor_without_values_is_refused() -> None:
    kept: list[Any] = []
    tf.function(kept.append)(tf.constant(VALUES))
    with pytest.raises(UnsupportedLayerError, match="symbolic tensor"):
        fitted(kept[0], SHAPE, 5)


def cut() -> Layer:
    return build_network(
        [
            build_layer("input_layer1", shape=(2, 3, 4)),
            splitter("feature_splitter1", ["input_layer1"], [(2, 3, 1), (2, 3, 3)]),
            conv("conv1", ["feature_splitter1"], SHAPE, 1),
            conv("conv2", ["feature_splitter1"], SHAPE, 3),
        ]
    )["net/feature_splitter1"]


def shared() -> Layer:
    return Layer("net/conv1", "conv", outputs=("a", "b"), output_shapes=(SHAPE,))


@pytest.mark.parametrize(
    ("layer", "given", "shapes"),
    [
        (shared(), [VALUES], [SHAPE, SHAPE]),
        (shared(), [VALUES, VALUES], [SHAPE, SHAPE]),
        (cut(), [VALUES[..., :1], VALUES[..., 1:]], [(2, 3, 1), (2, 3, 3)]),
        (Layer("net/fc1", "dense", output_shapes=(SHAPE,)), [VALUES], [SHAPE]),
    ],
)
def test_every_successor_gets_its_part(layer: Layer, given: Any, shapes: Any) -> None:
    assert [part.shape[1:] for part in captured_parts(layer, given, 5)] == shapes


@pytest.mark.parametrize(
    ("layer", "given", "reason"),
    [
        (shared(), [], "gives no tensor"),
        (shared(), [VALUES] * 3, "gives 3 tensors for it, and the graph has 2 successors"),
        (cut(), [VALUES, VALUES], "and the archive records"),
    ],
)
def test_parts_that_do_not_fit_are_refused(layer: Layer, given: Any, reason: str) -> None:
    with pytest.raises(UnsupportedLayerError, match=reason):
        captured_parts(layer, given, 5)


NETWORK = build_network(
    [
        build_layer("input_layer1", shape=SHAPE),
        conv("conv1", ["input_layer1"], SHAPE, 4),
        build_layer("shortcut1", inputs=["conv1"], shape=SHAPE),
        conv("conv2", ["shortcut1"], SHAPE, 4),
        build_layer("output_layer1", inputs=["conv2"], shape=SHAPE),
    ]
)


def known(*names: str) -> dict[str, Any]:
    return {f"net/{name}": SimpleNamespace(parts=(name,)) for name in names}


def test_what_only_hands_on_need_not_be_there() -> None:
    assert passed_on(NETWORK, NETWORK["net/shortcut1"], known("conv1")) == ("conv1",)
    assert passed_on(NETWORK, NETWORK["net/output_layer1"], known("conv2")) == ("conv2",)
    with pytest.raises(UnsupportedLayerError, match="depends on net/conv1"):
        passed_on(NETWORK, NETWORK["net/shortcut1"], known())
    with pytest.raises(UnsupportedLayerError, match="gives no tensor"):
        passed_on(NETWORK, NETWORK["net/conv2"], known("shortcut1"))


def test_what_leaves_a_splitter_is_what_enters_it() -> None:
    network = build_network(
        [
            build_layer("input_layer1", shape=(2, 3, 4)),
            splitter("feature_splitter1", ["input_layer1"], [(2, 3, 1), (2, 3, 3)]),
        ]
    )
    layer, before = network["net/feature_splitter1"], known("input_layer1")
    assert whole_output(network, layer, ("part", "other"), before) == "input_layer1"
    with pytest.raises(UnsupportedLayerError, match="what enters it"):
        whole_output(network, layer, ("part", "other"), {})
    assert whole_output(NETWORK, NETWORK["net/conv1"], ("part",), {}) == "part"


def collect(refused: set[str]) -> tuple[Mapping[str, str], dict[str, str]]:
    def captured(layer: Layer, computed: Mapping[str, str]) -> str:
        if layer.base_name in refused:
            raise UnsupportedLayerError("odd")
        return layer.base_name

    reasons: dict[str, str] = {}
    return collected(NETWORK, captured, reasons), reasons


def test_layers_are_collected_one_by_one() -> None:
    assert collect(set()) == ({f"net/{layer.base_name}": layer.base_name for layer in NETWORK}, {})
    found, reasons = collect({"conv2"})
    assert "net/conv2" not in found
    assert reasons == {"net/conv2": "odd"}


def test_nothing_but_the_input_is_a_failure() -> None:
    with pytest.raises(SdkError, match="no layer can be measured with the SDK: net/conv1: odd"):
        collect({"conv1", "conv2"})
