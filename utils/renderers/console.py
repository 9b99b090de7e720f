"""The lines of the terminal and the log."""

from __future__ import annotations

from collections.abc import Iterator

from utils.dataset import CalibrationSet
from utils.findings import Finding, InspectorResult, Severity
from utils.har.model import Model
from utils.report import Report

Line = tuple[Severity, str]
# More layers than this are summed up: one broken layer can keep hundreds from being measured.
MAX_LAYERS_NAMED = 5


def result_lines(result: InspectorResult) -> Iterator[Line]:
    """What one inspector said, without its opening line."""
    for finding in result.findings:
        yield from finding_lines(finding)
    if result.crashed:
        yield Severity.ERROR, f"{result.name} crashed and did not finish: {result.crashed}"
    elif result.skipped:
        yield Severity.INFO, f"Skipped: {result.skipped}"


def finding_lines(finding: Finding) -> Iterator[Line]:
    """The message of a finding, then the model-script lines that go with it."""
    yield finding.severity, f"{finding.message} [{finding.id}]"
    if finding.recommendation is None:
        return
    heading = "Not proven by a trial:" if finding.recommendation.ranges else "Recommended:"
    for command in finding.recommendation.commands:
        yield Severity.INFO, f"    {heading} {command}"


def summary_lines(report: Report) -> Iterator[Line]:
    """Counts, and what was not checked and why."""
    counts = ", ".join(
        f"{report.count(severity)} {severity.label}" for severity in sorted(Severity, reverse=True)
    )
    yield Severity.INFO, f"Summary: {counts}"
    if report.measurements is not None:
        for assumption in report.measurements.assumptions:
            yield Severity.INFO, f"Assumed: {assumption}"
    unmeasured = report.measurements.not_measured if report.measurements else {}
    for name, reason in report.not_checked():
        if name not in unmeasured:
            yield Severity.INFO, f"Not checked: {name}: {reason}"
    for name, reason in list(unmeasured.items())[:MAX_LAYERS_NAMED]:
        yield Severity.INFO, f"Not measured: {name}: {reason}"
    if len(unmeasured) > MAX_LAYERS_NAMED:
        rest = len(unmeasured) - MAX_LAYERS_NAMED
        yield Severity.INFO, f"Not measured: {rest} more layers (all are in the --json report)"
    for failure in report.failures:
        yield Severity.ERROR, f"Not whole: {failure}"


def model_line(model: Model) -> str:
    """What was opened, in one line."""
    levels = "".join(
        f", {what} level {level}"
        for what, level in (
            ("optimization", model.optimization_level),
            ("compression", model.compression_level),
        )
        if level is not None
    )
    return (
        f"Model {model.name}: {model.state}, {model.hw_arch or 'chip not recorded'}, "
        f"DFC {model.sdk_version or 'not recorded'}, {len(model.network)} layers{levels}"
    )


def dataset_line(calibration: CalibrationSet) -> str:
    """Which data are used, in one line."""
    inputs = ", ".join(
        f"{name} {info.shape} {info.dtype}" for name, info in calibration.inputs.items()
    )
    return f"Data {calibration.path}: {calibration.used} of {calibration.samples} samples, {inputs}"
