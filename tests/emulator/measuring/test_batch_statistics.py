from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tests.house.fuzzing import examples
from utils.emulator.measuring.batch_statistics import (
    channel_statistics,
    histogram,
    histogram_range,
    reduced_histogram,
    reduced_statistics,
)
from utils.har.statistics import ChannelStatistics
from utils.measurements import HISTOGRAM_BINS, Histogram

FloatArray = NDArray[np.float32]
# Width of a bin over which float32 leaves open on which side of an edge a value lies.
EDGE = 1e-4


def statistics_of(values: FloatArray) -> ChannelStatistics:
    return channel_statistics(reduced_statistics(tf.constant(values)), values[..., 0].size)


def histogram_of(values: FloatArray, low: float, high: float) -> Histogram:
    bounds = histogram_range(low, high)
    assert bounds is not None
    tensor = tf.constant(values.reshape(1, 1, 1, -1))
    reduced = reduced_histogram(tensor, bounds, reduced_statistics(tensor))
    return histogram(reduced, bounds)


def assert_counts(found: Histogram, values: FloatArray, low: float, high: float) -> None:
    """Exact outside; inside, up to what float32 leaves open at the edges of bins."""
    exact = values.astype(np.float64)
    low, high = float(np.float32(low)), float(np.float32(high))
    assert found.total == exact.size
    assert found.below == (exact < low).sum()
    assert found.samples_below == (exact < low).any()
    assert found.samples_above == (exact > high).any()
    assert found.above == (exact > high).sum()
    inside = (exact[(exact >= low) & (exact <= high)] - low) / (high - low) * HISTOGRAM_BINS
    edges = np.arange(1, HISTOGRAM_BINS)[:, np.newaxis]
    cumulated = found.counts.cumsum()[:-1]
    assert ((inside < edges - EDGE).sum(axis=1) <= cumulated).all()
    assert (cumulated <= (inside < edges + EDGE).sum(axis=1)).all()


@pytest.mark.parametrize("high", [100, 50, 200, 255, 1000])
def test_values_on_the_edges_of_bins_open_a_bin(high: int) -> None:
    values = np.arange(0, high + 1)
    found = histogram_of(values.astype(np.float32), 0, high)
    # Exact integers: the bin of v is floor(100 v / high), and the upper end belongs to the last.
    expected = np.bincount(np.minimum(values * 100 // high, 99), minlength=100)
    np.testing.assert_array_equal(found.counts, expected)
    assert (found.below, found.above) == (0, 0)


@pytest.mark.parametrize(
    ("values", "below", "above"),
    [
        ([0.0, 6.0], 0, 0),
        ([0.0, -1e-30], 1, 0),
        ([6.0, np.nextafter(np.float32(6), np.float32(7))], 0, 1),
        ([-np.inf, np.inf, 3.0], 1, 1),
    ],
)
def test_range_includes_its_ends(values: Sequence[float], below: int, above: int) -> None:
    found = histogram_of(np.array(values, np.float32), 0.0, 6.0)
    assert (found.below, found.above) == (below, above)
    assert found.counts.sum() == len(values) - below - above
    assert found.counts.min() >= 0


def test_a_sample_counts_once_however_many_of_its_values_lie_outside() -> None:
    values = np.full((5, 2, 2, 3), 0.5, np.float32)
    values[1] = -1.0
    values[2, 0, 0, :2] = [-1.0, 2.0]
    values[4, 1, 1, 2] = 3.0
    bounds = histogram_range(0.0, 1.0)
    assert bounds is not None
    tensor = tf.constant(values)
    reduced = reduced_histogram(tensor, bounds, reduced_statistics(tensor))
    found = histogram(reduced, bounds)
    assert (found.below, found.above) == (13, 2)
    assert (found.samples_below, found.samples_above) == (2, 2)


@settings(max_examples=examples(150), deadline=None)
@given(
    values=hnp.arrays(
        np.float32,
        st.integers(1, 300),
        elements=st.floats(-16, 16, width=32, allow_subnormal=False),
    ),
    # TensorFlow takes what is smaller than any normal float32 for 0, as it does with values.
    low=st.floats(-12, 8).filter(lambda bound: bound == 0 or abs(bound) > 1e-37),
    width=st.floats(0.01, 20),
)
def test_histogram_counts_every_value_once(values: FloatArray, low: float, width: float) -> None:
    assert_counts(histogram_of(values, low, low + width), values, low, low + width)


@pytest.mark.parametrize(
    ("low", "high"),
    [(1.0, 1.0), (2.0, 1.0), (math.nan, 1.0), (0.0, math.inf), (1.0, 1.0 + 1e-12), (0.0, 1e-44)],
)
def test_empty_and_infinite_ranges_have_no_bins(low: float, high: float) -> None:
    assert histogram_range(low, high) is None


def batch(*shape: int, offset: float = 0.0) -> FloatArray:
    values = np.random.default_rng(3).standard_normal(shape) + offset
    return values.astype(np.float32)


@pytest.mark.parametrize(
    "values",
    [
        batch(1, 1, 1, 5),
        batch(3, 1, 1, 80),
        batch(2, 9, 7, 3),
        batch(2, 1, 3000, 2),
        batch(2, 112, 112, 4, offset=50.0),
    ],
    ids=lambda values: "x".join(map(str, values.shape)),
)
def test_statistics_equal_float64(values: FloatArray) -> None:
    found = statistics_of(values)
    exact = values.astype(np.float64)
    axes = (0, 1, 2)
    np.testing.assert_array_equal(found.minimum, exact.min(axis=axes))
    np.testing.assert_array_equal(found.maximum, exact.max(axis=axes))
    np.testing.assert_allclose(found.mean, exact.mean(axis=axes), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found.energy, (exact**2).mean(axis=axes), rtol=1e-6)
    np.testing.assert_allclose(found.std, exact.std(axis=axes), rtol=1e-3, atol=1e-12)
    assert found.count == values[..., 0].size


def test_constant_channels_have_no_spread() -> None:
    values = np.full((3, 9, 7, 2), np.float32(0.418))
    values[..., 1] = batch(3, 9, 7)
    found = statistics_of(values)
    merged = found.merged(found).merged(found)
    assert merged.std[0] < 1e-7
    assert merged.std[1] > 0.5


@pytest.mark.parametrize("position", [0, 5, 17, -1])
def test_what_is_not_a_number_is_not_lost(position: int) -> None:
    values = batch(2, 5, 4, 3)
    values.reshape(-1, 3)[position, 1] = np.nan
    found = statistics_of(values)
    for numbers in (found.minimum, found.maximum, found.mean, found.energy):
        np.testing.assert_array_equal(np.isnan(numbers), [False, True, False])
