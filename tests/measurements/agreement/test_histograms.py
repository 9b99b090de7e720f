from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.house.fuzzing import examples
from utils.measurements.agreement.histograms import (
    ALL_BINS,
    FEWEST_BINS,
    MOST_BINS,
    SizeHistogram,
    ValueHistogram,
    bins_for,
)

Floats = NDArray[np.float32]


def rows(*channels: list[float]) -> Floats:
    return np.array(channels, np.float32)


@settings(max_examples=examples(200), deadline=None)
@given(
    st.lists(
        st.floats(width=32, allow_nan=False, allow_infinity=False, allow_subnormal=False).filter(
            lambda value: abs(value) < 1e30
        ),
        min_size=2,
        max_size=40,
    ),
    st.integers(1, 39),
)
def test_what_was_split_gives_the_same_counts(numbers: list[float], cut: int) -> None:
    cut = min(cut, len(numbers) - 1)
    whole = ValueHistogram.of(rows(numbers))
    parts = [ValueHistogram.of(rows(numbers[:cut])), ValueHistogram.of(rows(numbers[cut:]))]
    for found in (parts[0].merged(parts[1]), parts[1].merged(parts[0])):
        np.testing.assert_array_equal(found.counts, whole.counts)
        np.testing.assert_array_equal(found.exponents, whole.exponents)
        assert found.counts.sum() == len(numbers)


def test_any_number_of_parts_in_any_order() -> None:
    random = np.random.default_rng(4)
    values = (random.standard_normal((3, 999)) * [[1], [1e-6], [1e5]] + [[1013], [0], [7]]).astype(
        np.float32
    )
    whole = ValueHistogram.of(values)
    parts = [ValueHistogram.of(part) for part in np.array_split(values, 13, axis=1)]
    random.shuffle(parts)
    found = reduce(ValueHistogram.merged, parts)
    np.testing.assert_array_equal(found.counts, whole.counts)


@pytest.mark.parametrize("offset", [0.0, 1013.0, -1e6])
@pytest.mark.parametrize("channels", [1, 64, 1000])
def test_quantiles_are_exact_to_a_bin(offset: float, channels: int) -> None:
    random = np.random.default_rng(7)
    values = (random.standard_normal((channels, 600)) * 9 + offset).astype(np.float32)
    found = ValueHistogram.of(values)
    exact = np.quantile(values.astype(np.float64), [0.25, 0.5, 0.75], axis=1)
    span = np.ptp(values.astype(np.float64), axis=1)
    # One of the bins, and a step of float32 where that is larger.
    assert (found.bin_widths <= np.maximum(4 * span / bins_for(channels), 0.25)).all()
    for share, expected in zip((0.25, 0.5, 0.75), exact, strict=True):
        # Between two values of 600 any may be the quantile, and a bin blurs it.
        apart = np.abs(found.quantile(share) - expected)
        neighbours = np.sort(values, axis=1)
        place = int(share * 599)
        gap = neighbours[:, place + 2] - neighbours[:, place - 1]
        assert (apart <= found.bin_widths + gap).all()


def test_constants_are_themselves() -> None:
    found = ValueHistogram.of(rows([5.25] * 9, [0.0] * 9))
    np.testing.assert_array_equal(found.quantile(0.5), [5.25, 0])


def test_many_channels_have_fewer_bins() -> None:
    assert [bins_for(n) for n in (1, 64, 512, 100_000)] == [4096, 4096, 512, 256]
    assert (MOST_BINS, ALL_BINS // 512, FEWEST_BINS) == (4096, 512, 256)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e6])
def test_shares_of_sizes_are_near_the_exact_ones(scale: float) -> None:
    numbers = (np.random.default_rng(5).standard_normal((2, 20_000)) * scale).astype(np.float32)
    found = SizeHistogram.of(numbers)
    for limit in (0.05 * scale, 0.3 * scale, scale, 2.5 * scale):
        exact = (np.abs(numbers) > limit).mean(axis=1)
        np.testing.assert_allclose(found.share_above(np.full(2, limit)), exact, atol=0.006)


def test_edges_of_sizes() -> None:
    found = SizeHistogram.of(rows([0.0, -1.0, 1e30, 1e-30]))
    assert found.counts.sum() == 4
    shares = [found.share_above(np.array([limit]))[0] for limit in (0.5, 1.2, 1e20)]
    assert shares == [0.5, 0.25, 0.0]


def test_sizes_are_joined() -> None:
    numbers = np.random.default_rng(6).standard_normal((3, 50)).astype(np.float32)
    parts = [SizeHistogram.of(part) for part in np.array_split(numbers, 4, axis=1)]
    found = reduce(SizeHistogram.merged, parts)
    np.testing.assert_array_equal(found.counts, SizeHistogram.of(numbers).counts)
