from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fixtures.outcomes import build_classes, build_outcome, outcomes
from utils.findings import Finding, Gain, Recommendation, Severity
from utils.jobs.range_trial import RangeTrial
from utils.measurements.agreement.readings import Agreement
from utils.recommendations.tried_ranges import settled, untried_eased

LINE = "pre_quantization_optimization(activation_clipping, layers=[net/conv1])"
BETTER = RangeTrial(outcomes({"a": 20.0}), outcomes({"a": 23.0}))
WORSE = RangeTrial(outcomes({"a": 20.0}), outcomes({"a": 15.0}))


def finding(*layers: str) -> Finding:
    ranges = dict.fromkeys(layers, (0.0, 1.0))
    return Finding(
        "unused-range",
        Severity.WARNING,
        "It is empty",
        evidence="half of it",
        remedy="Clip it.",
        measured={"low": 0.0},
        recommendation=Recommendation((LINE,), ranges=ranges) if layers else None,
    )


@pytest.mark.parametrize("untouched", [finding(), finding("conv2"), finding("conv1", "conv2")])
def test_a_finding_that_was_not_tried_stays_as_it_is(untouched: Finding) -> None:
    assert settled(untouched, {"conv1": WORSE}) is untouched


def test_a_range_that_helps_is_proven() -> None:
    found = settled(finding("conv1"), {"conv1": BETTER})
    assert found.severity is Severity.WARNING
    gain = Gain("SNR in dB at a", 20.0, 23.0)
    assert found.recommendation == Recommendation((LINE,), proven=True, gain=gain)
    assert found.headline == "It is empty"
    assert found.evidence == (
        "half of it; a trial confirms it: at a SNR 20.0 dB before, 23.0 dB after"
    )
    assert found.remedy == "Clip it."
    assert found.measured == {
        "low": 0.0,
        "output_snr_before_db": 20.0,
        "output_snr_after_db": 23.0,
    }


def test_layers_that_were_changed_at_once_are_told_once() -> None:
    trials = {name: RangeTrial(BETTER.before, BETTER.after) for name in ("conv1", "conv2")}
    found = settled(finding("conv1", "conv2"), trials)
    assert found.evidence.count("20.0 dB before") == 1


def test_a_few_samples_may_be_given_up_for_all_others() -> None:
    before, after = build_outcome(20.0, 5.0), build_outcome(8.0, 11.0)
    trial = RangeTrial({"a": before}, {"a": after})
    asked = finding("conv1")
    assert settled(asked, {"conv1": trial}).recommendation is None
    assert asked.recommendation is not None
    for_most = replace(asked, recommendation=replace(asked.recommendation, gives_up_few=True))
    found = settled(for_most, {"conv1": trial})
    assert found.severity is Severity.WARNING
    assert "a trial confirms it for all other samples: at a SNR 20.0 dB" in found.evidence


@pytest.mark.parametrize(
    ("after", "severity"), [(20.4, Severity.INFO), (20.9, Severity.INFO), (21.0, Severity.WARNING)]
)
def test_a_range_that_gains_less_than_a_decibel_is_offered_and_presses_nobody(
    after: float, severity: Severity
) -> None:
    slight = RangeTrial(outcomes({"a": 20.0}), outcomes({"a": after}))
    found = settled(finding("conv1"), {"conv1": slight})
    assert found.severity is severity
    assert found.recommendation is not None
    assert found.recommendation.proven


@pytest.mark.parametrize(("same", "severity"), [(52, Severity.INFO), (63, Severity.WARNING)])
def test_two_decisions_more_are_no_reason_to_clip(same: int, severity: Severity) -> None:
    trial = RangeTrial({"a": build_classes(50)}, {"a": build_classes(same, 30.2)})
    assert trial.accepted
    assert settled(finding("conv1"), {"conv1": trial}).severity is severity


def test_of_numbers_a_decibel_counts_by_itself() -> None:
    measures = {"beyond_0.1": Agreement(0.4, 0.4, 0.4, 64)}
    before, after = (
        build_outcome(db, kind="regression", readings={"regression": measures})
        for db in (15.0, 16.5)
    )
    assert before.is_counted
    found = settled(finding("conv1"), {"conv1": RangeTrial({"a": before}, {"a": after})})
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("after", "severity"), [(31.5, Severity.INFO), (32.9, Severity.INFO), (33.1, Severity.WARNING)]
)
def test_less_noise_that_brings_no_decision_back_presses_only_where_it_is_clear(
    after: float, severity: Severity
) -> None:
    trial = RangeTrial({"a": build_classes(50, 30.0)}, {"a": build_classes(50, after)})
    found = settled(finding("conv1"), {"conv1": trial})
    assert found.severity is severity
    assert found.recommendation is not None
    assert found.recommendation.proven


@pytest.mark.parametrize("trials", [{"conv1": WORSE}, {"conv1": BETTER, "conv2": WORSE}])
def test_a_range_that_does_not_help_everywhere_is_no_more_than_an_info(
    trials: dict[str, RangeTrial],
) -> None:
    found = settled(finding(*trials), trials)
    assert found.severity is Severity.INFO
    assert found.recommendation is None
    assert "does not help" in found.evidence
    assert found.asks_for_nothing


@pytest.mark.parametrize(
    ("trials", "severity"),
    [
        ({"conv1": WORSE}, Severity.INFO),
        ({"conv1": BETTER}, Severity.WARNING),
        ({"conv1": WORSE, "conv3": BETTER}, Severity.WARNING),
        ({}, Severity.WARNING),
    ],
    ids=["it did not help", "it helped", "one of two helped", "none was tried"],
)
def test_ranges_that_were_left_out_are_judged_by_those_that_narrow_more(
    trials: dict[str, RangeTrial], severity: Severity
) -> None:
    asked = [finding("conv1"), finding("conv2"), finding("conv3"), finding()]
    after = [settled(each, trials) for each in asked]
    made = untried_eased(asked, after)
    assert made[1].severity is severity
    assert made[3] is asked[3]
