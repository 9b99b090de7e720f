"""The registry: every known layer type is run, stopped before, or refused for a stated reason.

COMPARED holds one row per operation, worked out in numpy; how an operation follows its
attributes is tested in the module of its family.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import pytest

from tests.emulator.emulation import FloatArray, assert_close, layer_of, noise, run
from tests.house.rows import row
from utils.emulator.operations.registry import (
    OPERATIONS,
    STOP_TYPES,
    UNDEFINED_TYPES,
    operation_for,
)
from utils.errors import UnsupportedLayerError
from utils.har.network import Layer

KNOWN_TYPES = frozenset(
    """input_layer output_layer conv dw dense maxpool avgpool concat ew_add ew_mult resize
    normalization batch_norm activation softmax layer_normalization reduce_sum const_input
    deconv global_avg_pool external_pad depth_to_space space_to_depth slice feature_splitter
    spatial_splitter width_splitter row_splitter shape_splitter shortcut portal l4_portal ddr
    loopback output_mux demux merge bucket feature_interleave feature_shuffle feature_multiplier
    reduce_max reduce_mean reduce_min reduce_l2 reduce_sum_square argmax ew_sub ew_div ew_max
    ew_min matmul format_conversion precision_splitter precision_splitter_signed precision_change
    bbox_decoder proposal_generator nms postprocess one_hot square pow lstm gru rnn""".split()
)

X = noise(2, 4, 6, 4)
Y = noise(2, 4, 6, 4, seed=1)
WINDOW = {"strides": [1, 2, 2, 1], "padding": "VALID"}
POOL = {"kernel_shape": [1, 2, 2, 1], **WINDOW}
BLOCKS = X.reshape(2, 2, 2, 3, 2, 4)  # (sample, row, y in block, column, x in block, channel)


@dataclass(frozen=True)
class Row:
    """A layer, what it is given and what is expected of it."""

    expected: Any
    inputs: tuple[FloatArray, ...] = (X,)
    params: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


def blockwise(kernel: FloatArray, formula: str) -> FloatArray:
    return np.einsum(formula, BLOCKS, kernel)  # type: ignore[no-any-return]


def split_row(axis: int) -> Row:
    return Row(np.split(X, 2, axis=axis))


KERNEL = noise(2, 2, 4, 3, seed=2)
EACH = noise(2, 2, 4, 1, seed=3)
MATRIX = noise(96, 5, seed=4)
FACTOR = noise(4, seed=5)
EXPONENTIALS = np.exp(X)
CENTERED = X - X.mean(axis=3, keepdims=True)
CONSTANT = noise(2, 3, 4, seed=6)

COMPARED: dict[str, Row] = {
    **{
        type: Row(X)
        for type in "input_layer output_layer activation precision_change shortcut portal "
        "l4_portal ddr loopback bucket merge output_mux".split()
    },
    "format_conversion": Row(X, params={"conversion_type": "tf_rgb_to_hailo_rgb"}),
    "conv": Row(
        blockwise(KERNEL, "nhywxi,yxio->nhwo"), params=WINDOW, parameters={"kernel": KERNEL}
    ),
    "dw": Row(
        blockwise(EACH[..., 0], "nhywxi,yxi->nhwi"), params=WINDOW, parameters={"kernel": EACH}
    ),
    "dense": Row((X.reshape(2, 96) @ MATRIX)[:, None, None], parameters={"kernel": MATRIX}),
    "deconv": Row(
        np.einsum("nhwi,yxio->nhywxo", X, KERNEL).reshape(2, 8, 12, 3),
        params=WINDOW,
        parameters={"kernel": KERNEL},
    ),
    "matmul": Row(X @ Y.transpose(0, 1, 3, 2), (X, Y), {"transpose_matmul_input": True}),
    "maxpool": Row(BLOCKS.max(axis=(2, 4)), params=POOL),
    "avgpool": Row(BLOCKS.mean(axis=(2, 4)), params=POOL),
    "global_avg_pool": Row(X.mean(axis=(1, 2), keepdims=True)),
    "concat": Row(np.concatenate([X, Y], axis=3), (X, Y)),
    "external_pad": Row(
        np.pad(X, ((0, 0), (1, 2), (3, 0), (0, 0))), params={"external_pad_params": [1, 2, 3, 0]}
    ),
    "slice": Row(X[:, 1:3], params={"height_slice": [1, 3, 1]}),
    "feature_splitter": split_row(3),
    "width_splitter": split_row(2),
    "row_splitter": split_row(1),
    "spatial_splitter": split_row(2),
    "shape_splitter": split_row(2),
    "demux": split_row(3),
    "depth_to_space": Row(
        X.reshape(2, 4, 6, 2, 2, 1).transpose(0, 1, 3, 2, 4, 5).reshape(2, 8, 12, 1),
        params={"block_sizes": [2, 2]},
    ),
    "space_to_depth": Row(
        BLOCKS.transpose(0, 1, 3, 2, 4, 5).reshape(2, 2, 3, 16), params={"block_sizes": [2, 2]}
    ),
    "feature_interleave": Row(np.stack([X, Y], axis=4).reshape(2, 4, 6, 8), (X, Y)),
    "feature_shuffle": Row(X[..., [0, 2, 1, 3]], params={"groups": 2}),
    "feature_multiplier": Row(X * X, params={"feature_multiplier_type": "square"}),
    "square": Row(X * X),
    "pow": Row(X**3, parameters={"exponent": np.float32(3)}),
    "const_input": Row(CONSTANT[None], (), parameters={"const_data": CONSTANT}),
    "ew_add": Row(X + Y, (X, Y)),
    "ew_sub": Row(X - Y, (X, Y)),
    "ew_mult": Row(X * Y, (X, Y)),
    "ew_div": Row(X / Y, (X, Y)),
    "ew_max": Row(np.maximum(X, Y), (X, Y)),
    "ew_min": Row(np.minimum(X, Y), (X, Y)),
    "normalization": Row(X * FACTOR, parameters={"kernel": FACTOR}),
    "batch_norm": Row(X * FACTOR, parameters={"kernel": FACTOR}),
    "layer_normalization": Row(
        CENTERED / np.sqrt(X.var(axis=3, keepdims=True) + 0.1),
        parameters={"epsilon": np.float32(0.1)},
    ),
    "reduce_sum": Row(X.sum(axis=3, keepdims=True)),
    "reduce_mean": Row(X.mean(axis=3, keepdims=True)),
    "reduce_max": Row(X.max(axis=3, keepdims=True)),
    "reduce_min": Row(X.min(axis=3, keepdims=True)),
    "reduce_l2": Row(np.sqrt((X * X).sum(axis=3, keepdims=True))),
    "reduce_sum_square": Row((X * X).sum(axis=3, keepdims=True)),
    "softmax": Row(EXPONENTIALS / EXPONENTIALS.sum(axis=3, keepdims=True)),
    "argmax": Row(X.argmax(axis=3)[..., None].astype(np.float32)),
    "resize": Row(
        X.repeat(2, axis=1),
        params={"method": "nearest_neighbor", "resize_h_ratio_list": [2.0]},
    ),
}


def test_every_known_type_has_exactly_one_answer() -> None:
    answers = [*OPERATIONS, *STOP_TYPES, *UNDEFINED_TYPES]
    assert sorted(answers) == sorted(KNOWN_TYPES)


def test_every_operation_is_compared() -> None:
    assert set(COMPARED) == set(OPERATIONS)


@pytest.mark.parametrize("type", COMPARED)
def test_operations(type: str) -> None:
    known = COMPARED[type]
    expected = known.expected if isinstance(known.expected, list) else [known.expected]
    layer = layer_of(type, [part.shape[1:] for part in expected], **known.params)
    result = run(layer, *known.inputs, parameters=known.parameters)
    for actual, part in zip(
        result if isinstance(result, tuple) else [result], expected, strict=True
    ):
        assert_close(actual, part)


@pytest.mark.parametrize("type", COMPARED)
def test_another_recorded_shape_is_refused(type: str) -> None:
    known = COMPARED[type]
    layer = layer_of(type, [(7, 7, 7)], **known.params)
    with pytest.raises(UnsupportedLayerError, match=f"net/{type}1"):
        run(layer, *known.inputs, parameters=known.parameters)


@pytest.mark.parametrize("type", [*STOP_TYPES, *UNDEFINED_TYPES])
def test_types_without_operation_are_refused_with_their_reason(type: str) -> None:
    reason = {**STOP_TYPES, **UNDEFINED_TYPES}[type]
    with pytest.raises(UnsupportedLayerError) as caught:
        operation_for(layer_of(type))
    assert str(caught.value) == (f"layer net/{type}1 of type {type} cannot be emulated: {reason}")


def test_an_unknown_type_is_refused_with_the_name_in_the_original_model() -> None:
    layer = Layer(name="net/x1", type="warp", original_names=("/Warp_1",))
    with pytest.raises(UnsupportedLayerError) as caught:
        operation_for(layer)
    assert str(caught.value) == (
        "layer net/x1 (/Warp_1) of type warp cannot be emulated: its type is not known"
    )


def run_or_refuse(
    layer: Layer, parameters: Mapping[str, Any], inputs: tuple[FloatArray, ...]
) -> None:
    """Any other error, and a sentence of several lines, is a failure."""
    try:
        operation_for(layer)(layer, parameters, inputs)
    except UnsupportedLayerError as error:
        assert "\n" not in str(error)


ODD_VALUES: tuple[Any, ...] = (
    None,
    "text",
    -1,
    0,
    10**12,
    1e308,
    True,
    [],
    [[]],
    ["a"] * 4,
    {"a": 1},
)
ODD_ARRAYS = (
    np.zeros(0),
    np.zeros((3, 1, 2)),
    np.zeros((1, 1, 1, 1, 1)),
    np.array("text"),
    np.full((2, 2, 4, 3), np.nan),
)


@pytest.mark.parametrize("type", sorted(set(OPERATIONS) - {"input_layer"}))
def test_no_attribute_value_causes_another_error(type: str) -> None:
    """Every attribute of a working layer is replaced in turn; it runs or is refused."""
    known = COMPARED[type]
    names = (*known.params, "groups", "reduce_axes", "elementwise_add", "input_tiles")
    for name, value in product(names, ODD_VALUES):
        layer = layer_of(type, [(4, 6, 4)], **{**known.params, name: value})
        with row(name, value):
            run_or_refuse(layer, known.parameters, known.inputs)


@pytest.mark.parametrize("type", sorted(set(OPERATIONS) - {"input_layer"}))
def test_no_array_causes_another_error(type: str) -> None:
    known = COMPARED[type]
    layer = layer_of(type, [(4, 6, 4)], **known.params)
    keys = (*known.parameters, "bias", "padding_const_value", "epsilon")
    for key, stored in product(keys, ODD_ARRAYS):
        with row(key, stored.dtype, stored.shape):
            run_or_refuse(layer, {**known.parameters, key: stored}, known.inputs)
