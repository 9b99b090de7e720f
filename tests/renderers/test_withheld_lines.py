"""One report in every format: a remedy says "this line" only where the line is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from diagnosis.judging import told_as_offered
from tests.renderers.terminal.reports import report, whole_text
from utils.causes import Diagnosis
from utils.causes.folding import diagnosis_of
from utils.causes.pairs import EXPLANATIONS
from utils.findings import Finding, InspectorResult, Recommendation, Severity
from utils.findings.documentation import Documentation
from utils.renderers import github, html, junit, log, markdown, sarif
from utils.report import Report

LINE = "model_optimization_config(calibration, calibset_size=512)"
FEW = Finding(
    "calibration-too-few",
    Severity.INFO,
    "There are few samples",
    remedy="Let calibration see all samples with this line and quantize again.",
    recommendation=Recommendation((LINE,), "Shall I?", default=False),
)
NOISE = Finding("calibrated-on-noise", Severity.ERROR, "It is noise", remedy="Calibrate again.")
CONSEQUENCE = replace(FEW, id="low-snr", severity=Severity.WARNING)
DOCS = Documentation()


def told(*findings: Finding) -> Report:
    whole = report(results=())

    def diagnose(results: Sequence[InspectorResult]) -> Diagnosis:
        every = [finding for result in results for finding in result.findings]
        return diagnosis_of(every, whole.model.network, EXPLANATIONS)

    results, diagnosis = told_as_offered([InspectorResult("A", findings)], diagnose)
    return replace(whole, results=results, diagnosis=diagnosis)


def texts(whole: Report) -> Iterator[str]:
    yield whole_text(whole, None)
    yield whole_text(whole, None, is_verbose=True)
    yield "\n".join(text for _, text in log.summary_lines(whole))
    yield markdown.render(whole, DOCS)
    yield junit.render(whole)
    yield sarif.render(whole, DOCS)
    yield html.render(whole, DOCS).replace("Copy this line", "")
    yield "\n".join(github.report_annotations(whole))


@pytest.mark.parametrize("findings", [(NOISE, FEW), (NOISE, CONSEQUENCE)])
def test_no_format_points_to_a_line_that_is_withheld(findings: tuple[Finding, ...]) -> None:
    for text in texts(told(*findings)):
        assert "this line" not in text


def test_where_the_line_is_offered_it_is_pointed_to_and_shown() -> None:
    shown = [text for text in texts(told(FEW)) if "this line" in text]
    assert len(shown) >= 6
    assert all("calibset_size=512" in text for text in shown)
