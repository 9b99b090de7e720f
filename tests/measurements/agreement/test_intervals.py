from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from utils.measurements.agreement.intervals import (
    MOST_UNITS,
    bootstrap,
    in_blocks,
    ratio_interval,
    wilson,
)


@pytest.mark.parametrize("of", [1, 5, 64, 1000])
@pytest.mark.parametrize("share", [0.0, 0.03, 0.5, 0.9, 1.0])
def test_wilson_is_that_of_scipy(of: int, share: float) -> None:
    kept = round(of * share)
    found = stats.binomtest(kept, of).proportion_ci(method="wilson")
    assert wilson(kept, of) == pytest.approx((found.low, found.high), abs=1e-6)


def test_nothing_decided_has_no_interval() -> None:
    assert all(map(math.isnan, wilson(0, 0)))
    assert all(map(math.isnan, bootstrap(0, lambda drawn: drawn.sum(axis=1))))
    nothing = np.zeros(4, np.int64)
    assert all(map(math.isnan, ratio_interval(nothing, nothing)))


def test_one_decision_a_sample_is_wilsons() -> None:
    kept, of = np.array([1, 0, 1, 1, 0]), np.array([1, 1, 1, 1, 0])
    assert ratio_interval(kept, of) == wilson(3, 4)


@pytest.mark.parametrize("samples", [20, 64, 300])
def test_many_decisions_a_sample_are_drawn_by_samples_as_scipy_does(samples: int) -> None:
    random = np.random.default_rng(3)
    of = random.integers(20, 60, samples)
    kept = random.binomial(of, random.beta(8, 2, samples))
    reference = stats.bootstrap(
        (kept, of),
        lambda k, n, axis: k.sum(axis=axis) / n.sum(axis=axis),
        paired=True,
        n_resamples=2000,
        method="percentile",
        random_state=np.random.default_rng(1),
    ).confidence_interval
    low, high = ratio_interval(kept, of)
    width = reference.high - reference.low
    assert low == pytest.approx(reference.low, abs=0.12 * width)
    assert high == pytest.approx(reference.high, abs=0.12 * width)


def test_the_same_data_give_the_same_interval_in_any_order_of_equal_samples() -> None:
    kept, of = np.array([3, 9, 4, 7] * 5), np.array([9, 9, 9, 9] * 5)
    assert ratio_interval(kept, of) == ratio_interval(kept.copy(), of.copy())


def test_more_samples_than_are_drawn_one_by_one_go_in_blocks() -> None:
    numbers = np.random.default_rng(2).random((3 * MOST_UNITS + 5, 2))
    blocks = in_blocks(numbers)
    assert blocks.shape == (MOST_UNITS, 2)
    np.testing.assert_allclose(blocks.sum(axis=0), numbers.sum(axis=0))
    np.testing.assert_allclose(blocks[4], numbers[[4, 1028, 2052, 3076]].sum(axis=0))
    assert in_blocks(numbers[:9]) is not None
    np.testing.assert_array_equal(in_blocks(numbers[:9]), numbers[:9])
