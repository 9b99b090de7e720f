"""The assignment against all there are."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectors.nms.assignment import cheapest

COSTS = st.integers(1, 5).flatmap(
    lambda rows: st.integers(rows, 6).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(0, 3) | st.floats(0, 1e4), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
    )
)


@given(COSTS)
def test_nothing_is_cheaper(costs: list[list[float]]) -> None:
    found = cheapest(costs)
    assert len(set(found)) == len(costs)
    best = min(
        sum(row[column] for row, column in zip(costs, choice, strict=True))
        for choice in permutations(range(len(costs[0])), len(costs))
    )
    assert sum(row[c] for row, c in zip(costs, found, strict=True)) == pytest.approx(best)


def test_nobody_gets_nothing() -> None:
    assert cheapest([]) == []
