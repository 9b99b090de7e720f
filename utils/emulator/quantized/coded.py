"""Tensors of codes, and the way from real numbers to codes and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.har.quantization import Encoding

# Scales are stored in float32; producers and consumers agree to its last digits.
_SAME_SCALE = 1e-5
HIGHEST_BYTE = 255


@dataclass(frozen=True, eq=False)
class Coded:
    """A tensor as the quantized network holds it.

    Parameters
    ----------
    codes : tensor (batch, height, width, channels) of whole numbers: uint8 if no code passes
        255, float32 otherwise, and of values that are not coded.
    encoding : what the codes stand for; None for values that are not coded.
    """

    codes: tf.Tensor
    encoding: Encoding | None

    @property
    def in_float(self) -> tf.Tensor:
        """The codes as float32."""
        return tf.cast(self.codes, tf.float32)

    @cached_property
    def values(self) -> tf.Tensor:
        """The real numbers that the codes stand for, float32."""
        if self.encoding is None:
            return self.codes
        shifted = self.in_float
        if self.encoding.zero_points.any():
            shifted -= _constant(self.encoding.zero_points)
        return shifted * _constant(self.encoding.scales)

    def codes_in(self, encoding: Encoding, highest_code: int) -> tf.Tensor:
        """Codes in another encoding; the very codes if it is the same."""
        if self.encoding is not None and is_same(self.encoding, encoding):
            return self.codes
        return coded(self.values, encoding, highest_code)


def coded(values: tf.Tensor, encoding: Encoding, highest_code: int) -> tf.Tensor:
    """Codes of real numbers: ``clip(round(x / scale + zero_point), 0, highest_code)``.

    There is no code for what is not a number, such as 0 / 0; it becomes code 0.

    Returns
    -------
    uint8 or float32; see `Coded`.
    """
    rounded = tf.round(unrounded(values, encoding))
    codes = tf.raw_ops.ClipByValue(
        t=rounded, clip_value_min=tf.constant(0.0), clip_value_max=tf.constant(float(highest_code))
    )
    return held(tf.where(tf.math.is_nan(codes), 0.0, codes), highest_code)


def held(codes: tf.Tensor, highest_code: int) -> tf.Tensor:
    """Codes in the smallest type that there is for them."""
    return tf.cast(codes, tf.uint8) if highest_code <= HIGHEST_BYTE else codes


def unrounded(values: tf.Tensor, encoding: Encoding) -> tf.Tensor:
    """Real numbers in units of codes, neither rounded nor clipped."""
    scaled = values / _constant(encoding.scales)
    if encoding.zero_points.any():
        scaled += _constant(encoding.zero_points)
    return scaled


def by_channel(
    encoding: Encoding, channels: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Scale and zero point of every channel, float32 (channels,) each."""
    both = (encoding.scales, encoding.zero_points)
    scales, zero_points = (
        np.ascontiguousarray(np.broadcast_to(v, channels), np.float32) for v in both
    )
    return scales, zero_points


def fits(encoding: Encoding, channels: int) -> bool:
    """Whether an encoding is sane, with one scale for all channels or one for each."""
    return encoding.scales.size in (1, channels) and encoding.is_sane


def is_same(one: Encoding, other: Encoding) -> bool:
    """Whether two encodings give the same meaning to every code."""
    if one is other:
        return True
    count = None
    if one.scales.size != other.scales.size:
        if not (is_uniform(one) and is_uniform(other)):
            return False
        count = 1  # what is the same for all channels does not depend on their number
    same_scales = np.allclose(one.scales[:count], other.scales[:count], rtol=_SAME_SCALE, atol=0)
    return same_scales and np.array_equal(one.zero_points[:count], other.zero_points[:count])


def is_uniform(encoding: Encoding) -> bool:
    """Whether all channels share scale and zero point, so that values may change channels."""
    scales, zero_points = encoding.scales, encoding.zero_points
    if not scales.size:
        return False
    return bool(np.ptp(zero_points) == 0 and np.ptp(scales) <= _SAME_SCALE * scales.max())


def _constant(values: NDArray[np.float64]) -> tf.Tensor:
    # One number for all channels is cheaper to apply than as many equal ones.
    single = values.reshape(-1)[:1].squeeze() if np.ptp(values) == 0 else values
    return tf.constant(single, tf.float32)
