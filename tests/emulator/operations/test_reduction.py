"""Reductions, softmax and argmax against onnxruntime."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.emulator.emulation import assert_close, layer_of, noise, run
from tests.emulator.onnx_oracle import run_onnx
from utils.errors import UnsupportedLayerError

IMAGE = noise(2, 4, 5, 6)
OPERATORS = {
    "reduce_sum": "ReduceSum",
    "reduce_mean": "ReduceMean",
    "reduce_max": "ReduceMax",
    "reduce_min": "ReduceMin",
    "reduce_l2": "ReduceL2",
    "reduce_sum_square": "ReduceSumSquare",
}


def reduced(operator: str, array: Any, axes: list[int]) -> Any:
    return run_onnx(operator, array, np.array(axes, np.int64), keepdims=1)


@pytest.mark.parametrize(("type", "operator"), OPERATORS.items())
@pytest.mark.parametrize("axes", [[1], [2], [3], [1, 2], [3, 1], [1, 2, 3]])
def test_reductions_keep_their_axes(type: str, operator: str, axes: list[int]) -> None:
    layer = layer_of(type, reduce_axes=axes, groups=1, height_groups=1)
    assert_close(run(layer, IMAGE), reduced(operator, IMAGE, axes))


@pytest.mark.parametrize(("type", "operator"), OPERATORS.items())
@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_channels_are_reduced_per_group_and_by_default(
    type: str, operator: str, groups: int
) -> None:
    slices = np.split(IMAGE, groups, axis=3)
    expected = np.concatenate([reduced(operator, part, [3]) for part in slices], axis=3)
    assert_close(run(layer_of(type, groups=groups), IMAGE), expected)


def test_groups_do_not_matter_to_other_axes() -> None:
    layer = layer_of("reduce_sum", reduce_axes=[2], groups=3, height_groups=2)
    assert_close(run(layer, IMAGE), reduced("ReduceSum", IMAGE, [2]))


def test_height_is_reduced_per_height_group() -> None:
    slices = np.split(IMAGE, 2, axis=1)
    expected = np.concatenate([reduced("ReduceSum", part, [1]) for part in slices], axis=1)
    assert_close(run(layer_of("reduce_sum", reduce_axes=[1], height_groups=2), IMAGE), expected)


@pytest.mark.parametrize("groups", [None, 1, 2, 3])
def test_softmax_within_groups_of_channels(groups: int | None) -> None:
    slices = np.split(IMAGE * 4, groups or 1, axis=3)
    expected = np.concatenate([run_onnx("Softmax", part, axis=3) for part in slices], axis=3)
    assert_close(run(layer_of("softmax", groups=groups), IMAGE * 4), expected)


def test_argmax_takes_the_lowest_index() -> None:
    image = np.round(noise(4, 8, 8, 40))
    assert (np.sort(image, axis=3)[..., -1] == np.sort(image, axis=3)[..., -2]).any()
    expected = run_onnx("ArgMax", image, axis=3, keepdims=1, select_last_index=0)
    assert_close(run(layer_of("argmax"), image), expected.astype(np.float32))


@pytest.mark.parametrize(
    ("type", "params", "message"),
    [
        ("reduce_sum", {"groups": 4}, "4 groups"),
        ("reduce_sum", {"height_groups": 3}, "height of 4"),
        ("reduce_sum", {"reduce_axes": [0, 1]}, "reduce_axes"),
        ("reduce_max", {"groups": -1}, "groups"),
        ("softmax", {"groups": 5}, "5 groups"),
        ("softmax", {"groups": 0}, "groups"),
    ],
)
def test_malformed_layers_are_refused(type: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(UnsupportedLayerError, match=message):
        run(layer_of(type, **params), IMAGE)
