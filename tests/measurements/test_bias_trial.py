"""What counts as a gain of corrected biases."""

from __future__ import annotations

import pytest

from tests.fixtures.outcomes import OUTPUT, build_classes, build_outcome
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.bias_trial import BiasTrial


def trial(before: Outcome, after: Outcome | None) -> BiasTrial:
    after_by_name = {} if after is None else {OUTPUT: after}
    return BiasTrial(32, 32, {OUTPUT: before}, after_by_name)


@pytest.mark.parametrize(
    ("before", "after", "helps", "takes_half_back"),
    [
        (build_classes(40), build_classes(40), False, False),
        (build_classes(40), build_classes(44), True, False),
        (build_classes(40), build_classes(55), True, True),
        (build_classes(40), build_classes(30), False, False),
        (build_classes(64), build_classes(64, snr_db=36.0), True, True),  # nothing was lost
        (build_outcome(8.0), build_outcome(8.9), False, False),
        (build_outcome(8.0), build_outcome(9.1), True, False),
        (build_outcome(8.0), build_outcome(14.1), True, True),
        (build_outcome(14.0), build_outcome(15.5), True, False),  # kept, but not clear
        (build_outcome(24.0), build_outcome(25.5), True, True),
        (build_outcome(24.0, silenced=2), build_outcome(48.0, silenced=2), True, False),
        (build_outcome(8.0), None, False, False),
        (build_outcome(8.0, silenced=2), build_outcome(9.5, silenced=3), False, False),
    ],
)
def test_a_gain_is_one_without_losses(
    before: Outcome, after: Outcome | None, helps: bool, takes_half_back: bool
) -> None:
    found = trial(before, after)
    assert (found.helps, found.takes_half_back) == (helps, takes_half_back)


def test_the_words_have_the_numbers_of_both() -> None:
    found = trial(build_classes(40, 12.0), build_classes(60, 24.0))
    assert "12.0 dB before, 24.0 dB after" in found.described()
    assert found.gain is not None
    assert (found.gain.before, found.gain.after) == pytest.approx((40 / 64, 60 / 64))
