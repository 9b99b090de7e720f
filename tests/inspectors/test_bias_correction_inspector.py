"""What is said of corrected biases, and which lines are given for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inspectors.agreement import AgreementInspector
from inspectors.base_inspector import Context, NotChecked
from inspectors.bias_correction import by_bias_correction
from inspectors.bias_correction_inspector import BiasCorrectionInspector
from inspectors.noise.bias import Suspect, cure
from inspectors.optimization_flow import OptimizationFlowInspector
from tests.fixtures.builders import (
    build_context,
    build_measurements,
    build_model,
    build_noise,
    build_tensor_noise,
)
from tests.fixtures.outcomes import OUTPUT, build_classes, build_outcome, build_plan
from tests.house.evidence import loud, quiet
from utils.facts.optimization_levels import WITHOUT_GPU
from utils.findings import Finding, Severity
from utils.measurements.bias_trial import BiasTrial
from utils.measurements.mixed_precision import MixedPrecisionPlan

SWITCHED_ON = "post_quantization_optimization(bias_correction, policy=enabled)"


def trial(same: int = 60, *, suffices: bool = True) -> BiasTrial:
    """What is left of 64 classes, of which 40 are right without it."""
    before, after = {OUTPUT: build_classes(40, 12.0)}, {OUTPUT: build_classes(same, 24.0)}
    return BiasTrial(32, 32, before, after, suffices)


def vain() -> BiasTrial:
    """It gains nothing."""
    return replace(trial(), after=trial().before, suffices=False)


def context(
    found: BiasTrial | None = None,
    *,
    ran: bool | None = False,
    level: int | None = 1,
    script: str | None = None,
    samples: int = 64,
    plan: MixedPrecisionPlan | None = None,
) -> Context:
    flags = {} if ran is None else {"conv1/bias_correction/successfully_run": ran}
    model = build_model(analysis=flags, script=script, **_levels(level))
    measured = replace(build_measurements(samples), noise=build_noise({"conv1": 20.0}))
    return build_context(model, replace(measured, bias_trial=found, plan=plan))


def _levels(level: int | None) -> dict[str, Any]:
    flavor = {} if level is None else {"optimization_level": level, "compression_level": 0}
    return {"mo_flavor": flavor}


def findings(given: Context) -> list[Finding]:
    inspector = BiasCorrectionInspector()
    return [] if inspector.should_skip(given) else list(inspector.inspect(given))


@loud("bias-correction-missing", "bias-correction-helps")
@pytest.mark.parametrize("suffices", [True, False])
def test_a_gain_is_told_with_its_numbers(suffices: bool) -> None:
    (finding,) = findings(context(trial(suffices=suffices)))
    assert finding.id == f"bias-correction-{'missing' if suffices else 'helps'}"
    assert finding.severity is Severity.WARNING
    assert "12.0 dB before, 24.0 dB after" in finding.evidence
    assert "the archive records that it did not run" in finding.evidence
    assert finding.commands == (SWITCHED_ON,)
    assert finding.recommendation is not None
    assert finding.recommendation.proven
    assert finding.measured == {f"SNR of {OUTPUT} before": 12.0, f"SNR of {OUTPUT} after": 24.0}


@quiet("bias-correction-missing", "bias-correction-helps")
@pytest.mark.parametrize(
    "given",
    [
        context(None),
        context(vain()),
        context(trial(20, suffices=False)),
        context(trial(), ran=True),
        context(trial(), ran=True, level=0),
        context(trial(), ran=None),
        context(trial(), samples=15),
    ],
    ids=["untried", "no gain", "a loss", "ran", "ran at 0", "not recorded", "few samples"],
)
def test_without_a_gain_nothing_is_said(given: Context) -> None:
    assert findings(given) == []


@pytest.mark.parametrize(
    ("level", "script", "lines", "remedy"),
    [
        (0, None, (WITHOUT_GPU,), "Quantize again at level 1 with this line"),
        (
            0,
            SWITCHED_ON.replace("enabled", "disabled"),
            (WITHOUT_GPU, SWITCHED_ON),
            "Quantize again at level 1 with these lines",
        ),
        (1, None, (SWITCHED_ON,), "Switch bias correction on with this line"),
        (None, None, (SWITCHED_ON,), "Switch bias correction on with this line"),
        (1, SWITCHED_ON, (), 'Look in the log of the run why it says "Bias Correction skipped"'),
    ],
)
def test_the_lines_depend_on_what_was_asked(
    level: int | None, script: str | None, lines: tuple[str, ...], remedy: str
) -> None:
    (finding,) = findings(context(trial(), level=level, script=script))
    assert finding.commands == lines
    assert finding.remedy.startswith(remedy)


@pytest.mark.parametrize(
    ("same", "plan", "is_worth_it"),
    [
        (44, None, False),
        (56, None, True),
        (56, build_plan({"net/conv1": "a16_w16"}), False),
        (56, build_plan({}, after={OUTPUT: build_outcome(12.5)}), True),
        (44, build_plan({"net/conv1": "a16_w16"}, mac_share=0.5), False),
        (44, build_plan({"net/conv1": "a16_w16"}, mac_share=0.51), True),
    ],
)
def test_a_bias_that_takes_little_back_goes_behind_what_mends(
    same: int, plan: MixedPrecisionPlan | None, is_worth_it: bool
) -> None:
    given = context(trial(same, suffices=False), plan=plan)
    (finding,) = findings(given)
    assert finding.severity is (Severity.WARNING if is_worth_it else Severity.INFO)
    assert finding.recommendation is not None
    assert finding.recommendation.proven is is_worth_it
    assert finding.recommendation.gain is not None
    assert by_bias_correction(given) == (finding.remedy if is_worth_it else "")


def test_the_level_is_blamed_with_the_lines_that_were_proven() -> None:
    def zero(found: BiasTrial | None) -> Finding:
        every = OptimizationFlowInspector().inspect(context(found, level=0))
        (finding,) = (each for each in every if each.id == "optimization-level-zero")
        return finding

    untried, proven, useless = (zero(each) for each in (None, trial(), vain()))
    assert [each.commands for each in (untried, proven)] == [(WITHOUT_GPU,)] * 2
    assert untried.recommendation is not None
    assert not untried.recommendation.proven
    assert proven.recommendation is not None
    assert proven.recommendation.proven
    assert useless.commands == ()


def test_an_offset_says_what_was_tried() -> None:
    suspect = Suspect("net/conv1", "conv1", build_tensor_noise(12.0, 0.9), ("net/conv1",))
    proven, useless = (cure(context(each), [suspect]) for each in (trial(), vain()))
    assert proven.recommendation is not None
    assert proven.recommendation.proven
    assert useless.recommendation is None
    assert "gains nothing" in useless.remark


def test_it_takes_data() -> None:
    given = replace(context(), measurements=None)
    assert isinstance(BiasCorrectionInspector().should_skip(given), NotChecked)
    assert AgreementInspector().should_skip(given)
