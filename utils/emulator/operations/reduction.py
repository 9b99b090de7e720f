"""Reductions of axes, softmax and argmax; channels are reduced within their group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import tensorflow as tf

from utils.emulator.operations.attributes import integer, operands, static_shape, unsupported
from utils.emulator.operations.contract import Operation, Parameters
from utils.emulator.operations.grouping import grouped, groups_of, ungrouped
from utils.har.network import Layer

_CHANNELS = 3

# What the axes 1, 2 and 3 are in (N, height groups, height, width, channel groups, channels).
_AXIS_IN_GROUPS = {1: 2, 2: 3, 3: 5}


def reduced_axes(layer: Layer) -> tuple[int, ...]:
    """The attribute reduce_axes, NHWC numbers; the channels where it is absent."""
    value = layer.params.get("reduce_axes")
    if value is None:
        return (_CHANNELS,)
    if not isinstance(value, (list, tuple)) or not set(value) <= {1, 2, 3} or not value:
        raise unsupported(
            layer, f"its attribute reduce_axes is {value!r}, not a choice of the axes 1, 2, 3"
        )
    return tuple(sorted({int(axis) for axis in value}))


def reduction(
    function: Callable[..., tf.Tensor],
    layer: Layer,
    parameters: Parameters,
    inputs: Sequence[tf.Tensor],
) -> tf.Tensor:
    """`function` over reduce_axes, which keep size 1, or one value per group."""
    (tensor,) = operands(layer, inputs, 1)
    height, width, channels = static_shape(tensor)
    groups, rows = groups_of(layer, channels), integer(layer, "height_groups", default=1)
    if height % rows:
        raise unsupported(layer, f"its height of {height} does not divide into {rows} groups")
    parts = tf.reshape(tensor, [-1, rows, height // rows, width, groups, channels // groups])
    axes = [_AXIS_IN_GROUPS[axis] for axis in reduced_axes(layer)]
    _, rows, height, width, groups, channels = (
        part := function(parts, axis=axes, keepdims=True)
    ).shape
    return tf.reshape(part, [-1, rows * height, width, groups * channels])


def softmax(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Softmax over the channels of every group, at every pixel."""
    (tensor,) = operands(layer, inputs, 1)
    groups = groups_of(layer, static_shape(tensor)[2])
    if groups == 1:
        return tf.nn.softmax(tensor)
    return ungrouped(tf.nn.softmax(grouped(tensor, groups)))


def argmax(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Index of the largest channel; the lowest index wins a tie."""
    (tensor,) = operands(layer, inputs, 1)
    return tf.cast(tf.argmax(tensor, axis=_CHANNELS), tf.float32)[..., tf.newaxis]


def _euclidean_norm(tensor: tf.Tensor, axis: Sequence[int], keepdims: bool) -> tf.Tensor:
    return tf.sqrt(_sum_of_squares(tensor, axis, keepdims))


def _sum_of_squares(tensor: tf.Tensor, axis: Sequence[int], keepdims: bool) -> tf.Tensor:
    return tf.reduce_sum(tf.square(tensor), axis=axis, keepdims=keepdims)


OPERATIONS: dict[str, Operation] = {
    "reduce_sum": partial(reduction, tf.reduce_sum),
    "reduce_mean": partial(reduction, tf.reduce_mean),
    "reduce_max": partial(reduction, tf.reduce_max),
    "reduce_min": partial(reduction, tf.reduce_min),
    "reduce_l2": partial(reduction, _euclidean_norm),
    "reduce_sum_square": partial(reduction, _sum_of_squares),
    "softmax": softmax,
    "argmax": argmax,
}
