from __future__ import annotations

import numpy as np
import pytest

from tests.fixtures.outcomes import build_classes, build_outcome, outcomes
from utils.findings import Gain
from utils.jobs.range_trial import RangeTrial
from utils.measurements.agreement.outcome import Outcome

BEFORE = {"a": 20.0, "b": 30.0}


@pytest.mark.parametrize(
    ("after", "accepted"),
    [
        ({"a": 20.0, "b": 30.0}, False),  # no gain
        ({"a": 20.05, "b": 30.0}, False),  # below what samples differ by
        ({"a": 25.0, "b": 29.8}, False),  # one output loses
        ({"a": float("nan"), "b": 31.0}, False),
        ({"b": 35.0}, False),  # it cannot be run any more
        ({"a": 20.2, "b": 30.0}, True),
    ],
)
def test_a_trial_is_accepted_if_some_output_gains_and_none_loses(
    after: dict[str, float], accepted: bool
) -> None:
    assert RangeTrial(outcomes(BEFORE), outcomes(after)).accepted is accepted


@pytest.mark.parametrize(
    ("before", "after", "accepted"),
    [
        # Decisions that are lost outweigh any ratio.
        (build_classes(60, 20.0), build_classes(59, 30.0), False),
        (build_classes(60, 20.0), build_classes(60, 20.0), False),
        (build_classes(60, 20.0), build_classes(60, 22.0), True),
        # Two loud samples are cut off, and all others come out right.
        (build_classes(51, 15.3, 128, median_db=-1.9), build_classes(126, 7.1, 128), True),
        # One or two more of enough are chance, and no reason to cut off loud samples.
        (build_classes(125, 18.4, 128), build_classes(127, 13.4, 128, median_db=18.8), False),
        (build_classes(51, 15.3, 128), build_classes(54, 6.9, 128, median_db=16.2), False),
        # Of an output whose kind nobody knows, the median sample tells the same.
        (build_outcome(15.3, -1.9), build_outcome(7.1, 12.0), True),
        # Loud samples are cut off for next to nothing.
        (build_outcome(25.0, 24.0), build_outcome(7.1, 24.5), False),
        # The rare high scores are cut off; samples without any gain a little.
        (build_outcome(18.8, 3.3), build_outcome(13.7, 4.5), False),
        # Loud samples gain, all others lose.
        (build_outcome(15.3, 5.0), build_outcome(25.0, 4.0), False),
    ],
)
def test_decisions_and_the_median_sample_judge_and_no_pooled_ratio(
    before: Outcome, after: Outcome, accepted: bool
) -> None:
    assert RangeTrial({"a": before}, {"a": after}).accepted is accepted


@pytest.mark.parametrize(
    ("before", "after", "serves"),
    [
        # The SNR over all samples was that of two shocks, which are cut off.
        (build_outcome(15.3, -1.9), build_outcome(0.3, 6.8), True),
        # Rare high scores are cut off, and samples without any gain a little.
        (build_outcome(18.8, 3.3), build_outcome(13.7, 4.5), False),
        (build_outcome(15.3, -1.9), build_outcome(0.3, -1.9), False),
        (build_outcome(15.3, -1.9), build_outcome(0.3, -4.0), False),
        (build_classes(60, 15.3), build_classes(57, 0.3, median_db=20.0), False),
    ],
)
def test_where_a_few_samples_are_given_up_all_others_judge(
    before: Outcome, after: Outcome, serves: bool
) -> None:
    trial = RangeTrial({"a": before}, {"a": after})
    assert trial.serves_most is serves
    assert not trial.accepted


@pytest.mark.parametrize("order", ["ab", "ba"])
@pytest.mark.parametrize("nothing", [np.inf, np.nan], ids=["not reached", "always 0"])
def test_outputs_without_noise_or_signal_do_not_count(order: str, nothing: float) -> None:
    before, after = {"a": 30.0, "b": nothing}, {"a": 33.0, "b": nothing}
    trial = RangeTrial(
        outcomes({n: before[n] for n in order}), outcomes({n: after[n] for n in order})
    )
    assert trial.accepted
    assert trial.described() == "at a SNR 30.0 dB before, 33.0 dB after"


def test_decisions_are_told_before_decibels() -> None:
    before = {"a": build_classes(51, 15.3, 128, median_db=-1.9)}
    trial = RangeTrial(before, {"a": build_classes(126, 7.1, 128)})
    assert trial.described() == (
        "at a the same class as in float comes first in 51 of 128 samples before, 126 of 128 "
        "after, SNR 15.3 dB before, 7.1 dB after, SNR of the median sample -1.9 dB before, 7.1 dB "
        "after"
    )
    name = "share of samples whose class stays the same at a"
    assert trial.gain == Gain(name, 51 / 128, 126 / 128)


def test_without_outputs_nothing_is_confirmed() -> None:
    nothing = RangeTrial({}, {})
    assert not nothing.accepted
    assert "no output" in nothing.described()
    assert nothing.gain is None
