"""Layers that only move values between height, width and channels."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from utils.emulator.operations.attributes import (
    flag,
    integers,
    operands,
    static_shape,
    text,
    unsupported,
)
from utils.emulator.operations.contract import Operation, Parameters
from utils.emulator.operations.grouping import grouped, groups_of, ungrouped
from utils.har.network import Layer

# Order of the axes (N, H, block height, W, block width, C) in the result, whose last three
# become the channels. A patch cut out row by row (serial) is what classic_dcr gives.
_SPACE_TO_DEPTH = {
    "classic_dcr": (0, 1, 3, 2, 4, 5),
    "classic_crd": (0, 1, 3, 5, 2, 4),
    "focus": (0, 1, 3, 4, 2, 5),
    "serial": (0, 1, 3, 2, 4, 5),
}
_DEPTH_TO_SPACE = ("dcr", "crd")


def space_to_depth(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Every block of pixels becomes one pixel; the type names the order of its channels."""
    (tensor,) = operands(layer, inputs, 1)
    high, wide = integers(layer, "block_sizes", 2)
    order = _SPACE_TO_DEPTH[text(layer, "space_to_depth_type", _SPACE_TO_DEPTH, "classic_dcr")]
    height, width, channels = static_shape(tensor)
    if height % high or width % wide:
        raise unsupported(layer, f"blocks of {high}x{wide} do not tile {height}x{width} pixels")
    blocks = tf.reshape(tensor, [-1, height // high, high, width // wide, wide, channels])
    rows, columns = height // high, width // wide
    if flag(layer, "spatial_flatten_output"):
        rows, columns = 1, rows * columns
    return tf.reshape(tf.transpose(blocks, order), [-1, rows, columns, high * wide * channels])


def depth_to_space(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Every pixel becomes a block of pixels; blocks are the slow (dcr) or fast axis (crd)."""
    (tensor,) = operands(layer, inputs, 1)
    high, wide = integers(layer, "block_sizes", 2)
    height, width, channels = static_shape(tensor)
    if channels % (high * wide):
        raise unsupported(layer, f"{channels} channels do not divide into {high}x{wide} blocks")
    depth = channels // (high * wide)
    if text(layer, "depth_to_space_type", _DEPTH_TO_SPACE, "dcr") == "dcr":
        parts = tf.reshape(tensor, [-1, height, width, high, wide, depth])
        parts = tf.transpose(parts, [0, 1, 3, 2, 4, 5])
    else:
        parts = tf.reshape(tensor, [-1, height, width, depth, high, wide])
        parts = tf.transpose(parts, [0, 1, 4, 2, 5, 3])
    return tf.reshape(parts, [-1, height * high, width * wide, depth])


def feature_shuffle(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Channel c of group g moves to place c of the groups' channels dealt in turn."""
    (tensor,) = operands(layer, inputs, 1)
    if layer.params.get("groups") is None:
        raise unsupported(layer, "its attribute groups is missing")
    groups = groups_of(layer, static_shape(tensor)[2])
    return ungrouped(tf.transpose(grouped(tensor, groups), [0, 1, 2, 4, 3]))


def feature_interleave(
    layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]
) -> tf.Tensor:
    """Channel 0 of every input in turn, then channel 1 of every input, and so on."""
    shapes = {static_shape(tensor) for tensor in inputs}
    if len(shapes) != 1:
        raise unsupported(layer, f"its inputs differ in shape: {sorted(shapes)}")
    return ungrouped(tf.stack(list(inputs), axis=4))


OPERATIONS: dict[str, Operation] = {
    "space_to_depth": space_to_depth,
    "depth_to_space": depth_to_space,
    "feature_shuffle": feature_shuffle,
    "feature_interleave": feature_interleave,
}
