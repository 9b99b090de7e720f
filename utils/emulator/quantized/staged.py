"""Codes made anew, with the counts of what passed a limit on the way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from utils.emulator.kernels.compiled import as_tensor, empty_bytes, serves, together, viewed
from utils.emulator.kernels.stages import code_values
from utils.emulator.quantized.coded import HIGHEST_BYTE, by_channel, coded
from utils.emulator.quantized.limits import Limits, counted, limits_of_values
from utils.har.quantization import Encoding


class Staged(NamedTuple):
    """What sums, or real values, became.

    Parameters
    ----------
    codes : of the same shape, uint8 or float32; see `Coded`.
    limits : counts what passed a limit; see `Limits`.
    """

    codes: tf.Tensor
    limits: Callable[[], Limits]


def coded_values(values: tf.Tensor, encoding: Encoding, highest_code: int) -> Staged:
    """Real values as codes; `coded` says which. Not inside of a graph."""
    if highest_code > HIGHEST_BYTE or not serves(values):
        codes = coded(values, encoding, highest_code)
        return Staged(codes, partial(limits_of_values, values, encoding, highest_code))
    samples, height, width, channels = values.shape
    wide = together(height * width, channels)
    given = viewed(values).reshape(samples, height * width // wide, channels * wide)
    scales, zero_points = (np.tile(v, wide) for v in by_channel(encoding, channels))
    codes, clipped = empty_bytes(given.shape), np.zeros(samples, np.int64)
    code_values(given, scales, zero_points, np.float32(highest_code), codes, clipped)
    found = {"clipped": counted(clipped)}
    return Staged(as_tensor(codes.reshape(values.shape)), lambda: found)
