"""Convolutions whose weights are computed by another layer, for every sample anew."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from utils.emulator.operations.attributes import integers, static_shape, unsupported
from utils.emulator.operations.grouping import groups_of
from utils.emulator.operations.matmul import contracted
from utils.emulator.operations.padding import Window, margins, padded, windows_of
from utils.har.network import Layer

# Every tap is a slice of its own in the graph; correlation windows of trackers stay below.
_MAXIMUM_TAPS = 1024


def dynamic_convolution(layer: Layer, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """1x1 convolution of input 0 by input 1, whose width and channels are fan-in and fan-out."""
    tensor, weights = _tensor_and_weights(layer, inputs)
    height, width, _, _ = integers(layer, "kernel_shape", 4)
    windows = windows_of(layer, (height, width))
    if windows != (Window(1), Window(1)):
        raise unsupported(
            layer, "how weights that are an input are laid out is known for 1x1 kernels only"
        )
    return contracted(layer, tensor, weights, groups_of(layer, static_shape(tensor)[2]))


def dynamic_depthwise(layer: Layer, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Correlate every channel of input 0 with the same channel of input 1."""
    tensor, weights = _tensor_and_weights(layer, inputs)
    taps_high, taps_wide, channels = static_shape(weights)
    if channels != static_shape(tensor)[2] or taps_high * taps_wide > _MAXIMUM_TAPS:
        raise unsupported(
            layer,
            f"weights of {static_shape(weights)} cannot be laid over an input of "
            f"{static_shape(tensor)}",
        )
    windows = windows_of(layer, (taps_high, taps_wide))
    tensor = padded(layer, tensor, margins(layer, tensor, windows), 0.0)
    return tf.add_n(
        [
            _shifted(tensor, windows, row, column) * weights[:, row : row + 1, column : column + 1]
            for row in range(taps_high)
            for column in range(taps_wide)
        ]
    )


def _tensor_and_weights(layer: Layer, inputs: Sequence[tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
    if len(inputs) < 2:
        raise unsupported(layer, "its weights are an input, but it has no second input")
    return inputs[0], inputs[1]


def _shifted(tensor: tf.Tensor, windows: tuple[Window, Window], row: int, column: int) -> tf.Tensor:
    """What the tap at (row, column) sees, one value per position of the window."""
    height, width, _ = static_shape(tensor)
    high, wide = windows
    top, left = row * high.dilation, column * wide.dilation
    bottom, right = top + height - high.extent + 1, left + width - wide.extent + 1
    return tensor[:, top : bottom : high.stride, left : right : wide.stride]
