from __future__ import annotations

import math

import numpy as np
import pytest

from inspectors.normalization.channel_bounds import (
    ChannelBounds,
    PixelRange,
    means_and_stds,
    varying_channels,
    varying_range,
)
from tests.fixtures.builders import build_statistics

BOUNDS = ChannelBounds(-2.0, 5.0, 0.1, 5.0, lowest_span=0.1)


@pytest.mark.parametrize(
    ("low", "high", "mean", "expected"),
    [
        ((0, 0), (1, 1), (0.5, 0.5), (0.0, 1.0)),
        ((0, -3), (1, 2), (0.5, 0.5), (-3.0, 2.0)),
        ((0, 255), (1, 255), (0.5, 255), (0.0, 1.0)),  # an opaque fourth channel
        ((0, math.nan), (1, math.nan), (0.5, math.nan), (0.0, 1.0)),
        ((0, -math.inf), (1, math.inf), (0.5, 0.5), (0.0, 1.0)),
        ((0, 0), (0, 0), (0, 0), None),
        ((math.nan, 0), (1, 0), (0, 0), None),
    ],
)
def test_range_of_the_channels_that_vary(
    low: tuple[float, ...],
    high: tuple[float, ...],
    mean: tuple[float, ...],
    expected: tuple[float, float] | None,
) -> None:
    statistics = build_statistics(low, high, mean, channels=2)
    found = varying_range(statistics)
    assert found == expected or (expected is None and all(map(math.isnan, found)))
    assert varying_channels(statistics).any() == (expected is not None)


def test_range_without_statistics_is_unknown() -> None:
    assert all(map(math.isnan, varying_range(None)))


@pytest.mark.parametrize(
    ("mean", "std", "upwards", "both_ways"),
    [
        (0.5, 0.25, False, False),
        (4.99, 4.99, False, False),
        (-1.99, 0.11, False, False),
        (5.01, 1.0, True, True),
        (0.0, 5.01, True, True),
        (-2.01, 1.0, False, True),
        (0.0, 0.099, False, True),
    ],
)
def test_bounds(mean: float, std: float, upwards: bool, both_ways: bool) -> None:
    statistics = build_statistics(0.0, 0.099, mean=(0.0, mean), std=(1.0, std), channels=2)
    for upwards_only, expected in ((True, upwards), (False, both_ways)):
        excess = BOUNDS.excess(statistics, upwards_only=upwards_only)
        assert (excess > 1.0).tolist() == [False, expected]


def test_constant_and_broken_channels_break_no_bound() -> None:
    statistics = build_statistics(
        low=(7.0, math.nan), high=(7.0, 9.0), mean=(7.0, 99.0), std=(0.0, 99.0), channels=2
    )
    assert not BOUNDS.excess(statistics, upwards_only=False).any()


@pytest.mark.parametrize(("high", "counts"), [(1.0, False), (0.101, False), (0.099, True)])
def test_low_contrast_counts_only_in_a_narrow_channel(high: float, counts: bool) -> None:
    statistics = build_statistics((0.0, 0.0), (1.0, high), 0.05, (0.3, 0.01), channels=2)
    excess = BOUNDS.excess(statistics, upwards_only=False)
    assert (excess > 1.0).tolist() == [False, counts]
    assert not (BOUNDS.excess(statistics, upwards_only=True) > 1.0).any()


PIXELS = PixelRange(lowest_white=32.0, white=255.0, unit=1.05, negative=-0.01, overshoot=0.1)


@pytest.mark.parametrize(
    ("low", "high", "raw", "pixels", "signed"),
    [
        (0.0, 255.0, True, True, False),
        (-6.35, 261.4, True, True, False),
        (-25.4, 280.4, True, True, False),
        (-25.6, 255.0, False, False, True),
        (0.0, 281.0, False, False, False),
        (0.0, 32.0, True, True, False),
        (0.0, 31.9, False, False, False),
        (0.0, 1.05, False, True, False),
        (0.0, 1.06, False, False, False),
        (-0.09, 1.0, False, True, False),
        (-0.11, 1.0, False, False, True),
        (-0.009, 0.01, False, False, False),  # rounding
        (-2.12, 2.64, False, False, True),
        (-80.0, 0.0, False, False, True),
        (math.nan, math.nan, False, False, False),
    ],
)
def test_kinds_of_values(low: float, high: float, raw: bool, pixels: bool, signed: bool) -> None:
    assert PIXELS.are_raw(low, high) is raw
    assert PIXELS.are_pixels(low, high) is pixels
    assert PIXELS.are_signed(low, high) is signed


def test_bounds_in_another_unit() -> None:
    statistics = build_statistics(-120.0, 130.0, mean=10.0, std=57.0)
    assert (BOUNDS.excess(statistics, upwards_only=False) > 1.0).all()
    assert not (BOUNDS.excess(statistics, upwards_only=False, unit=57.0) > 1.0).any()
    np.testing.assert_allclose(
        BOUNDS.excess(statistics, upwards_only=True), np.full(3, 57.0 / 5.0), rtol=1e-12
    )


def test_means_and_spreads_of_few_channels_are_listed_and_of_many_their_range() -> None:
    few = build_statistics(mean=(120.46, 0.5), std=(64.0, 0.25), channels=2)
    assert means_and_stds(few) == "mean: [120 0.5], std: [64 0.25]"
    many = build_statistics(mean=np.arange(80.0).tolist(), std=1.0, channels=80)
    assert means_and_stds(many) == "mean: 0 to 79, std: 1 to 1 over 80 channels"
    assert means_and_stds(None) == ""


@pytest.mark.parametrize(
    ("low", "high", "divided"),
    [(0.0, 1.0, True), (-0.005, 1.04, True), (-1.0, 1.0, False), (0.0, 255.0, False)],
)
def test_pixels_that_were_divided(low: float, high: float, divided: bool) -> None:
    pixels = PixelRange(32.0, 255.0, unit=1.05, negative=-0.01, overshoot=0.1)
    assert pixels.are_divided(low, high) is divided
    assert not pixels.are_divided(math.nan, math.nan)
