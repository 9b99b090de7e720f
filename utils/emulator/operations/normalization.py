"""Affine maps per channel, and normalization by the statistics of the data themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from utils.emulator.operations.attributes import (
    FloatArray,
    channel_vector,
    flag,
    number,
    operands,
    static_shape,
    text,
    unsupported,
)
from utils.emulator.operations.contract import Operation, Parameters
from utils.emulator.operations.grouping import grouped, groups_of, ungrouped
from utils.emulator.operations.per_channel import scaled_and_shifted
from utils.emulator.operations.reduction import reduced_axes
from utils.har.network import Layer

DEFAULT_EPSILON = 1e-5

# Frameworks disagree on these names, and none is documented for an archive.
_MEAN = ("mean", "moving_mean", "running_mean")
_VARIANCE = ("variance", "moving_variance", "running_variance", "var", "running_var")
_GAMMA = ("gamma", "scale")
_BETA = ("beta", "offset", "bias")
_EPSILON = ("epsilon", "eps")


def normalization(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Compute x * kernel + bias per channel, plus the second input if elementwise_add is set."""
    channels = static_shape(inputs[0])[2]
    kernel, bias = channel_vector(layer, parameters, "kernel", channels), None
    if "bias" in parameters:
        bias = channel_vector(layer, parameters, "bias", channels)
    result = scaled_and_shifted(inputs[0], kernel, bias)
    if flag(layer, "elementwise_add"):
        return result + operands(layer, inputs, 2)[1]
    operands(layer, inputs, 1)
    return result


def batch_norm(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Compute gamma * (x - mean) / sqrt(variance + epsilon) + beta, or as `normalization` does."""
    if not _has_moments(parameters):
        return normalization(layer, parameters, inputs)
    (tensor,) = operands(layer, inputs, 1)
    return _batch_normalized(layer, parameters, tensor)


def normalized_input(layer: Layer, parameters: Parameters, tensor: tf.Tensor) -> tf.Tensor:
    """The input of a convolution after its pre_layer_batch_norm.

    Without moments in the archive it is part of the kernel already, which is exact only
    where nothing is padded.
    """
    if not flag(layer, "pre_layer_batch_norm"):
        return tensor
    if _has_moments(parameters):
        return _batch_normalized(layer, parameters, tensor)
    if text(layer, "padding", ("VALID", "SAME", "SAME_TENSORFLOW")) != "VALID":
        raise unsupported(layer, "the archive holds no moments for its pre_layer_batch_norm")
    return tensor


def layer_normalization(
    layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]
) -> tf.Tensor:
    """(x - mean) / sqrt(variance + epsilon) over reduce_axes, in every group of channels.

    With rms_norm the mean stays in. A stored gamma and beta are applied; usually they are a
    normalization layer of their own.
    """
    (tensor,) = operands(layer, inputs, 1)
    channels = static_shape(tensor)[2]
    groups = groups_of(layer, channels)
    values = grouped(tensor, groups)
    # The group is an axis of its own in front of the channels, which are axis 4 now.
    axes = [4 if axis == 3 else axis for axis in reduced_axes(layer)]
    if not flag(layer, "rms_norm"):
        values -= tf.reduce_mean(values, axis=axes, keepdims=True)
    energy = tf.reduce_mean(tf.square(values), axis=axes, keepdims=True)
    result = ungrouped(values * tf.math.rsqrt(energy + _epsilon(layer, parameters)))
    gamma = _first(layer, parameters, (*_GAMMA, "kernel"), channels)
    beta = _first(layer, parameters, _BETA, channels)
    result = result if gamma is None else result * gamma
    return result if beta is None else result + beta


def _batch_normalized(layer: Layer, parameters: Parameters, tensor: tf.Tensor) -> tf.Tensor:
    channels = static_shape(tensor)[2]
    mean = _first(layer, parameters, _MEAN, channels)
    variance = _first(layer, parameters, _VARIANCE, channels)
    gamma = _first(layer, parameters, _GAMMA, channels)
    # A convolution has a bias of its own, which is not the beta of what precedes it.
    beta = _first(layer, parameters, _BETA[:2] if "kernel" in parameters else _BETA, channels)
    factor = 1.0 / np.sqrt(np.asarray(variance) + np.float32(_epsilon(layer, parameters)))
    factor = factor if gamma is None else factor * gamma
    shift = -np.asarray(mean) * factor
    return tensor * factor + (shift if beta is None else shift + beta)


def _has_moments(parameters: Parameters) -> bool:
    return any(key in parameters for key in _MEAN) and any(key in parameters for key in _VARIANCE)


def _first(
    layer: Layer, parameters: Parameters, keys: Sequence[str], channels: int
) -> FloatArray | None:
    key = next((key for key in keys if key in parameters), None)
    return None if key is None else channel_vector(layer, parameters, key, channels)


def _epsilon(layer: Layer, parameters: Parameters) -> float:
    key = next((key for key in _EPSILON if key in parameters), _EPSILON[0])
    return number(layer, parameters, key, DEFAULT_EPSILON)


OPERATIONS: dict[str, Operation] = {
    "normalization": normalization,
    "batch_norm": batch_norm,
    "layer_normalization": layer_normalization,
}
