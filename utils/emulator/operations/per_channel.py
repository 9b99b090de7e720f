"""Affine maps with numbers of their own for every channel."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from utils.emulator.operations.attributes import FloatArray, static_shape

# Below, TensorFlow needs ten times as long for a value: it repeats the numbers for every pixel.
_FEW_CHANNELS = 16


def scaled_and_shifted(
    tensor: tf.Tensor, factors: FloatArray, shifts: FloatArray | None = None
) -> tf.Tensor:
    """Compute x * factor + shift; the same with few channels as with many, bit by bit.

    Parameters
    ----------
    factors, shifts : (channels,), or one number for all.
    """
    height, width, channels = static_shape(tensor)
    wide = width if channels < _FEW_CHANNELS else 1
    rows = tf.reshape(tensor, [-1, height, 1, width * channels]) if wide > 1 else tensor

    def tiled(numbers: FloatArray) -> tf.Tensor:
        return tf.constant(np.tile(np.broadcast_to(numbers, channels), wide), tensor.dtype)

    result = rows * tiled(factors)
    if shifts is not None:
        result += tiled(shifts)
    return tf.reshape(result, [-1, height, width, channels]) if wide > 1 else result
