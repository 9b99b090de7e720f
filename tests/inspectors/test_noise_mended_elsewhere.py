"""What is said of noisy layers where other ranges or weights, and no 16 bit, mend the outputs."""

from __future__ import annotations

from dataclasses import replace

from inspectors.high_precision_inspector import HighPrecisionInspector
from inspectors.noise.remedies import UNTUNED
from inspectors.quantizing_again import ON_THESE
from tests.fixtures.builders import build_context, build_noise, build_noise_measurements
from tests.fixtures.outcomes import OUTPUT, build_classes
from utils.findings import Finding
from utils.measurements.agreement.held_out import HeldOutTrial
from utils.measurements.recalibration import RecalibrationTrial

LOST, KEPT = build_classes(20, 2.0), build_classes(64, 35.0)


def low_snr(after: float) -> Finding:
    """What is said of a layer of 4 dB; the ranges of the data bring the output to `after` dB."""
    ranges = {2.0: LOST, 35.0: KEPT}[after]
    trial = RecalibrationTrial(64, 32, {OUTPUT: LOST}, {OUTPUT: ranges}, {OUTPUT: LOST})
    noise = build_noise({"conv1": 4.0, "conv2": 25.0})
    measured = replace(build_noise_measurements(noise), recalibration=trial)
    (found,) = HighPrecisionInspector().inspect(build_context(measurements=measured))
    return found


def test_outputs_that_other_ranges_mend_are_not_clean() -> None:
    found = low_snr(35.0)
    assert found.id == "low-snr"
    assert "clean enough" not in found.evidence
    assert found.remedy == ON_THESE


def test_ranges_that_mend_nothing_change_nothing() -> None:
    found = low_snr(2.0)
    assert "clean enough" in found.evidence
    assert found.remedy.startswith("Leave these layers as they are")


def test_outputs_that_trained_weights_mend_are_not_clean() -> None:
    for after, is_mended in ((KEPT, True), (LOST, False)):
        trial = HeldOutTrial(64, 32, {OUTPUT: LOST}, {OUTPUT: after})
        noise = build_noise({"conv1": 4.0, "conv2": 25.0})
        measured = replace(build_noise_measurements(noise), untuned_trial=trial)
        (found,) = HighPrecisionInspector().inspect(build_context(measurements=measured))
        assert ("clean enough" not in found.evidence) is is_mended
        assert (found.remedy == UNTUNED) is is_mended
