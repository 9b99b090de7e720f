from __future__ import annotations

import pytest

from tests.fixtures.builders import build_histogram, build_statistics
from utils.measurements import HISTOGRAM_BINS, Histogram, LayerMeasurement

OUTPUT = build_statistics(count=10)


def measurement(**parts: object) -> LayerMeasurement:
    return LayerMeasurement(OUTPUT, **parts)  # type: ignore[arg-type]


def histogram(low: float = 0.0, high: float = 1.0) -> Histogram:
    return build_histogram([1] * HISTOGRAM_BINS, low, high)


@pytest.mark.parametrize("part", ["preactivation", "histogram"])
def test_joining_keeps_only_what_both_sides_hold(part: str) -> None:
    whole = {"preactivation": build_statistics(count=10), "histogram": histogram()}
    full, bare = measurement(**{part: whole[part]}), measurement()
    assert getattr(full.merged(full), part) is not None
    assert getattr(full.merged(bare), part) is None
    assert getattr(bare.merged(full), part) is None


def test_histograms_add_up() -> None:
    joined = build_histogram([2] * 100, below=1).merged(build_histogram([3] * 100, above=4))
    assert (joined.total, joined.below, joined.above) == (505, 1, 4)


def test_histograms_of_different_ranges_are_not_joined() -> None:
    with pytest.raises(ValueError, match="different ranges"):
        histogram().merged(histogram(high=2.0))


def test_statistics_weigh_by_their_count() -> None:
    few = build_statistics(mean=1.0, std=0.0, low=1.0, high=1.0, count=1)
    many = build_statistics(mean=0.0, std=0.0, low=0.0, high=0.0, count=3, non_zero_share=0.0)
    joined = few.merged(many)
    assert joined.mean.tolist() == [0.25] * 3
    assert joined.energy.tolist() == [0.25] * 3
    assert (joined.low, joined.high, joined.count) == (0.0, 1.0, 4)
    assert joined.non_zero_share == 0.25


def test_statistics_of_an_archive_cannot_be_joined() -> None:
    with pytest.raises(ValueError, match="without a count"):
        build_statistics(count=0).merged(OUTPUT)
