"""What is said of a calibration on the data given, by what a trial of it showed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspectors.base_inspector import Context, NotChecked
from inspectors.recalibration_inspector import RecalibrationInspector
from tests.fixtures.builders import (
    build_context,
    build_measurements,
    build_model,
    stored_statistics,
)
from tests.fixtures.outcomes import OUTPUT, build_classes
from tests.house.evidence import loud, quiet
from utils.findings import Finding, Severity
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
    assert "the stored ranges quantized" not in finding.evidence
    assert finding.remedy == "Quantize again on these data if the network will see such data."
    assert finding.command.startswith("hailo optimize")
    assert finding.gain is not None
    assert finding.gain.after > finding.gain.before


def test_what_quantizing_again_gains_by_itself_is_told() -> None:
    (finding,) = findings(context(trial(KEPT, build_classes(42, 18.0))))
    assert "with the stored ranges quantized in the same way" in finding.evidence
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
