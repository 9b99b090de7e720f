from __future__ import annotations

import math

import pytest

from utils.emulator.measuring.budget import Budget, affordable_count


def test_everybody_spends_from_the_same() -> None:
    seen: list[float] = []
    budget = Budget(10.0, seen.append)
    budget.spend(4.0)
    assert (budget.spent, budget.left) == (4.0, 6.0)
    budget.spend(7.0)
    assert (budget.spent, budget.left) == (11.0, 0.0)
    assert seen == [4.0, 7.0]


def test_without_a_bound_something_is_always_left() -> None:
    budget = Budget()
    budget.spend(1e30)
    assert budget.left == math.inf


@pytest.mark.parametrize(
    ("work", "each", "count"),
    [(100.0, 10.0, 8), (50.0, 10.0, 5), (59.0, 10.0, 5), (5.0, 10.0, 2), (math.inf, 1.0, 8)],
)
def test_a_count_stays_within_its_bounds(work: float, each: float, count: int) -> None:
    assert affordable_count(work, each, least=2, most=8) == count


def test_what_costs_nothing_is_affordable() -> None:
    assert affordable_count(0.0, 0.0, least=2, most=8) == 8
