"""Which of several changes is taken: the cheapest that mends, else what helps most."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.outcomes import OUTPUT, build_classes, build_outcome
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.agreement.readings import Agreement
from utils.measurements.scale_trial import Change, ScaleTrial, best_trial

LAYERS = ("net/conv1",)


def trial(
    before: Outcome, after: Outcome, change: Change = "equalization", **more: Any
) -> ScaleTrial:
    return ScaleTrial(change, LAYERS, {OUTPUT: before}, {OUTPUT: after}, **more)


@pytest.mark.parametrize(
    ("before", "after", "helps", "mends"),
    [
        (build_classes(20), build_classes(20), False, False),
        (build_classes(20), build_classes(40), True, False),
        (build_classes(20), build_classes(64), True, True),
        (build_classes(64), build_classes(20), False, False),
        (build_outcome(12.0), build_outcome(12.9), False, False),
        (build_outcome(12.0), build_outcome(19.9), True, False),
        (build_outcome(12.0), build_outcome(20.0), True, True),
        (build_outcome(55.0, silenced=1), build_outcome(55.0), True, True),
        (build_outcome(55.0, silenced=2), build_outcome(55.0, silenced=1), True, False),
        (build_outcome(55.0), build_outcome(60.0, silenced=1), False, False),
    ],
)
def test_what_helps_and_what_mends(
    before: Outcome, after: Outcome, helps: bool, mends: bool
) -> None:
    assert (trial(before, after).helps, trial(before, after).mends) == (helps, mends)


def test_an_output_that_cannot_be_run_any_more_is_no_help() -> None:
    both = {OUTPUT: build_classes(20), "net/output_layer2": build_classes(20)}
    assert not ScaleTrial("equalization", LAYERS, both, {OUTPUT: build_classes(64)}).helps


def test_a_channel_that_counts_by_itself_is_judged_by_its_numbers() -> None:
    def numbers(share: float, silenced: int) -> Outcome:
        off = {
            f"beyond_{limit}": Agreement(share, share, share, 64, channel=2) for limit in (0.1, 0.3)
        }
        return build_outcome(55.0, readings={"regression": off}, silenced=silenced)

    found = trial(numbers(1.0, 1), numbers(0.5, 0), "output_scales", by_channel=True)
    assert (found.helps, found.mends) == (True, False)
    assert trial(numbers(1.0, 1), numbers(0.1, 0), "output_scales", by_channel=True).mends
    assert trial(numbers(1.0, 1), numbers(0.5, 0), "output_scales").mends
    assert found.described() == (
        f"{OUTPUT} 1 constant channel before, none after, 100% of channel 2 is off by more than "
        "10% of its spread before, 50% after, SNR 55.0 dB before, 55.0 dB after"
    )


def test_the_cheapest_that_mends_is_taken_then_what_helps_most() -> None:
    bad, better, whole = build_classes(20), build_classes(40), build_classes(64)
    useless = trial(bad, bad)
    half, good = trial(bad, better, "output_scales"), trial(bad, whole, "sixteen_bit")
    assert best_trial([]) is None
    assert best_trial([useless]) is None
    assert best_trial([useless, half]) is half
    assert best_trial([half, useless, good]) is good
    assert best_trial([trial(bad, whole), good]) == trial(bad, whole)
    assert best_trial([half, trial(bad, build_classes(45), "sixteen_bit")]) != half


def test_what_no_output_feels_is_said() -> None:
    assert trial(build_classes(20), build_classes(20)).described() == "no output changes"
