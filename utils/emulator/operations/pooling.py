"""Maximum and mean over sliding windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from utils.emulator.operations.attributes import (
    FloatArray,
    flag,
    operands,
    spatial_pair,
    static_shape,
    unsupported,
)
from utils.emulator.operations.contract import Operation, Parameters
from utils.emulator.operations.padding import Margin, Window, margins, padded, windows_of
from utils.har.network import Layer


def maximum_pool(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Maximum of every window; padding never wins."""
    (tensor,) = operands(layer, inputs, 1)
    windows = _windows(layer)
    tensor = padded(layer, tensor, margins(layer, tensor, windows), -np.inf)
    sizes, strides = _sizes(windows), _strides(windows)
    return tf.nn.max_pool2d(tensor, sizes, strides, "VALID")


def average_pool(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Mean of every window; padding counts as zeros unless count_include_pad is false."""
    (tensor,) = operands(layer, inputs, 1)
    windows = _windows(layer)
    found = margins(layer, tensor, windows)
    height, width, _ = static_shape(tensor)
    result = tf.nn.avg_pool2d(
        padded(layer, tensor, found, 0.0), _sizes(windows), _strides(windows), "VALID"
    )
    if flag(layer, "count_include_pad", default=True) or not any(map(any, found)):
        return result
    rows = _share_inside(height, windows[0], found[0])
    columns = _share_inside(width, windows[1], found[1])
    return result / np.outer(rows, columns)[np.newaxis, :, :, np.newaxis]


def global_average_pool(
    layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]
) -> tf.Tensor:
    """Mean over height and width."""
    return tf.reduce_mean(operands(layer, inputs, 1)[0], axis=[1, 2], keepdims=True)


def _windows(layer: Layer) -> tuple[Window, Window]:
    windows = windows_of(layer, spatial_pair(layer, "kernel_shape"))
    if any(window.dilation > 1 for window in windows):
        raise unsupported(layer, "pooling with dilations is not defined")
    return windows


def _sizes(windows: tuple[Window, Window]) -> list[int]:
    return [window.size for window in windows]


def _strides(windows: tuple[Window, Window]) -> list[int]:
    return [window.stride for window in windows]


def _share_inside(size: int, window: Window, found: Margin) -> FloatArray:
    """For every position of the window, the share of its taps that lie on real values."""
    before, after = found
    real = np.zeros(before + size + after, np.float32)
    real[before : before + size] = 1.0
    views = np.lib.stride_tricks.sliding_window_view(real, window.size)[:: window.stride]
    shares: FloatArray = views.mean(axis=1, dtype=np.float32)
    return shares


OPERATIONS: dict[str, Operation] = {
    "maxpool": maximum_pool,
    "avgpool": average_pool,
    "global_avg_pool": global_average_pool,
}
