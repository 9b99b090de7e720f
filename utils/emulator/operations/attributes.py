"""Typed reading of a layer's attributes and arrays, which come from an untrusted file.

Everything here answers with a value of the promised type and size or raises
UnsupportedLayerError with a sentence that names the layer.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.operations.contract import Parameters
from utils.errors import UnsupportedLayerError
from utils.har.network import Layer, Shape

FloatArray = NDArray[np.float32]

# 1 GiB of float32 per sample: more comes from a damaged attribute, not from a network.
MAXIMUM_ELEMENTS = 2**28
_LARGEST_INTEGER = 2**31 - 1


def unsupported(layer: Layer, reason: str) -> UnsupportedLayerError:
    """The error for a layer that cannot be emulated, naming it, its type and the reason."""
    return UnsupportedLayerError(
        f"layer {layer.described()} of type {layer.type} cannot be emulated: {reason}"
    )


def flag(layer: Layer, name: str, default: bool = False) -> bool:
    """A boolean attribute; 0 and 1 count as booleans."""
    value = layer.params.get(name)
    if value is None:
        return default
    if value not in (0, 1):
        raise unsupported(layer, f"its attribute {name} is {value!r}, not true or false")
    return bool(value)


def integer(layer: Layer, name: str, default: int | None = None, minimum: int = 1) -> int:
    """An integer attribute of at least `minimum`; without default it must be there."""
    value = _present(layer, name, default)
    if not _is_integer(value) or value < minimum:
        raise unsupported(
            layer, f"its attribute {name} is {value!r}, not an integer of at least {minimum}"
        )
    return int(value)


def text(layer: Layer, name: str, choices: Collection[str], default: str | None = None) -> str:
    """A text attribute, one of `choices`; without default it must be there."""
    value = _present(layer, name, default)
    if not isinstance(value, str) or value not in choices:
        known = ", ".join(choices)
        raise unsupported(layer, f"its attribute {name} is {value!r}, not one of {known}")
    return value


def integers(
    layer: Layer,
    name: str,
    length: int,
    default: Sequence[int] | None = None,
    minimum: int = 1,
) -> tuple[int, ...]:
    """A list of `length` integers of at least `minimum`."""
    value = _present(layer, name, default)
    if not _is_integer_list(value, length) or min(value) < minimum:
        raise unsupported(
            layer,
            f"its attribute {name} is {value!r}, not a list of {length} integers of at least "
            f"{minimum}",
        )
    return tuple(int(entry) for entry in value)


def spatial_pair(
    layer: Layer, name: str, default: tuple[int, int] | None = None
) -> tuple[int, int]:
    """Height and width out of an attribute [1, height, width, 1]."""
    batch, height, width, channels = integers(
        layer, name, 4, None if default is None else (1, *default, 1)
    )
    if (batch, channels) != (1, 1):
        raise unsupported(layer, f"its attribute {name} works along the batch or the channels, too")
    return height, width


def triples(layer: Layer, name: str, count: int) -> tuple[Shape, ...]:
    """`count` triples (height, width, channels) of positive integers; ones where absent."""
    value = layer.params.get(name)
    if value is None:
        return ((1, 1, 1),) * count
    if (
        not isinstance(value, (list, tuple))
        or len(value) != count
        or not all(_is_integer_list(entry, 3) and min(entry) >= 1 for entry in value)
    ):
        raise unsupported(
            layer,
            f"its attribute {name} is {value!r}, not one [height, width, features] of positive "
            f"integers per input ({count})",
        )
    return tuple((int(h), int(w), int(c)) for h, w, c in value)


def ratios(layer: Layer, name: str) -> tuple[float, ...]:
    """A list of positive numbers; (1.0,) where absent or empty."""
    value = layer.params.get(name)
    if value is None:
        return (1.0,)
    if not isinstance(value, (list, tuple)) or not all(
        _is_number(entry) and entry > 0 for entry in value
    ):
        raise unsupported(
            layer, f"its attribute {name} is {value!r}, not a list of positive numbers"
        )
    return tuple(float(entry) for entry in value) or (1.0,)


def array(layer: Layer, parameters: Parameters, key: str) -> FloatArray:
    """An array that the layer cannot do without, as float32."""
    if key not in parameters:
        raise unsupported(layer, f"the archive holds no array {key!r} for it")
    return as_float(layer, parameters, key)


def as_float(layer: Layer, parameters: Parameters, key: str) -> FloatArray:
    """An existing array as float32."""
    value = np.asarray(parameters[key])
    if value.dtype.kind not in "fiub":
        raise unsupported(layer, f"its array {key!r} holds {value.dtype}, not numbers")
    return np.ascontiguousarray(value, dtype=np.float32).reshape(value.shape)


def channel_vector(layer: Layer, parameters: Parameters, key: str, channels: int) -> FloatArray:
    """An array of one value per channel, shape (channels,); one value serves all channels.

    Axes of size 1 do not matter: (1, 1, channels, 1) is the same as (channels,).
    """
    value = array(layer, parameters, key)
    if value.size not in (1, channels):
        raise unsupported(
            layer, f"its array {key!r} has shape {value.shape} for {channels} channels"
        )
    return np.broadcast_to(value.reshape(-1), (channels,))


def held(values: FloatArray, dtype: tf.DType = tf.float32) -> tf.Tensor:
    """The values as a tensor outside of the graph that is being traced.

    A constant inside of a graph is copied a dozen times on its way to the runtime. No derivative
    is taken with respect to it.
    """
    return tf.stop_gradient(outside_graph(values, dtype))


def outside_graph(values: FloatArray, dtype: tf.DType = tf.float32) -> tf.Tensor:
    """The values as a tensor that any graph may use."""
    with tf.init_scope():
        return tf.constant(values, dtype)


def number(layer: Layer, parameters: Parameters, key: str, default: float) -> float:
    """A single number kept as an array; `default` where the array is absent."""
    if key not in parameters:
        return default
    value = as_float(layer, parameters, key)
    if value.size != 1:
        raise unsupported(layer, f"its array {key!r} has shape {value.shape}, not one number")
    return float(value.reshape(-1)[0])


def operands(layer: Layer, inputs: Sequence[tf.Tensor], count: int) -> Sequence[tf.Tensor]:
    """The inputs, after a check that there are `count` of them."""
    if len(inputs) != count:
        raise unsupported(layer, f"it has {len(inputs)} inputs where {count} are needed")
    return inputs


def static_shape(tensor: tf.Tensor) -> Shape:
    """(height, width, channels) of a tensor."""
    _, height, width, channels = tensor.shape
    return int(height), int(width), int(channels)


def bounded(layer: Layer, shape: Sequence[int]) -> None:
    """Refuse a shape per sample that no memory can hold, before it is allocated."""
    if math.prod(shape) > MAXIMUM_ELEMENTS:
        sizes = "x".join(str(size) for size in shape)
        raise unsupported(layer, f"a tensor of {sizes} values per sample is beyond sane bounds")


def _present(layer: Layer, name: str, default: Any) -> Any:
    value = layer.params.get(name)
    if value is not None:
        return value
    if default is None:
        raise unsupported(layer, f"its attribute {name} is missing")
    return default


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_integer(value: Any) -> bool:
    return _is_number(value) and value == int(value) and abs(value) <= _LARGEST_INTEGER


def _is_integer_list(value: Any, length: int) -> bool:
    return (
        isinstance(value, (list, tuple))
        and len(value) == length
        and all(_is_integer(entry) for entry in value)
    )
