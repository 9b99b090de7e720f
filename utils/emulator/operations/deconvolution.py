"""Transposed convolution: every input value adds its kernel to the output, `stride` apart.

The kernel is not turned around, as in ONNX's ConvTranspose. Which of its last two axes is
the input shows in their sizes; where both are equal, the input comes first, as in a conv.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from utils.emulator.operations.attributes import (
    FloatArray,
    array,
    bounded,
    static_shape,
    text,
    unsupported,
)
from utils.emulator.operations.contract import Operation, Parameters
from utils.emulator.operations.convolution import finished, four_axes
from utils.emulator.operations.grouping import groups_of
from utils.emulator.operations.padding import (
    DECONV_MODES,
    Margin,
    Window,
    transposed_margin,
    windows_of,
)
from utils.har.network import Layer


def deconvolution(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Transposed convolution; the padding mode tells what is cut off the full result."""
    kernel = four_axes(layer, array(layer, parameters, "kernel"))
    height, width, channels = static_shape(inputs[0])
    groups = groups_of(layer, channels)
    kernels = _kernel_per_group(layer, parameters, kernel, channels, groups)
    windows = windows_of(layer, (kernel.shape[0], kernel.shape[1]))
    found = [_margin(layer, axis, size, windows[axis]) for axis, size in enumerate((height, width))]
    full = [
        # TensorFlow wants no more than stride - 1 values beyond the last kernel.
        (size - 1) * window.stride + window.extent - min(after, 0)
        for size, window, (_, after) in zip((height, width), windows, found, strict=True)
    ]
    bounded(layer, (*full, groups * kernels.shape[3]))
    result = _transposed(inputs[0], _spread(layer, kernels, windows), windows, full)
    (top, bottom), (left, right) = found
    result = result[:, top : full[0] - max(bottom, 0), left : full[1] - max(right, 0)]
    return finished(layer, result, parameters, inputs)


def _margin(layer: Layer, axis: int, size: int, window: Window) -> Margin:
    mode = text(layer, "padding", DECONV_MODES)
    if mode == "VALID":
        return 0, 0
    surplus = window.extent - window.stride
    if mode == "DECONV" and layer.output_shapes:
        surplus = (size - 1) * window.stride + window.extent - layer.output_shape[axis]
    if not -window.stride < surplus <= 2 * window.extent:
        raise unsupported(
            layer, f"no padding leads from {size} values to {layer.output_shape[axis]}"
        )
    return transposed_margin(mode, window, surplus)


def _kernel_per_group(
    layer: Layer, parameters: Parameters, kernel: FloatArray, channels: int, groups: int
) -> FloatArray:
    """The kernel as (groups, kh, kw, channels out per group, channels in per group)."""
    height, width, first, second = kernel.shape
    outputs = _output_channels(layer, parameters, kernel, channels)
    fan_in, fan_out = channels // groups, outputs // groups
    # (last two axes of the kernel), (these axes with the groups apart), (order to bring them to);
    # where two layouts have the same sizes, the first holds.
    layouts = (
        ((fan_in, outputs), (fan_in, groups, fan_out), (3, 0, 1, 4, 2)),
        ((channels, fan_out), (groups, fan_in, fan_out), (2, 0, 1, 4, 3)),
        ((fan_out, channels), (fan_out, groups, fan_in), (3, 0, 1, 2, 4)),
        ((outputs, fan_in), (groups, fan_out, fan_in), (2, 0, 1, 3, 4)),
    )
    layout = next((rest for sizes, *rest in layouts if sizes == (first, second)), None)
    if layout is None or outputs % groups:
        raise unsupported(
            layer,
            f"its kernel {kernel.shape} does not lead from {channels} to {outputs} channels in "
            f"{groups} groups",
        )
    axes, order = layout
    per_group: FloatArray = kernel.reshape(height, width, *axes).transpose(order)
    return per_group


def _output_channels(
    layer: Layer, parameters: Parameters, kernel: FloatArray, channels: int
) -> int:
    if "bias" in parameters and parameters["bias"].size > 1:
        return int(parameters["bias"].size)
    if layer.output_shapes:
        return layer.output_shape[2]
    return int(kernel.shape[3] if kernel.shape[2] == channels else kernel.shape[2])


def _spread(layer: Layer, kernels: FloatArray, windows: tuple[Window, Window]) -> FloatArray:
    """The kernels with the zeros of their dilations written out."""
    groups, _, _, fan_out, fan_in = kernels.shape
    high, wide = windows
    bounded(layer, (groups, high.extent, wide.extent, fan_out, fan_in))
    spread = np.zeros((groups, high.extent, wide.extent, fan_out, fan_in), np.float32)
    spread[:, :: high.dilation, :: wide.dilation] = kernels
    return spread


def _transposed(
    tensor: tf.Tensor, kernels: FloatArray, windows: tuple[Window, Window], full: list[int]
) -> tf.Tensor:
    groups, height, width, fan_out, fan_in = kernels.shape
    strides = [1, windows[0].stride, windows[1].stride, 1]
    batch = tf.shape(tensor)[0]
    if fan_in == fan_out == 1 and strides[1] == strides[2]:
        kernel = kernels.reshape(groups, height, width).transpose(1, 2, 0)[..., np.newaxis]
        sizes = tf.stack([batch, *full, groups])
        return tf.nn.depthwise_conv2d_backprop_input(sizes, kernel, tensor, strides, "VALID")
    sizes = tf.stack([batch, *full, fan_out])
    parts = [
        tf.nn.conv2d_transpose(part, kernel, sizes, strides, "VALID")
        for part, kernel in zip(tf.split(tensor, groups, axis=3), kernels, strict=True)
    ]
    return tf.concat(parts, axis=3) if groups > 1 else parts[0]


OPERATIONS: dict[str, Operation] = {"deconv": deconvolution}
