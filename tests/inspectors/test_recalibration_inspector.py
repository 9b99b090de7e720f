"""What is said of a calibration on the data given, by what a trial of it showed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspectors import held_out_trials
from inspectors.base_inspector import Context, NotChecked
from inspectors.recalibration_inspector import RecalibrationInspector
from tests.fixtures.builders import (
    build_context,
    build_histogram,
    build_measurements,
    build_model,
    stored_statistics,
)
from tests.fixtures.calibration_sets import samples
from tests.fixtures.outcomes import OUTPUT, build_classes
from tests.house.evidence import loud, quiet
from utils.findings import Finding, Severity
from utils.measurements import LayerMeasurement
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.recalibration import RecalibrationTrial
from utils.quantizer.calibration import channel_statistics

LOST, KEPT = build_classes(40, 12.0), build_classes(62, 30.0)
SEEN = channel_statistics(np.random.default_rng(0).normal(size=(64, 4, 4, 3)))


def trial(after: Outcome, as_stored: Outcome = LOST) -> RecalibrationTrial:
    return RecalibrationTrial(128, 32, {OUTPUT: LOST}, {OUTPUT: after}, {OUTPUT: as_stored})


def context(
    found: RecalibrationTrial | None = None, samples: int = 128, *, is_stored: bool = True
) -> Context:
    stored = stored_statistics("conv1/stats/output_0", SEEN) if is_stored else {}
    measured = replace(build_measurements(samples), recalibration=found)
    return build_context(build_model(optimized=stored), measured)


def findings(given: Context) -> list[Finding]:
    inspector = RecalibrationInspector()
    return [] if inspector.should_skip(given) else list(inspector.inspect(given))


@loud("calibration-costs")
def test_a_gain_is_told_with_its_numbers() -> None:
    (finding,) = findings(context(trial(KEPT)))
    assert finding.id == "calibration-costs"
    assert finding.severity is Severity.WARNING
    assert finding.layers == (OUTPUT,)
    assert "12.0 dB before, 30.0 dB after" in finding.evidence
    assert "ranges of all 128 samples, judged on 32" in finding.evidence
    assert "beside the stored ranges" not in finding.evidence
    assert finding.remedy == "Quantize again on these data if the network will see such data."
    assert finding.command.startswith("hailo optimize")
    assert finding.gain is not None
    assert finding.gain.after > finding.gain.before


def test_what_quantizing_again_gains_by_itself_is_told() -> None:
    (finding,) = findings(context(trial(KEPT, build_classes(42, 18.0))))
    assert "the same beside the stored ranges, quantized again as well" in finding.evidence
    assert "18.0 dB before, 30.0 dB after" in finding.evidence


@quiet("calibration-costs")
@loud("calibration-not-to-blame")
def test_ranges_that_cost_nothing_are_cleared() -> None:
    (finding,) = findings(context(trial(build_classes(40, 12.1))))
    assert finding.id == "calibration-not-to-blame"
    assert finding.severity is Severity.INFO
    assert finding.command == ""


@quiet("calibration-costs", "calibration-not-to-blame")
@pytest.mark.parametrize(
    "found", [None, trial(KEPT, KEPT), trial(build_classes(44, 14.0)), trial(LOST, KEPT)]
)
def test_what_shows_neither_is_not_told(found: RecalibrationTrial | None) -> None:
    assert findings(context(found)) == []


def test_who_cannot_be_tried_is_skipped() -> None:
    skip = RecalibrationInspector().should_skip
    assert skip(context()) == ""
    assert "16 samples or more" in str(skip(context(samples=15)))
    assert "does not hold what calibration saw" in str(skip(context(is_stored=False)))
    without = skip(build_context(context().model))
    assert isinstance(without, NotChecked)


@quiet("calibration-costs")
@loud("calibration-costs")
@pytest.mark.parametrize(
    ("script", "reach", "is_told"),
    [
        ("", 9.0, True),
        ("quantization_param(conv1, force_range_out=[-1, 1])", 9.0, False),
        ("quantization_param(conv1, force_range_out=[-1, 1])", 1.0, True),  # it ends there anyway
        ("quantization_param(conv2, force_range_out=[-1, 1])", 9.0, True),
        ("quantization_param(conv1, precision_mode=a8_w4)", 9.0, True),
    ],
)
def test_no_calibration_gives_back_what_a_line_takes(
    script: str, reach: float, *, is_told: bool
) -> None:
    stored = channel_statistics(np.array([-1.0, 1.0]).reshape(2, 1, 1, 1))
    given = channel_statistics(np.array([-1.0, reach]).reshape(2, 1, 1, 1))
    optimized = stored_statistics("conv1/stats/output_0", stored)
    model = build_model(optimized=optimized, script=script)
    layers = {"conv1": LayerMeasurement(output=given)}
    measured = replace(build_measurements(128, **layers), recalibration=trial(KEPT))
    found = build_context(model, measured)
    assert [f.id for f in findings(found)] == ["calibration-costs"] * is_told
    said = [str(each) for each in RecalibrationInspector().not_checked(found)]
    assert any("lines of the script set ranges of conv1" in each for each in said) is not is_told


@quiet("calibration-costs")
@loud("calibration-costs")
@pytest.mark.parametrize(("above", "is_told"), [(1_500, False), (50_000, True)])
def test_no_calibration_gives_back_what_percentiles_leave_out(above: int, *, is_told: bool) -> None:
    line = "pre_quantization_optimization(activation_clipping, layers={*}, mode=percentile, "
    stored = channel_statistics(np.array([0.0, 1.0]).reshape(2, 1, 1, 1))
    given = channel_statistics(np.array([0.0, 9.0]).reshape(2, 1, 1, 1))
    optimized = stored_statistics("conv1/stats/output_0", stored)
    model = build_model(optimized=optimized, script=f"{line}clipping_values=[1, 99])")
    beyond = build_histogram([1_000] * 100, above=above, samples_above=64)
    layers = {"conv1": LayerMeasurement(output=given, histogram=beyond)}
    measured = replace(build_measurements(128, **layers), recalibration=trial(KEPT))
    found = findings(build_context(model, measured))
    assert [f.id for f in found] == ["calibration-costs"] * is_told


def test_the_compiler_is_to_see_all_samples() -> None:
    given = replace(context(trial(KEPT)), calibration=samples(128))
    (finding,) = findings(given)
    assert finding.recommendation is not None
    assert "calibset_size=128" in finding.recommendation.commands[0]
    assert finding.remedy.endswith("and let calibration see all of them with this line.")
    assert finding.command == ""


def unknown(snr_db: float) -> Outcome:
    return Outcome(samples=32, snr_db=snr_db, median_db=snr_db, p10_db=snr_db - 3)


@quiet("calibration-costs")
@loud("calibration-costs")
@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        (18.0, 33.0, Severity.INFO),
        (12.0, 21.0, Severity.INFO),
        (12.0, 30.0, Severity.WARNING),
        # What is near a limit on one side may be far on the other.
        (15.4, 42.2, Severity.WARNING),
        (15.4, 27.8, Severity.INFO),
        (19.4, 34.0, Severity.INFO),
    ],
)
def test_much_that_comes_back_is_worth_a_warning_whatever_the_output_is(
    monkeypatch: pytest.MonkeyPatch, before: float, after: float, severity: Severity
) -> None:
    """Of the output nobody knows the kind, and no reading of it is lost for certain."""
    monkeypatch.setattr(held_out_trials, "bounded", lambda *_: Severity.INFO)
    found = RecalibrationTrial(
        128, 32, {OUTPUT: unknown(before)}, {OUTPUT: unknown(after)}, {OUTPUT: unknown(before)}
    )
    (finding,) = findings(context(found))
    assert finding.id == "calibration-costs"
    assert finding.severity is severity
