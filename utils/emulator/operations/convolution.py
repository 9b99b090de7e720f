"""Convolutions and dense layers with stored weights.

A conv or dw with elementwise_add takes a second input, which is added before the activation.
Batch normalization (attribute batch_norm) is already part of the stored kernel and bias.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from utils.emulator.operations.attributes import (
    FloatArray,
    array,
    bounded,
    channel_vector,
    flag,
    held,
    number,
    operands,
    static_shape,
    unsupported,
)
from utils.emulator.operations.byte_convolution import byte_convolution
from utils.emulator.operations.contract import Operation, Parameters
from utils.emulator.operations.dynamic_weights import dynamic_convolution, dynamic_depthwise
from utils.emulator.operations.grouping import groups_of
from utils.emulator.operations.normalization import normalized_input
from utils.emulator.operations.padding import Window, margins, padded, strides_taken, windows_of
from utils.har.network import Layer


def convolution(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Convolution with a kernel (kh, kw, channels in per group, channels out).

    Bytes are multiplied as such, into sums that are int32, where the kernel holds bytes too.
    """
    if flag(layer, "dynamic_weights"):
        return finished(layer, dynamic_convolution(layer, inputs), parameters, inputs[1:])
    kernel = four_axes(layer, array(layer, parameters, "kernel"))
    channels = static_shape(inputs[0])[2]
    groups = groups_of(layer, channels)
    kernel = _kernel_per_group(layer, kernel, channels, groups)
    windows = windows_of(layer, (kernel.shape[0], kernel.shape[1]))
    tensor = normalized_input(layer, parameters, inputs[0])
    if (around := _zeros_around(layer, parameters, tensor, windows)) is not None:
        result = tf.nn.conv2d(tensor, held(kernel, tensor.dtype), windows[0].stride, around)
        return finished(layer, result, parameters, inputs)
    tensor, strides = strides_taken(_padded_input(layer, parameters, tensor, windows), windows)
    dilations = [window.dilation for window in windows]
    if tensor.dtype == tf.uint8:
        if groups == 1 and strides[0] == strides[1] and max(dilations) == 1:
            result = byte_convolution(tensor, kernel, strides)
            return finished(layer, result, parameters, inputs)
        tensor = tf.cast(tensor, tf.float32)
    result = tf.nn.conv2d(tensor, held(kernel, tensor.dtype), strides, "VALID", dilations=dilations)
    return finished(layer, result, parameters, inputs)


def depthwise(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Convolution of every channel for itself with a kernel (kh, kw, channels, multiplier)."""
    if flag(layer, "dynamic_weights"):
        return finished(layer, dynamic_depthwise(layer, inputs), parameters, inputs[1:])
    kernel = four_axes(layer, array(layer, parameters, "kernel"))
    channels = static_shape(inputs[0])[2]
    if kernel.shape[2] != channels:
        raise unsupported(layer, f"its kernel {kernel.shape} does not fit {channels} channels")
    windows = windows_of(layer, (kernel.shape[0], kernel.shape[1]))
    tensor = normalized_input(layer, parameters, inputs[0])
    tensor, strides = strides_taken(_padded_input(layer, parameters, tensor, windows), windows)
    dilations = [window.dilation for window in windows]
    is_odd = max(strides) > 1 and (strides[0] != strides[1] or max(dilations) > 1)
    if is_odd or channels == 1:
        # TensorFlow's depthwise kernels know neither unequal strides nor strides with dilations; of
        # a single channel they take what oneDNN remembers of a convolution of the same shape.
        multiplied = kernel.reshape(*kernel.shape[:2], 1, -1)
        result = tf.nn.conv2d(
            tensor, held(multiplied, tensor.dtype), strides, "VALID", dilations=dilations
        )
    else:
        result = tf.nn.depthwise_conv2d(
            tensor, held(kernel, tensor.dtype), [1, *strides, 1], "VALID", dilations=dilations
        )
    return finished(layer, result, parameters, inputs)


def dense(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Matrix product of the input, flattened in the order H, W, C; the result is (N, 1, 1, C)."""
    kernel = array(layer, parameters, "kernel")
    if kernel.ndim not in (2, 4):
        raise unsupported(layer, f"its kernel has shape {kernel.shape}, not (inputs, outputs)")
    weights = kernel.reshape(-1, kernel.shape[-1])
    height, width, channels = static_shape(inputs[0])
    if weights.shape[0] != height * width * channels:
        raise unsupported(
            layer,
            f"its kernel {kernel.shape} does not fit an input of {height}x{width}x{channels}",
        )
    flat = tf.reshape(inputs[0], [-1, weights.shape[0]])
    result = tf.matmul(flat, held(weights, flat.dtype))
    return finished(layer, result[:, tf.newaxis, tf.newaxis, :], parameters, inputs)


def finished(
    layer: Layer, tensor: tf.Tensor, parameters: Parameters, inputs: Sequence[tf.Tensor]
) -> tf.Tensor:
    """Bias, rearrangement of the output and the added second input, in this order."""
    if "bias" in parameters:
        bias = channel_vector(layer, parameters, "bias", static_shape(tensor)[2])
        tensor = tf.nn.bias_add(tensor, bias)
    return added(layer, _rearranged(layer, tensor), inputs)


def added(layer: Layer, tensor: tf.Tensor, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """The tensor plus the second input if the layer has elementwise_add."""
    if not flag(layer, "elementwise_add"):
        operands(layer, inputs, 1)
        return tensor
    addend = operands(layer, inputs, 2)[1]
    if static_shape(addend) != static_shape(tensor):
        raise unsupported(
            layer, f"an input of {static_shape(addend)} is added to {static_shape(tensor)}"
        )
    # Where statistics are taken of a sum, TensorFlow 2.21 fails to fuse it with the convolution
    # and then leaves the whole graph unfused. Behind this operation it does not try.
    return tf.ensure_shape(tensor + addend, tensor.shape)


def four_axes(layer: Layer, kernel: FloatArray) -> FloatArray:
    """The kernel, after a check that it has a height, a width and two channel axes."""
    if kernel.ndim != 4 or not kernel.size:
        raise unsupported(layer, f"its kernel has shape {kernel.shape}, not four axes")
    recorded = layer.params.get("kernel_shape")
    if isinstance(recorded, list) and tuple(recorded[:2]) != kernel.shape[:2]:
        raise unsupported(layer, f"its kernel has shape {kernel.shape}, but {recorded} is recorded")
    return kernel


def _padding_value(layer: Layer, parameters: Parameters) -> float:
    return number(layer, parameters, "padding_const_value", 0.0)


def _padded_input(
    layer: Layer, parameters: Parameters, tensor: tf.Tensor, windows: tuple[Window, Window]
) -> tf.Tensor:
    found = margins(layer, tensor, windows)
    return padded(layer, tensor, found, _padding_value(layer, parameters))


def _zeros_around(
    layer: Layer, parameters: Parameters, tensor: tf.Tensor, windows: tuple[Window, Window]
) -> list[list[int]] | None:
    """Zeros that a convolution puts around its input by itself, which saves a copy of it.

    None where nothing is padded, or where TensorFlow is to be given a padded input.
    """
    across, along = windows
    is_plain = across.stride == along.stride and across.dilation == along.dilation == 1
    if tensor.dtype != tf.float32 or not is_plain or _padding_value(layer, parameters) != 0:
        return None
    found = margins(layer, tensor, windows)
    sizes = [size + sum(own) for size, own in zip(static_shape(tensor), found, strict=False)]
    # Where a window has a single position, its stride is never taken; see `strides_taken`.
    moves = all(size - w.extent >= w.stride for size, w in zip(sizes, windows, strict=True))
    if not moves or not any(map(sum, found)):
        return None
    bounded(layer, (*sizes, static_shape(tensor)[2]))
    return [[0, 0], *map(list, found), [0, 0]]


def _kernel_per_group(layer: Layer, kernel: FloatArray, channels: int, groups: int) -> FloatArray:
    height, width, fan_in, fan_out = kernel.shape
    if fan_in * groups == channels and fan_out % groups == 0:
        return kernel
    if fan_in != channels or fan_out % groups:
        raise unsupported(
            layer,
            f"its kernel {kernel.shape} does not fit {channels} channels in {groups} groups",
        )
    # A kernel over all channels is zero outside of the blocks that join a group to itself.
    blocks = kernel.reshape(height, width, groups, fan_in // groups, groups, fan_out // groups)
    own = np.eye(groups, dtype=bool)[:, np.newaxis, :, np.newaxis]
    if np.any(np.where(own, 0, blocks)):
        raise unsupported(layer, f"its kernel joins channels across its {groups} groups")
    per_group: FloatArray = blocks.sum(axis=2).reshape(height, width, fan_in // groups, fan_out)
    return per_group


def _rearranged(layer: Layer, tensor: tf.Tensor) -> tf.Tensor:
    height, width, channels = static_shape(tensor)
    if flag(layer, "spatial_flatten_output"):
        tensor = tf.reshape(tensor, [-1, 1, height * width, channels])
    if flag(layer, "transpose_output_width_features"):
        tensor = tf.transpose(tensor, [0, 1, 3, 2])
    return tensor


OPERATIONS: dict[str, Operation] = {"conv": convolution, "dw": depthwise, "dense": dense}
