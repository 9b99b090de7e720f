"""Channel groups: what works on slices of the channels, each for itself."""

from __future__ import annotations

import tensorflow as tf

from utils.emulator.operations.attributes import integer, static_shape, unsupported
from utils.har.network import Layer


def groups_of(layer: Layer, channels: int) -> int:
    """The attribute groups, 1 where absent; it must divide the channels."""
    groups = integer(layer, "groups", default=1)
    if channels % groups:
        raise unsupported(layer, f"its {channels} channels do not divide into {groups} groups")
    return groups


def grouped(tensor: tf.Tensor, groups: int) -> tf.Tensor:
    """Split the channels: (N, H, W, C) becomes (N, H, W, groups, C / groups)."""
    height, width, channels = static_shape(tensor)
    return tf.reshape(tensor, [-1, height, width, groups, channels // groups])


def ungrouped(tensor: tf.Tensor) -> tf.Tensor:
    """Join the last two axes again."""
    _, height, width, groups, channels = tensor.shape
    return tf.reshape(tensor, [-1, height, width, groups * channels])
