"""Sums as the hardware accumulates them: integers, in a type that is exact for them.

float32 holds every integer up to 2**24. Sums of 8-bit layers stay below unless they pass the
accumulator's limit 32 times, and so do those of bytes, where the machine can multiply them.
16-bit layers are summed in float64, which is exact up to 2**53.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import tensorflow as tf

from utils.emulator.operations.per_channel import scaled_and_shifted
from utils.emulator.operations.registry import operation_for
from utils.emulator.quantized.coded import Coded
from utils.errors import UnsupportedLayerError
from utils.har.network import Layer
from utils.quantizer.integers import LayerIntegers

# What int32 holds, with room for as much on top.
LARGEST_SUM = 2**29


def products(
    layer: Layer, integers: LayerIntegers, codes: tf.Tensor, zero_point: float
) -> tf.Tensor:
    """Sums of raw input codes times integer weights, without the bias.

    Parameters
    ----------
    codes : (batch, height, width, channels), float32 or float64, which decides the arithmetic.
    zero_point : of the input.

    Raises
    ------
    UnsupportedLayerError : attributes or shapes contradict each other.
    """
    if layer.type in ("activation", "normalization"):
        return scaled_and_shifted(codes, integers.kernel.reshape(-1))
    plain = replace(layer, params={**layer.params, "elementwise_add": False})
    # A padded pixel has to look like an input of 0, since raw codes enter the sum.
    arrays = {"kernel": integers.kernel, "padding_const_value": np.array(zero_point, np.float32)}
    sums = operation_for(plain)(plain, arrays, [codes])
    if isinstance(sums, tuple):
        raise UnsupportedLayerError(f"{layer.described()} has several outputs")
    return sums


def addend(
    layer: Layer, integers: LayerIntegers, operands: Sequence[Coded], dtype: tf.DType
) -> tf.Tensor:
    """What a second input adds to the sums: its values in the accumulator's scale, rounded.

    Raises
    ------
    UnsupportedLayerError : that scale is not known.
    """
    if integers.accumulator_scale is None or len(operands) != 2:
        raise UnsupportedLayerError(
            f"{layer.described()} adds an input, but the scale of its accumulator is not stored"
        )
    if tuple(operands[1].codes.shape[1:]) != layer.output_shape:
        raise UnsupportedLayerError(f"{layer.described()} adds an input of another shape")
    step = integers.accumulator_scale / 2.0**integers.mac_shift
    if dtype == tf.int32:
        added = tf.round(operands[1].values / tf.constant(step, tf.float32))
        return tf.cast(tf.clip_by_value(added, -LARGEST_SUM, LARGEST_SUM), dtype)
    return tf.round(tf.cast(operands[1].values, dtype) / tf.constant(step, dtype))
