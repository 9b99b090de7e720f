"""Convolution of codes of 8 bit with weights of 8 bit, as exact as in float32 and much faster.

TensorFlow hands it to oneDNN, which multiplies bytes where the processor can (VNNI, AMX). Older
processors add pairs of products in 16 bit, which saturate; so what this machine does is tried.
Sums come out through float32: they are exact up to 2**24, and rounded to its precision beyond.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

_BYTE, _HIGHEST = np.int8, 255


def holds_bytes(kernel: NDArray[np.float32]) -> bool:
    """Whether whole numbers fit into signed bytes."""
    limits = np.iinfo(_BYTE)
    return bool(kernel.size and kernel.min() >= limits.min and kernel.max() <= limits.max)


def byte_convolution(
    codes: tf.Tensor,
    kernel: NDArray[np.float32],
    strides: Sequence[int],
) -> tf.Tensor:
    """Sums without padding, int32; to be called while a graph is traced.

    Parameters
    ----------
    codes : uint8 (batch, height, width, channels).
    kernel : (height, width, channels, channels out), whole numbers that fit into bytes.
    strides : along height and width, the same for both.
    """
    weights = np.ascontiguousarray(kernel, _BYTE).view(tf.qint8.as_numpy_dtype)
    sums, _, _ = tf.raw_ops.QuantizedConv2D(
        input=tf.bitcast(codes, tf.quint8),
        # The operation asks for a constant inside of its graph.
        filter=tf.constant(weights, tf.qint8, kernel.shape),
        # With these ranges the sums are multiplied by 1: the operation takes the weights for
        # fractions of 127, whatever they are.
        min_input=0.0,
        max_input=float(_HIGHEST),
        min_filter=-float(np.iinfo(_BYTE).max),
        max_filter=float(np.iinfo(_BYTE).max),
        strides=[1, *strides, 1],
        padding="VALID",
    )
    return tf.bitcast(sums, tf.int32)


@cache
def is_exact() -> bool:
    """Whether this machine multiplies bytes, and gets sums right up to 2**24."""
    if tf.config.get_visible_devices("GPU"):
        return False  # there is no such operation
    for side, channels in ((1, 64), (3, 57), (3, 3)):
        codes = np.full((2, 5, 5, channels), _HIGHEST, np.uint8)
        kernel = np.full((side, side, channels, 40), np.iinfo(_BYTE).max, np.float32)
        kernel[..., 20:] = np.iinfo(_BYTE).min
        expected = _HIGHEST * kernel.astype(np.int64).sum(axis=(0, 1, 2))
        if not _is_right(codes, kernel, expected):
            return False
    return True


def _is_right(
    codes: NDArray[np.uint8], kernel: NDArray[np.float32], expected: NDArray[np.int64]
) -> bool:
    run = tf.function(lambda tensor: byte_convolution(tensor, kernel, (1, 1)), autograph=False)
    try:
        with tf.init_scope():  # somebody may be tracing a graph
            return bool((run(tf.constant(codes)).numpy() == expected).all())
    except (tf.errors.OpError, ValueError, TypeError):
        return False  # built without oneDNN, or switched off
