"""What the outputs decide, before and now."""

from __future__ import annotations

import math

import pytest

from tests.baseline.runs import counted, run, same_class
from utils.baseline import BaselineComparison, DecisionChange
from utils.baseline.decisions import decision_changes
from utils.measurements.agreement.readings import Agreement
from utils.renderers.decision_changes import decisions_in_words


@pytest.mark.parametrize(
    ("before", "now", "direction"),
    [(64, 64, 0), (64, 62, 0), (60, 64, 0), (52, 64, 1), (64, 52, -1), (30, 10, -1)],
)
def test_it_moved_where_the_intervals_have_nothing_in_common(
    before: int, now: int, direction: int
) -> None:
    assert same_class(before, now).direction == direction


@pytest.mark.parametrize(
    ("measure", "before", "now", "direction"),
    [("beyond_0.3", 0.6, 0.1, 1), ("beyond_0.1", 0.1, 0.6, -1), ("psnr_db", 20.0, 30.0, 1)],
)
def test_less_is_better_of_what_is_off(
    measure: str, before: float, now: float, direction: int
) -> None:
    was, is_now = (Agreement(v, v - 0.05, v + 0.05, 64, channel=1) for v in (before, now))
    assert DecisionChange("a", measure, was, is_now).direction == direction


def test_without_intervals_equal_numbers_are_equal() -> None:
    was, is_now, other = (Agreement(v, math.nan, math.nan, 9) for v in (0.5, 0.5, 0.7))
    assert DecisionChange("a", "cosine", was, is_now).direction == 0
    assert DecisionChange("a", "cosine", was, other).direction == 1


def test_what_both_runs_counted_is_compared() -> None:
    before = run(agreement={"a": {"same_top1": counted(52)}, "b": {"same_top1": counted(1)}})
    now = run(
        agreement={
            "a": {"same_top1": counted(64), "same_top5": counted(64)},
            "c": {"same_top1": counted(2)},
        }
    )
    (found,) = decision_changes(before, now)
    assert (found.output, found.measure, found.direction) == ("a", "same_top1", 1)
    assert list(decision_changes(before, now, others=["a"])) == []
    assert list(decision_changes(run(), now)) == []


def test_it_is_told_with_both_numbers() -> None:
    said = "the same class as in float comes first in 64 of 64 samples, before 52 of 64"
    assert decisions_in_words(same_class(52, 64)) == said
    assert decisions_in_words(same_class(64, 64)).endswith("64 of 64 samples, as before")
    numbers = [Agreement(value, 0.0, 1.0, 9, channel=2) for value in (0.5, 0.25)]
    said = "25% of channel 2 is off by more than 30% of its spread, before 50%"
    assert decisions_in_words(DecisionChange("a", "beyond_0.3", *numbers)) == said


def test_what_became_worse_stands_first() -> None:
    changes = (same_class(60, 62), same_class(52, 64), same_class(64, 52))
    moved = BaselineComparison("x", decisions=changes).moved_decisions()
    assert [change.direction for change in moved] == [-1, 1]
