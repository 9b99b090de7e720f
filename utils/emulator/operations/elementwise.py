"""Arithmetic between two tensors, and constants that enter the graph as one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import tensorflow as tf

from utils.emulator.operations.attributes import (
    array,
    channel_vector,
    flag,
    number,
    operands,
    static_shape,
    text,
    unsupported,
)
from utils.emulator.operations.broadcasting import repeated_and_tiled
from utils.emulator.operations.contract import Operation, Parameters
from utils.har.network import Layer

_MULTIPLIER_TYPES = ("square", "user_specified")
_EXPONENT_KEYS = ("exponent", "power", "pow")


def elementwise(
    function: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    layer: Layer,
    parameters: Parameters,
    inputs: Sequence[tf.Tensor],
) -> tf.Tensor:
    """`function` of two inputs, after input_repeats and input_tiles; axes of 1 broadcast."""
    if flag(layer, "is_softmax_mask"):
        raise unsupported(layer, "what the mask of a softmax does to its input is not public")
    first, second = repeated_and_tiled(layer, operands(layer, inputs, 2))
    pairs = zip(static_shape(first), static_shape(second), strict=True)
    if any(a != b and 1 not in (a, b) for a, b in pairs):
        raise unsupported(
            layer,
            f"its inputs have shapes {static_shape(first)} and {static_shape(second)}",
        )
    return function(first, second)


def feature_multiplier(
    layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]
) -> tf.Tensor:
    """Every value times itself, or times a stored factor per channel."""
    (tensor,) = operands(layer, inputs, 1)
    if text(layer, "feature_multiplier_type", _MULTIPLIER_TYPES) == "square":
        return tf.square(tensor)
    return tensor * channel_vector(layer, parameters, "kernel", static_shape(tensor)[2])


def square(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Every value times itself."""
    return tf.square(operands(layer, inputs, 1)[0])


def power(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Every value to the power of a stored exponent."""
    (tensor,) = operands(layer, inputs, 1)
    key = next((key for key in _EXPONENT_KEYS if key in parameters), None)
    if key is None:
        raise unsupported(layer, "the archive holds no exponent for it")
    return tf.pow(tensor, number(layer, parameters, key, 1.0))


def constant(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """The stored constant (H, W, C), tiled; its batch is 1 and broadcasts over the samples."""
    operands(layer, inputs, 0)
    data = array(layer, parameters, "const_data")
    if data.ndim > 3:
        raise unsupported(layer, f"its array 'const_data' has shape {data.shape}, not (H, W, C)")
    data = data.reshape(1, *(1,) * (3 - data.ndim), *data.shape)
    return repeated_and_tiled(layer, [tf.constant(data)])[0]


OPERATIONS: dict[str, Operation] = {
    "ew_add": partial(elementwise, tf.add),
    "ew_sub": partial(elementwise, tf.subtract),
    "ew_mult": partial(elementwise, tf.multiply),
    "ew_div": partial(elementwise, tf.divide),
    "ew_max": partial(elementwise, tf.maximum),
    "ew_min": partial(elementwise, tf.minimum),
    "feature_multiplier": feature_multiplier,
    "square": square,
    "pow": power,
    "const_input": constant,
}
