"""What a plan is wanted for, and what it has to reach."""

from __future__ import annotations

import math

import pytest

from tests.fixtures.outcomes import build_classes, build_outcome
from utils.backends.closer_look.plan_goal import Goal
from utils.measurements.agreement.outcome import Outcome

LOST = build_classes(18, -3.2)


@pytest.mark.parametrize(
    ("before", "is_asked", "wanted"),
    [
        (build_classes(64, 16.0), False, False),  # no decision is lost: the pool says nothing
        (build_classes(64, 16.0), True, True),  # but somebody asks for it
        (build_classes(64, 21.0), True, False),
        (build_classes(64, 9.0), False, True),
        (build_classes(40, 27.0), False, True),
        (build_classes(40, 27.0), True, True),
        (build_outcome(16.0), False, True),
        (build_outcome(21.0), False, False),
        (build_outcome(27.0, 4.0), False, True),  # two loud samples outvote all others
    ],
)
def test_when_a_plan_is_wanted(before: Outcome, is_asked: bool, wanted: bool) -> None:
    assert Goal({"a": before}, 20.0, is_asked).is_reached_already is not wanted


@pytest.mark.parametrize(
    ("before", "after", "met", "by_decisions"),
    [
        (LOST, build_classes(64, 22.6), True, True),
        (LOST, build_classes(64, 17.0), False, True),
        (LOST, build_classes(64, 9.0), False, False),
        # The doubt that accuses nobody does not speak for a plan.
        (LOST, build_classes(60, 27.8), False, False),
        # A pooled ratio that is far above what most samples have.
        (LOST, build_classes(46, 27.8, median_db=3.0), False, False),
        (build_outcome(12.0), build_outcome(20.4), True, True),
        (build_outcome(12.0), build_outcome(19.9), False, False),
        (build_outcome(15.3, -1.9), build_outcome(27.8, 3.0), False, False),
    ],
)
def test_when_a_goal_is_met(before: Outcome, after: Outcome, met: bool, by_decisions: bool) -> None:
    goal = Goal({"a": before}, 20.0)
    assert goal.is_met({"a": after}) is met
    assert Goal({"a": before}, 20.0, by_decisions=True).is_met({"a": after}) is by_decisions
    assert goal.missing({"a": after}) == ([] if met else ["a"])


@pytest.mark.parametrize(
    ("best", "is_asked", "wanted_db"),
    [
        (build_outcome(19.9), False, 18.9),
        (build_outcome(17.1), False, 16.1),
        (build_outcome(16.9), False, 20.0),
        (build_outcome(19.9), True, 20.0),  # who asks for a number gets that number
        (build_outcome(19.9, 17.1), False, 16.1),  # the median sample has to come there, too
    ],
)
def test_what_is_wanted_where_the_best_set_misses_by_a_little(
    best: Outcome, is_asked: bool, wanted_db: float
) -> None:
    goal = Goal({"a": build_outcome(-4.6)}, 20.0, is_asked)
    nearly = goal.nearly({"a": best})
    assert nearly.target_db == pytest.approx(wanted_db)
    assert nearly.is_met({"a": best}) is (wanted_db < 20)


def test_an_output_that_is_fine_may_not_be_spoiled() -> None:
    goal = Goal({"a": LOST, "b": build_classes(64, 16.0)}, 20.0)
    mended = build_classes(64, 25.0)
    assert goal.is_met({"a": mended, "b": build_classes(64, 16.0)})
    assert not goal.is_met({"a": mended, "b": build_classes(40, 16.0)})
    assert not goal.is_met({"a": mended})  # it cannot be run any more


@pytest.mark.parametrize("snr", [-math.inf, 19.99])
def test_who_asks_for_a_ratio_gets_it(snr: float) -> None:
    goal = Goal({"a": build_classes(64, 16.0)}, 20.0, is_asked=True)
    assert not goal.is_met({"a": build_classes(64, snr)})
    assert goal.is_met({"a": build_classes(64, 20.0)})
    assert goal.is_met({"a": build_classes(64, math.inf)})


def test_without_outputs_nothing_is_met() -> None:
    assert not Goal({}, 20.0).is_met({})


def test_what_fell_short_over_all_samples_asks_for_more() -> None:
    goal = Goal({"a": build_outcome(12.0)}, 20.0)
    stricter = goal.stricter({"a": build_outcome(20.5)}, {"a": build_outcome(19.0)})
    assert stricter.margin_db == pytest.approx(1.1)
    assert not stricter.is_met({"a": build_outcome(21.0)})
    assert stricter.without_margin.is_met({"a": build_outcome(20.0)})


def test_decisions_that_were_lost_again_ask_for_less_noise() -> None:
    goal = Goal({"a": LOST}, 20.0, by_decisions=True)
    stricter = goal.stricter({"a": build_classes(16, 17.0, of=16)}, {"a": build_classes(50, 16.5)})
    assert stricter.floor_db == 18.0
    assert not stricter.is_met({"a": build_classes(64, 17.0)})
    assert stricter.is_met({"a": build_classes(64, 18.5)})


@pytest.mark.parametrize(
    ("after", "helps"),
    [
        (build_classes(18, -3.0), False),
        (build_classes(18, -2.1), True),
        (build_classes(20, -3.2), True),
        (build_classes(10, -9.0), False),
    ],
)
def test_less_than_a_decibel_and_no_decision_is_no_help(after: Outcome, helps: bool) -> None:
    assert Goal({"a": LOST}, 20.0).helps({"a": after}) is helps
