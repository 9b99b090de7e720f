"""A replayed fleet takes as long as its tasks have to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks import fleet_simulation
from benchmarks.fleet_simulation import Times, replayed
from diagnosis.fleet import at_hand, rounds

SLICES = (4.0,) * 16


def archive(name: str = "a", slices: tuple[float, ...] = SLICES, judge: float = 2.0) -> Times:
    return Times(name, survey=1.0, opening=3.0, slices=slices, join=0.5, judge=judge)


def test_one_worker_does_everything_once() -> None:
    found = replayed([archive()], 1)
    assert found.seconds == found.busy == 1 + 3 + 64 + 3 * 0.5 + 2


def test_slices_of_one_archive_are_spread() -> None:
    found = replayed([archive()], 4)
    assert found.seconds == 1 + 3 + 4 * 4 + 3 * 0.5 + 2
    assert found.busy == 1 + 4 * 3 + 64 + 3 * 0.5 + 2  # each of them has to trace


def test_archives_stay_with_their_workers() -> None:
    fleet = [archive(f"{index}") for index in range(40)]
    one, four = replayed(fleet, 1), replayed(fleet, 4)
    assert one.seconds / (4 * four.seconds) > 0.9
    assert four.busy < 1.1 * one.busy


def test_what_is_serial_bounds_it() -> None:
    times = archive(judge=100.0)
    assert times.serial == 1 + 3 + 4 + 1.5 + 100
    assert replayed([times] * 3, 64).seconds >= 1 + 3 + 4 + 100


def test_what_judging_asks_for_is_spread() -> None:
    times = replace(archive(judge=1.0), look=2.0, answers=(5.0,) * 8)
    one, four = replayed([times], 1), replayed([times], 4)
    assert one.seconds == 1 + 3 + 64 + 2 + 3 * 0.5 + 8 * 5 + 1
    assert four.seconds < 0.4 * one.seconds
    assert times.serial == 1 + 3 + 4 + 1.5 + 5 + 1
    assert replayed([times], 64).seconds >= times.serial


def test_a_scheduler_hands_out_one_after_the_other() -> None:
    fleet = [archive(f"{index}", slices=(0.0,) * 8, judge=0.0) for index in range(8)]
    tasks = 8 * (1 + 8 + 1)  # of the last kind one is judged at the very end
    assert replayed(fleet, 64, handing_out=1.0).seconds >= tasks


@pytest.mark.parametrize(("slices", "joins"), [(0, 0), (1, 0), (8, 1), (9, 3), (65, 12)])
def test_joins_are_those_of_the_tree(slices: int, joins: int) -> None:
    assert archive(slices=(1.0,) * slices).joins == joins


def test_it_hands_out_as_a_fleet_does() -> None:
    assert fleet_simulation.JOINED == rounds.JOINED
    assert fleet_simulation.AT_ONCE == rounds.AT_ONCE
    assert fleet_simulation.AT_HAND == at_hand.MOST_AT_HAND
