"""What passes a limit: accumulators that saturate, and codes beyond those that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.kernels.compiled import serves, viewed
from utils.emulator.kernels.open_shapes import open_shaped
from utils.emulator.kernels.reductions import flat_extremes
from utils.emulator.quantized.coded import unrounded
from utils.emulator.quantized.output_stage import OutputStage
from utils.har.quantization import Encoding

# Number of values, and of samples with any, by "saturated" or "clipped"; int64 (2,) each.
Limits = Mapping[str, NDArray[np.int64]]

# Codes by which values have to stay within the limits for it to be certain without a look.
_INSIDE = 1e-3


def counted(by_sample: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of values, and of samples with any, from the numbers of every sample."""
    return np.array([by_sample.sum(), np.count_nonzero(by_sample)])


def limits_of_sums(
    sums: tf.Tensor, bound: float, stages: Sequence[OutputStage], groups: Sequence[tf.Tensor]
) -> Limits:
    """Sums that saturate, and those whose codes are clipped.

    Parameters
    ----------
    bound : sum at which the accumulator saturates.
    stages, groups : output stage and sums of every quantization group.
    """
    lowest, highest = extremes(sums)
    # Most sums stay within all limits, and counting nothing would cost more passes.
    saturated = clipped = np.zeros(2, np.int64)
    if lowest <= -bound or highest >= bound:
        saturated = _counted_true((sums <= -bound) | (sums >= bound))
    if any(stage.may_clip(lowest, highest) for stage in stages):
        parts = [stage.clipped(part) for stage, part in zip(stages, groups, strict=True)]
        clipped = _counted_true(parts[0] if len(parts) == 1 else tf.concat(parts, axis=3))
    return {"saturated": saturated, "clipped": clipped}


def limits_of_values(values: tf.Tensor, encoding: Encoding, highest_code: int) -> Limits:
    """Real numbers that have no code."""
    if _fits(*extremes(values), encoding, highest_code):
        return {"clipped": np.zeros(2, np.int64)}
    codes = unrounded(values, encoding)
    return {"clipped": _counted_true((codes < -0.5) | (codes > highest_code + 0.5))}


def _fits(lowest: float, highest: float, encoding: Encoding, highest_code: int) -> bool:
    """Whether no channel clips a value between these two; most tensors stay within their range."""
    ends = np.array([lowest, highest])[:, np.newaxis]
    with np.errstate(invalid="ignore"):
        codes = ends / encoding.scales.reshape(1, -1) + encoding.zero_points.reshape(1, -1)
    return bool(codes.min() > _INSIDE - 0.5 and codes.max() < highest_code + 0.5 - _INSIDE)


def extremes(tensor: tf.Tensor) -> tuple[float, float]:
    """Smallest and largest value."""
    if not serves(tensor):
        lowest, highest = _EXTREMES[tensor.dtype](tensor)
        return float(lowest), float(highest)
    lowest, highest = flat_extremes(viewed(tensor).reshape(-1))
    return float(lowest), float(highest)


def _lowest_and_highest(tensor: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    return tf.reduce_min(tensor), tf.reduce_max(tensor)


_EXTREMES = {dtype: open_shaped(dtype)(_lowest_and_highest) for dtype in (tf.float32, tf.float64)}


def _counted_true(condition: tf.Tensor) -> NDArray[np.int64]:
    samples = tf.reduce_any(condition, axis=[1, 2, 3])
    counts = [tf.math.count_nonzero(condition), tf.math.count_nonzero(samples)]
    return np.array([int(count) for count in counts])
