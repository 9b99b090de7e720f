"""Statistics and histograms: reduced where the tensors are, merged in float64 on the host.

Sums run in float32 along one row of one sample and in float64 from there on, so that they do
not depend on the batch size. Every value counts, save in the bodies of histograms; see
`utils.emulator.kernels.histograms`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.kernels.compiled import serves, together, viewed
from utils.emulator.kernels.histograms import add_counts, count_outside, step_for
from utils.emulator.kernels.open_shapes import on_host, open_shaped
from utils.emulator.kernels.reductions import add_statistics, count_non_zero
from utils.har.statistics import ChannelStatistics
from utils.measurements import HISTOGRAM_BINS, Histogram

Values = Mapping[str, NDArray[Any]]

# How far below a bin's edge a value may lie and still belong to the bin, in units of float32's
# precision: the arithmetic is uncertain by about 3, and a value on the edge belongs to the bin.
_EDGE_TOLERANCE = 4 * np.finfo(np.float32).eps


@dataclass(frozen=True)
class HistogramRange:
    """A calibrated range, with what float32 arithmetic needs to sort values into its bins.

    Parameters
    ----------
    low, high : the range.
    first, last : the same in float32; what equals them is inside.
    scale, offset : ``x * scale + offset`` is the bin of x.
    """

    low: float
    high: float
    first: np.float32
    last: np.float32
    scale: np.float32
    offset: np.float32


def histogram_range(low: float, high: float) -> HistogramRange | None:
    """The range with its float32 constants; None where it is not finite, or empty in float32."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        first, last = np.float32(low), np.float32(high)
        scale = np.float32(HISTOGRAM_BINS / np.float64(high - low))
    if not np.isfinite([first, last, scale]).all() or not first < last:
        return None
    tolerance = _EDGE_TOLERANCE * max(abs(low), abs(high)) * float(scale)
    return HistogramRange(low, high, first, last, scale, np.float32(tolerance - low * float(scale)))


@open_shaped(tf.float32)
def _statistics(tensor: tf.Tensor) -> dict[str, tf.Tensor]:
    return {
        "sum": channel_sum(tensor),
        "squares": channel_sum(tf.square(tensor)),
        "sample_energies": sample_energies(tensor),
        "lows": tf.reduce_min(tensor, axis=[1, 2]),
        "highs": tf.reduce_max(tensor, axis=[1, 2]),
    }


def reduced_statistics(tensor: tf.Tensor) -> Values:
    """Sum, sum of squares, minimum and maximum of every channel, shape (channels,) each.

    And of every sample its sum of squares, ``sample_energies``, (samples,), and its extremes,
    ``lows`` and ``highs``, (samples, channels).
    """
    found = _by_loops(tensor) if serves(tensor) else on_host(_statistics(tensor))
    ends = {"minimum": found["lows"].min(axis=0), "maximum": found["highs"].max(axis=0)}
    return {**found, **ends}


def _by_loops(tensor: tf.Tensor) -> dict[str, NDArray[Any]]:
    samples, height, width, channels = tensor.shape
    wide = together(width, channels)
    rows = viewed(tensor).reshape(samples * height, width // wide, wide * channels)
    shape = (samples, wide * channels)
    sums, squares = np.zeros(wide * channels), np.zeros(shape)
    lows, highs = np.full(shape, np.inf, np.float32), np.full(shape, -np.inf, np.float32)
    for sample in range(samples):
        own = rows[sample * height : (sample + 1) * height]
        add_statistics(own, sums, squares[sample], lows[sample], highs[sample])
    parts = (samples, wide, channels)
    with np.errstate(invalid="ignore"):  # what is not finite may have no sum
        return {
            "sum": sums.reshape(wide, channels).sum(axis=0),
            "squares": squares.reshape(parts).sum(axis=(0, 1)),
            "sample_energies": squares.sum(axis=1),
            "lows": lows.reshape(parts).min(axis=1),
            "highs": highs.reshape(parts).max(axis=1),
        }


def sample_energies(tensor: tf.Tensor) -> tf.Tensor:
    """Sum of squares of every sample, float64 (samples,)."""
    rows = tf.reduce_sum(tf.square(tensor), axis=[2, 3])
    return tf.reduce_sum(tf.cast(rows, tf.float64), axis=1)


def channel_sum(tensor: tf.Tensor) -> tf.Tensor:
    """Sum of every channel, float64 (channels,)."""
    rows = tf.reduce_sum(tensor, axis=2)
    return tf.reduce_sum(tf.cast(rows, tf.float64), axis=[0, 1])


def reduced_histogram(tensor: tf.Tensor, bounds: HistogramRange, statistics: Values) -> Values:
    """Number of values per bin, shape (100,), and what lies outside of the bounds, shape (4,).

    The latter are values below and above, then samples with any value below and above.

    Parameters
    ----------
    statistics : of the same tensor; they tell whether any value lies outside at all.
    """
    # Most tensors stay within their range, and counting nothing would cost two more passes.
    is_outside = ~(
        (statistics["lows"].min(axis=1) >= bounds.first)
        & (statistics["highs"].max(axis=1) <= bounds.last)
    )
    counts = _counted(tensor, bounds, is_outside)
    outside = _counted_outside(tensor, bounds, is_outside) if is_outside.any() else np.zeros(4)
    return {"counts": counts, "outside": outside}


def _counted(
    tensor: tf.Tensor, bounds: HistogramRange, is_outside: NDArray[np.bool_]
) -> NDArray[np.int64]:
    if not serves(tensor):
        return np.asarray(_counts(tensor, bounds.scale, bounds.offset))
    samples, *shape = tensor.shape
    rows = viewed(tensor).reshape(samples, *shape)
    step, counts = step_for(*shape), np.zeros(HISTOGRAM_BINS, np.int64)
    for sample in range(samples):
        add_counts(
            rows[sample], step, bounds.scale, bounds.offset, bool(is_outside[sample]), counts
        )
    return counts


@open_shaped(tf.float32, tf.TensorSpec([]), tf.TensorSpec([]))
def _counts(tensor: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) -> tf.Tensor:
    position = tf.clip_by_value(tensor * scale + offset, 0, HISTOGRAM_BINS - 1)
    # What is not a number becomes some number, but none that Bincount would refuse.
    bins = tf.cast(tf.cast(position, tf.uint8), tf.int32)
    return tf.raw_ops.Bincount(
        arr=bins, size=HISTOGRAM_BINS, weights=tf.constant([], dtype=tf.int32)
    )


def _counted_outside(
    tensor: tf.Tensor, bounds: HistogramRange, is_outside: NDArray[np.bool_]
) -> NDArray[np.int64]:
    if not serves(tensor):
        return np.asarray(_outside(tensor, bounds.first, bounds.last))
    counts = np.zeros(4, np.int64)
    samples = viewed(tensor).reshape(tensor.shape[0], -1)
    for sample in np.flatnonzero(is_outside):
        count_outside(samples[sample], bounds.first, bounds.last, counts)
    return counts


@open_shaped(tf.float32, tf.TensorSpec([]), tf.TensorSpec([]))
def _outside(tensor: tf.Tensor, first: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
    conditions = [tensor < first, tensor > last]
    per_sample = [tf.reduce_any(condition, axis=[1, 2, 3]) for condition in conditions]
    return tf.stack([tf.math.count_nonzero(condition) for condition in (*conditions, *per_sample)])


def non_zero(tensor: tf.Tensor) -> int:
    """Number of values that are not 0."""
    if serves(tensor):
        return int(count_non_zero(viewed(tensor).reshape(-1)))
    return int(tf.math.count_nonzero(tensor))


def channel_statistics(values: Values, count: int) -> ChannelStatistics:
    """Statistics of one batch; a spread below 1e-4 of the mean drowns in float32's rounding.

    Parameters
    ----------
    values : what `reduced_statistics` yielded, and ``non_zero`` where that was counted.
    count : values per channel.
    """
    # TensorFlow's extremes may pass over what is not a number; a sum of squares never does.
    broken = np.isnan(values["squares"])
    minimum = np.where(broken, np.nan, values["minimum"]).astype(np.float64)
    maximum = np.where(broken, np.nan, values["maximum"]).astype(np.float64)
    # A constant channel has no spread, which rounded sums would not quite tell.
    constant = minimum == maximum
    mean = np.where(constant, minimum, values["sum"] / count)
    energy = np.where(constant, minimum**2, values["squares"] / count)
    share = None
    if "non_zero" in values:
        share = float(values["non_zero"]) / (count * len(minimum))
    return ChannelStatistics(minimum, maximum, mean, energy, count, share)


def histogram(values: Values, bounds: HistogramRange) -> Histogram:
    """Histogram of one batch from what `reduced_histogram` yielded."""
    below, above, *samples = (int(number) for number in values["outside"])
    counts = values["counts"].astype(np.int64)
    # Values outside were counted at the ends.
    counts[0] -= below
    counts[-1] -= above
    return Histogram(bounds.low, bounds.high, counts, below, above, *samples)
