"""What a trial of other ranges shows, by its outcomes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fixtures.outcomes import OUTPUT, build_classes
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.recalibration import RecalibrationTrial

LOST, KEPT = build_classes(40, 12.0), build_classes(62, 30.0)


def trial(before: Outcome, after: Outcome, as_stored: Outcome) -> RecalibrationTrial:
    return RecalibrationTrial(128, 32, {OUTPUT: before}, {OUTPUT: after}, {OUTPUT: as_stored})


def test_what_ranges_mend_is_a_gain() -> None:
    found = trial(LOST, KEPT, LOST)
    assert found.shows_gain
    assert found.is_made_alike
    assert not found.shows_no_gain
    assert found.on_which_samples() == "ranges of all 128 samples, judged on 32"


def test_what_quantizing_again_gains_by_itself_is_none_of_the_ranges() -> None:
    found = trial(LOST, KEPT, KEPT)
    assert not found.shows_gain
    assert not found.shows_no_gain  # nor is it known that they are right


def test_where_nothing_comes_back_the_ranges_are_right() -> None:
    found = trial(LOST, build_classes(40, 12.1), LOST)
    assert not found.shows_gain
    assert found.shows_no_gain


def test_an_output_that_stays_constant_shows_nothing() -> None:
    constant = replace(LOST, silenced=1)
    found = trial(constant, constant, constant)
    assert not found.shows_gain
    assert not found.shows_no_gain


def test_a_quantizer_that_makes_something_else_proves_nothing() -> None:
    found = trial(LOST, build_classes(40, 12.1), build_classes(20, 3.0))
    assert not found.is_made_alike
    assert not found.shows_no_gain


@pytest.mark.parametrize(("snr_db", "is_half"), [(17.0, False), (18.5, True)])
def test_of_an_output_that_nobody_can_count_half_the_noise_has_to_go(
    snr_db: float, is_half: bool
) -> None:
    before = replace(LOST, kind="unknown", readings={})
    after = replace(before, snr_db=snr_db, median_db=snr_db)
    assert trial(before, after, before).shows_gain is is_half


def test_an_output_that_cannot_be_run_again_shows_nothing() -> None:
    found = RecalibrationTrial(128, 32, {OUTPUT: LOST}, {}, {})
    assert not found.shows_gain
    assert not found.shows_no_gain
