"""Enlarging operands: every value repeated (AABB) or the whole tiled (ABAB), per axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from utils.emulator.operations.attributes import bounded, static_shape, triples
from utils.har.network import Layer, Shape


def repeated_and_tiled(layer: Layer, inputs: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """All inputs, enlarged by the layer's input_repeats and input_tiles."""
    repeats = triples(layer, "input_repeats", len(inputs))
    tiles = triples(layer, "input_tiles", len(inputs))
    return [
        tiled(layer, repeated(layer, tensor, repeat), tile)
        for tensor, repeat, tile in zip(inputs, repeats, tiles, strict=True)
    ]


def repeated(layer: Layer, tensor: tf.Tensor, factors: Shape) -> tf.Tensor:
    """Every value repeated, as numpy.repeat does, along height, width and channels."""
    bounded(layer, _enlarged(tensor, factors))
    for axis, factor in enumerate(factors, start=1):
        if factor > 1:
            tensor = tf.repeat(tensor, factor, axis=axis)
    return tensor


def tiled(layer: Layer, tensor: tf.Tensor, factors: Shape) -> tf.Tensor:
    """The whole tensor tiled, as numpy.tile does, along height, width and channels."""
    bounded(layer, _enlarged(tensor, factors))
    return tensor if factors == (1, 1, 1) else tf.tile(tensor, [1, *factors])


def _enlarged(tensor: tf.Tensor, factors: Shape) -> list[int]:
    return [int(size) for size in np.multiply(static_shape(tensor), factors, dtype=object)]
