"""Histograms of large maps, counted in part, against those in which every value is counted."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.kernels import compiled
from utils.emulator.kernels.histograms import ENOUGH, step_for
from utils.emulator.measuring.batch_statistics import (
    histogram,
    histogram_range,
    reduced_histogram,
    reduced_statistics,
)
from utils.measurements import Histogram
from utils.measurements.spread import tails

pytestmark = pytest.mark.skipif(compiled.numba is None, reason="numba is not installed")

LARGE = (2, 64, 60, 24)  # 92,160 values a sample
LOW, HIGH = -6.0, 6.0


def normal(*shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(5).standard_normal(shape).astype(np.float32)


def found_in(values: NDArray[np.float32]) -> Histogram:
    bounds = histogram_range(LOW, HIGH)
    assert bounds is not None
    tensor = tf.constant(values)
    return histogram(reduced_histogram(tensor, bounds, reduced_statistics(tensor)), bounds)


def counted_by_tensorflow(
    values: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> Histogram:
    with monkeypatch.context() as patched:
        patched.setattr(compiled, "numba", None)
        return found_in(values)


@pytest.mark.parametrize(
    ("shape", "step"),
    [((20, 20, 80), 1), ((20, 20, 96), 2), ((40, 40, 64), 6), ((320, 320, 16), 8)],
)
def test_only_large_maps_are_counted_in_part(shape: tuple[int, int, int], step: int) -> None:
    assert step_for(*shape) == step


def test_small_maps_are_counted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    values = normal(2, 20, 20, 80)
    ours, theirs = found_in(values), counted_by_tensorflow(values, monkeypatch)
    np.testing.assert_array_equal(ours.counts, theirs.counts)


def assert_ends_are_exact(ours: Histogram, theirs: Histogram) -> None:
    assert ours.total == theirs.total
    assert (ours.below, ours.above) == (theirs.below, theirs.above)
    assert (ours.samples_below, ours.samples_above) == (theirs.samples_below, theirs.samples_above)
    assert ours.counts.min() >= 0
    for limit in range(ENOUGH):
        assert tails(ours, limit) == tails(theirs, limit)


@pytest.mark.parametrize(
    "outliers", [[], [5.9], [-5.9, -5.9, -5.5, 4.8], [7.0], [-7.0, -8.0, 6.5], [-5.99] * 40]
)
def test_the_ends_of_large_maps_are_exact(
    outliers: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    values = normal(*LARGE)
    values.reshape(-1)[: len(outliers)] = outliers
    ours, theirs = found_in(values), counted_by_tensorflow(values, monkeypatch)
    assert_ends_are_exact(ours, theirs)
    assert (ours.counts != theirs.counts).any()  # the body is sampled, indeed
    assert np.abs(ours.counts - theirs.counts).max() < 0.005 * ours.total


@pytest.mark.parametrize("constant", [0.0, -6.0, 6.0, -9.0, 9.0])
def test_constant_maps_are_counted(constant: float, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.full(LARGE, constant, np.float32)
    values[1, 3, 5, 7] = 1.0
    ours, theirs = found_in(values), counted_by_tensorflow(values, monkeypatch)
    assert_ends_are_exact(ours, theirs)
    np.testing.assert_array_equal(ours.counts, theirs.counts)


def test_a_column_that_differs_is_seen() -> None:
    values = np.zeros((1, 64, 64, 24), np.float32)
    values[:, :, 0] = 3.0  # rows begin at different pixels, so no column is left out
    counts = found_in(values).counts
    assert counts[75] == pytest.approx(64 * 24, rel=0.05)


def test_the_body_does_not_depend_on_the_batch() -> None:
    values = normal(*LARGE)
    apart = found_in(values[:1]).merged(found_in(values[1:]))
    np.testing.assert_array_equal(found_in(values).counts, apart.counts)
