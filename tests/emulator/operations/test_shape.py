"""Concatenation, slices, padding, splitters and identities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.emulator.emulation import assert_close, layer_of, noise, run
from tests.emulator.onnx_oracle import run_onnx
from tests.house.fuzzing import examples
from utils.errors import UnsupportedLayerError
from utils.har.network import Shape

IMAGE = noise(2, 4, 5, 6)

IDENTITIES = (
    "input_layer output_layer activation precision_change shortcut portal l4_portal ddr loopback "
    "bucket merge output_mux"
).split()


@pytest.mark.parametrize("type", IDENTITIES)
def test_identities(type: str) -> None:
    np.testing.assert_array_equal(run(layer_of(type), IMAGE), IMAGE)


def test_an_activation_layer_adds_its_second_input() -> None:
    assert_close(run(layer_of("activation", elementwise_add=True), IMAGE, IMAGE), 2 * IMAGE)


@pytest.mark.parametrize(
    ("params", "axis"),
    [
        ({}, 3),
        ({"spatial_w_concat": False}, 3),
        ({"spatial_w_concat": True}, 2),
        ({"concat_axis": "features"}, 3),
        ({"concat_axis": "spatial_w"}, 2),
        ({"concat_axis": "spatial_w", "spatial_w_concat": False}, 2),
        ({"group_sizes": None}, 3),
        ({"group_sizes": [1, 1]}, 3),
    ],
)
def test_concat_keeps_the_order_of_its_inputs(params: dict[str, Any], axis: int) -> None:
    parts = [noise(2, 3, 4, 5, seed=seed) for seed in range(3)]
    expected = run_onnx("Concat", *parts, axis=axis)
    assert_close(run(layer_of("concat", **params), *parts), expected)


def test_concat_of_different_sizes() -> None:
    parts = [noise(2, 3, 4, 5), noise(2, 3, 4, 1)]
    assert_close(run(layer_of("concat"), *parts), run_onnx("Concat", *parts, axis=3))


@pytest.mark.parametrize("type", ["merge", "output_mux"])
@pytest.mark.parametrize("axis", [1, 2, 3])
def test_merge_joins_as_the_output_shape_shows(type: str, axis: int) -> None:
    expected = run_onnx("Concat", IMAGE, IMAGE, axis=axis)
    assert_close(run(layer_of(type, [expected.shape[1:]]), IMAGE, IMAGE), expected)


SLICES = st.lists(
    st.tuples(st.integers(-3, 5), st.integers(-3, 7), st.integers(1, 3)), min_size=3, max_size=3
)


@settings(max_examples=examples(30), deadline=None, derandomize=True)
@given(SLICES)
def test_slices_of_all_axes(slices: list[tuple[int, int, int]]) -> None:
    starts, stops, steps = zip(*slices, strict=True)
    # A stop of 0 reaches to the end, which ONNX spells as a stop beyond it.
    ends = [stop or 100 for stop in stops]
    expected = run_onnx(
        "Slice", IMAGE, *(np.array(v, np.int64) for v in (starts, ends, [1, 2, 3], steps))
    )
    assume(expected.size)
    names = ("height_slice", "width_slice", "features_slice")
    params: dict[str, Any] = {name: list(value) for name, value in zip(names, slices, strict=True)}
    assert_close(run(layer_of("slice", **params), IMAGE), expected)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, IMAGE),
        ({"height_slice": None, "width_slice": []}, IMAGE),
        ({"features_slice": [2, None, None]}, IMAGE[..., 2:]),
        ({"width_slice": [None, 3, 2]}, IMAGE[:, :, :3:2]),
        ({"height_slice": [0, 0, 1]}, IMAGE),
    ],
)
def test_slices_with_open_ends(params: dict[str, Any], expected: Any) -> None:
    assert_close(run(layer_of("slice", **params), IMAGE), expected)


@pytest.mark.parametrize("value", [None, 0.0, -3.5])
def test_external_pad_is_top_bottom_left_right(value: float | None) -> None:
    pads = np.array([0, 1, 3, 0, 0, 2, 4, 0], np.int64)
    expected = run_onnx("Pad", IMAGE, pads, np.array(value or 0.0, np.float32))
    parameters = {} if value is None else {"padding_const_value": np.float32(value)}
    layer = layer_of("external_pad", external_pad_params=[1, 2, 3, 4])
    assert_close(run(layer, IMAGE, parameters=parameters), expected)


@pytest.mark.parametrize(
    ("type", "axis", "sizes"),
    [
        ("feature_splitter", 3, [1, 2, 3]),
        ("feature_splitter", 3, [6]),
        ("width_splitter", 2, [2, 3]),
        ("row_splitter", 1, [3, 1]),
        ("spatial_splitter", 2, [1, 4]),
        ("spatial_splitter", 1, [2, 2]),
        ("shape_splitter", 3, [2, 2, 2]),
        ("shape_splitter", 2, [4, 1]),
        ("demux", 3, [4, 2]),
        ("demux", 1, [1, 3]),
    ],
)
def test_splitters_cut_as_recorded(type: str, axis: int, sizes: list[int]) -> None:
    expected = run_onnx("Split", IMAGE, np.array(sizes, np.int64), outputs=len(sizes), axis=axis)
    expected = expected if len(sizes) > 1 else [expected]
    result = run(layer_of(type, [part.shape[1:] for part in expected]), IMAGE)
    assert len(result) == len(sizes)
    for actual, part in zip(result, expected, strict=True):
        assert_close(actual, part)


def test_a_feature_splitter_cuts_every_group() -> None:
    """Two heads of five channels: each gives two channels to one output, three to the other."""
    tensor = noise(2, 1, 3, 10)
    heads = tensor.reshape(2, 1, 3, 2, 5)
    first, second = run(layer_of("feature_splitter", [(1, 3, 4), (1, 3, 6)], groups=2), tensor)
    assert_close(first, heads[..., :2].reshape(2, 1, 3, 4))
    assert_close(second, heads[..., 2:].reshape(2, 1, 3, 6))


def test_a_demux_copies_where_outputs_are_whole() -> None:
    for part in run(layer_of("demux", [(4, 5, 6), (4, 5, 6)]), IMAGE):
        np.testing.assert_array_equal(part, IMAGE)


@pytest.mark.parametrize(
    ("type", "shapes", "params", "message"),
    [
        ("feature_splitter", [], {}, "does not split"),
        ("feature_splitter", [(4, 5, 6), (4, 5, 6)], {}, "does not split"),
        ("feature_splitter", [(4, 5, 2), (4, 5, 3)], {}, "does not split"),
        ("feature_splitter", [(4, 5, 2), (4, 1, 4)], {}, "does not split"),
        ("feature_splitter", [(4, 5, 3), (4, 5, 3)], {"groups": 2}, "2 groups"),
        ("width_splitter", [(4, 5, 2), (4, 5, 4)], {}, "does not split"),
        ("slice", [], {"width_slice": [0, 2]}, "width_slice"),
        ("slice", [], {"width_slice": [0, 2, -1]}, "selects nothing"),
        ("slice", [], {"width_slice": [7, 9, 1]}, "selects nothing"),
        ("slice", [], {"width_slice": ["a", 2, 1]}, "selects nothing"),
        ("slice", [], {"width_slice": [0, 2, "b"]}, "selects nothing"),
        ("external_pad", [], {}, "external_pad_params is missing"),
        ("external_pad", [], {"external_pad_params": [1, 2]}, "external_pad_params"),
        ("external_pad", [], {"external_pad_params": [1, 2, 3, -1]}, "external_pad_params"),
        ("external_pad", [], {"external_pad_params": [10**9] * 4}, "beyond sane bounds"),
        ("concat", [], {"concat_axis": "height"}, "concat_axis"),
        ("concat", [], {"group_sizes": [2, 3]}, "group_sizes"),
        ("concat", [], {"group_sizes": 7}, "contradict"),
    ],
)
def test_malformed_layers_are_refused(
    type: str, shapes: list[Shape], params: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnsupportedLayerError, match=message):
        run(layer_of(type, shapes, **params), IMAGE)


@pytest.mark.parametrize(
    ("type", "shapes", "inputs", "message"),
    [
        ("concat", [], [], "there are none"),
        ("concat", [], [IMAGE, IMAGE[:, :2]], "do not fit together"),
        ("merge", [(1, 1, 1)], [IMAGE, IMAGE], "do not join"),
        ("merge", [(1, 1, 1)], [], "contradict"),
        ("shortcut", [], [], "no input"),
        ("shortcut", [], [IMAGE, IMAGE], "2 inputs where 1"),
    ],
)
def test_unfit_inputs_are_refused(
    type: str, shapes: list[Shape], inputs: list[Any], message: str
) -> None:
    with pytest.raises(UnsupportedLayerError, match=message):
        run(layer_of(type, shapes), *inputs)
