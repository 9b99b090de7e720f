"""Layers that pass, select, join or surround values without computing new ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import tensorflow as tf

from utils.emulator.operations.attributes import (
    flag,
    integers,
    number,
    operands,
    static_shape,
    text,
    unsupported,
)
from utils.emulator.operations.contract import Operation, Parameters
from utils.emulator.operations.convolution import added
from utils.emulator.operations.grouping import groups_of
from utils.emulator.operations.padding import padded
from utils.har.network import Layer

_AXES = {"height": 1, "width": 2, "features": 3}
_CONCAT_AXES = {"features": 3, "spatial_w": 2}


def identity(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """The input as it is, plus the second input if elementwise_add is set."""
    if not inputs:
        raise unsupported(layer, "it has no input")
    return added(layer, inputs[0], inputs)


def concat(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Inputs one after the other along the channels or the width, in operand order."""
    sizes = layer.params.get("group_sizes")
    if sizes and set(sizes) != {1}:
        raise unsupported(layer, f"what its attribute group_sizes {sizes!r} means is not public")
    default = "spatial_w" if flag(layer, "spatial_w_concat") else "features"
    return _joined(layer, inputs, _CONCAT_AXES[text(layer, "concat_axis", _CONCAT_AXES, default)])


def merge(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """A single input as it is; several are joined along the axis that the output shape shows."""
    if len(inputs) == 1:
        return inputs[0]
    shapes = [static_shape(tensor) for tensor in inputs]
    for axis in (3, 2, 1):
        total = list(shapes[0])
        total[axis - 1] = sum(shape[axis - 1] for shape in shapes)
        if tuple(total) == layer.output_shape:
            return _joined(layer, inputs, axis)
    raise unsupported(layer, f"its inputs {shapes} do not join to {layer.output_shape}")


def external_pad(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Zeros, or the stored padding_const_value, around the image."""
    (tensor,) = operands(layer, inputs, 1)
    top, bottom, left, right = integers(layer, "external_pad_params", 4, minimum=0)
    value = number(layer, parameters, "padding_const_value", 0.0)
    return padded(layer, tensor, [(top, bottom), (left, right)], value)


def cut(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """[start, stop, step] along every axis; no stop, or 0, means the end."""
    (tensor,) = operands(layer, inputs, 1)
    selection = [slice(None)]
    for name, axis in _AXES.items():
        selection.append(_slice(layer, f"{name}_slice", static_shape(tensor)[axis - 1]))
    return tensor[tuple(selection)]


def split(
    axes: Sequence[str], layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]
) -> tuple[tf.Tensor, ...]:
    """One part per successor, of the size recorded for it; the first axis that fits is cut."""
    (tensor,) = operands(layer, inputs, 1)
    shape, parts = static_shape(tensor), layer.output_shapes
    for axis in (_AXES[name] for name in axes):
        sizes = [part[axis - 1] for part in parts]
        kept = [part[: axis - 1] + part[axis:] for part in parts]
        if sum(sizes) == shape[axis - 1] and set(kept) == {shape[: axis - 1] + shape[axis:]}:
            return _split_by_group(layer, tensor, axis, sizes)
    raise unsupported(layer, f"an input of {shape} does not split into {list(parts)}")


def demultiplex(
    layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]
) -> tuple[tf.Tensor, ...]:
    """Copies where every successor takes the whole input, else a split."""
    (tensor,) = operands(layer, inputs, 1)
    if set(layer.output_shapes) == {static_shape(tensor)}:
        return (tensor,) * len(layer.output_shapes)
    return split(("features", "width", "height"), layer, parameters, inputs)


def _split_by_group(
    layer: Layer, tensor: tf.Tensor, axis: int, sizes: list[int]
) -> tuple[tf.Tensor, ...]:
    groups = groups_of(layer, static_shape(tensor)[2]) if axis == 3 else 1
    if groups == 1:
        return tuple(tf.split(tensor, sizes, axis=axis))
    if any(size % groups for size in sizes):
        raise unsupported(layer, f"its outputs {sizes} do not divide into {groups} groups")
    # Every group of channels (a head of an attention layer) gives each output its share.
    channels = np.arange(sum(sizes)).reshape(groups, -1)
    ends = np.cumsum(sizes)[:-1] // groups
    return tuple(
        tf.gather(tensor, part.reshape(-1), axis=3) for part in np.split(channels, ends, axis=1)
    )


def _joined(layer: Layer, inputs: Sequence[tf.Tensor], axis: int) -> tf.Tensor:
    kept = {np.delete(static_shape(tensor), axis - 1).tobytes() for tensor in inputs}
    if len(kept) != 1:
        shapes = ", ".join(str(static_shape(tensor)) for tensor in inputs)
        raise unsupported(layer, f"its inputs do not fit together: {shapes or 'there are none'}")
    return tf.concat(list(inputs), axis=axis)


def _slice(layer: Layer, name: str, size: int) -> slice:
    value = layer.params.get(name)
    if not value:
        return slice(None)
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        raise unsupported(layer, f"its attribute {name} is {value!r}, not [start, stop, step]")
    start, stop, step = value
    chosen = slice(start or 0, stop or None, 1 if step is None else step)
    try:
        empty = chosen.step < 1 or not range(size)[chosen]
    except TypeError:
        empty = True
    if empty:
        raise unsupported(layer, f"its attribute {name} {value!r} selects nothing of {size}")
    return chosen


OPERATIONS: dict[str, Operation] = {
    "input_layer": identity,
    "output_layer": identity,
    "activation": identity,
    "precision_change": identity,
    "shortcut": identity,
    "portal": identity,
    "l4_portal": identity,
    "ddr": identity,
    "loopback": identity,
    "bucket": identity,
    "concat": concat,
    "merge": merge,
    "output_mux": merge,
    "external_pad": external_pad,
    "slice": cut,
    "feature_splitter": partial(split, ("features",)),
    "width_splitter": partial(split, ("width",)),
    "row_splitter": partial(split, ("height",)),
    "spatial_splitter": partial(split, ("width", "height")),
    "shape_splitter": partial(split, ("features", "width")),
    "demux": demultiplex,
}
