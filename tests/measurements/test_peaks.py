"""The samples that reach farthest, whatever the batches and their order."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.measurements.peaks import FEW, KEPT, Peaks, farthest

LOWS = np.array([-1.0, -9.0, -3.0, -3.0, -2.0, 0.0, -4.0, -5.0, -6.0, -7.0, -8.0, -0.5])
HIGHS = np.array([2.0, 3.0, 90.0, 4.0, 5.0, 80.0, 6.0, 7.0, 8.0, 9.0, 1.0, 0.5])
EVERY = range(len(LOWS))


def peaks(places: list[int]) -> Peaks:
    chosen = np.array(places, np.int64)
    return Peaks(
        farthest(chosen, LOWS[chosen], is_high=False),
        farthest(chosen, HIGHS[chosen], is_high=True),
    )


@given(st.permutations(list(EVERY)), st.lists(st.integers(0, len(LOWS)), max_size=4))
def test_neither_order_nor_batches_matter(order: list[int], cuts: list[int]) -> None:
    parts = [part for part in np.split(np.array(order), sorted(cuts)) if part.size]
    found = reduce(Peaks.merged, (peaks(part.tolist()) for part in parts))
    whole = peaks(list(EVERY))
    for one, other in ((found.lowest, whole.lowest), (found.highest, whole.highest)):
        assert one.places.tolist() == other.places.tolist()
        assert one.codes.tolist() == other.codes.tolist()
        assert one.places.size == KEPT


@given(st.sets(st.sampled_from(list(EVERY)), max_size=FEW))
def test_all_others_are_known_without_any_few(places: set[int]) -> None:
    others = [place for place in EVERY if place not in places]
    assert peaks(list(EVERY)).without(places) == (LOWS[others].min(), HIGHS[others].max())


def test_where_no_others_are_there_is_no_number() -> None:
    assert np.isnan(peaks([1, 2]).without([1, 2])).all()
    assert peaks([1, 2]).without([1]) == pytest.approx((-3.0, 90.0))
