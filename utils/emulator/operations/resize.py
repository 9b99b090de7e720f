"""Resizing along height, width and channels.

A list of several ratios is a resize done in several steps, one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from utils.emulator.operations.attributes import (
    bounded,
    operands,
    ratios,
    static_shape,
    text,
    unsupported,
)
from utils.emulator.operations.contract import Operation, Parameters
from utils.har.network import Layer

METHODS = ("nearest_neighbor", "bilinear")
PIXELS_MODES = ("disabled", "half_pixels", "align_corners")
_RATIO_LISTS = ("resize_h_ratio_list", "resize_w_ratio_list", "resize_f_ratio_list")


def resize(layer: Layer, parameters: Parameters, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Nearest neighbor (index * in // out) or bilinear interpolation."""
    (tensor,) = operands(layer, inputs, 1)
    for target in _targets(layer, static_shape(tensor)):
        bounded(layer, target)
        tensor = _resized(layer, tensor, target)
    return tensor


def _targets(layer: Layer, shape: tuple[int, int, int]) -> list[tuple[int, int, int]]:
    """(H, W, C) after every step; the last is the recorded shape where rounding allows it."""
    steps = [ratios(layer, name) for name in _RATIO_LISTS]
    count = max(len(step) for step in steps)
    targets = []
    current: tuple[int, ...] = shape
    for index in range(count):
        factors = [step[index] if index < len(step) else 1.0 for step in steps]
        exact = [size * factor for size, factor in zip(current, factors, strict=True)]
        bounded(layer, [int(min(size, 2**31)) + 1 for size in exact])
        current = tuple(max(round(size), 1) for size in exact)
        if index == count - 1 and layer.output_shapes:
            recorded = layer.output_shape
            if all(abs(a - b) < 1 for a, b in zip(recorded, exact, strict=True)):
                current = recorded
        targets.append((current[0], current[1], current[2]))
    return targets


def _resized(layer: Layer, tensor: tf.Tensor, target: tuple[int, int, int]) -> tf.Tensor:
    height, width, channels = static_shape(tensor)
    if text(layer, "method", METHODS) == "bilinear":
        if target[2] != channels:
            raise unsupported(layer, "it interpolates between channels")
        return _bilinear(layer, tensor, target[:2])
    if target[:2] != (height, width):
        tensor = tf.raw_ops.ResizeNearestNeighbor(images=tensor, size=target[:2])
    if target[2] != channels:
        tensor = tf.gather(tensor, np.arange(target[2]) * channels // target[2], axis=3)
    return tensor


def _bilinear(layer: Layer, tensor: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    mode = text(layer, "resize_bilinear_pixels_mode", PIXELS_MODES, default="disabled")
    return tf.raw_ops.ResizeBilinear(
        images=tensor,
        size=size,
        align_corners=mode == "align_corners",
        half_pixel_centers=mode == "half_pixels",
    )


OPERATIONS: dict[str, Operation] = {"resize": resize}
