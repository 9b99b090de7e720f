from __future__ import annotations

import pytest

from tests.fixtures.builders import build_model
from utils.findings import Finding, InspectorResult, Recommendation, Severity
from utils.renderers.html.next_step import NextStep, next_step
from utils.report import Report

WARNING = Finding("a-warning", Severity.WARNING, "It is odd; look (here; there); then mend it")


def found(*findings: Finding) -> NextStep | None:
    results = (InspectorResult("A", (WARNING,)), InspectorResult("B", findings))
    return next_step(Report(build_model(), "embedded", None, None, results))


def test_infos_ask_for_nothing() -> None:
    info = Finding("an-info", Severity.INFO, "It is so; do that")
    results = (InspectorResult("A", (info,)),)
    assert next_step(Report(build_model(), "embedded", None, None, results)) is None


@pytest.mark.parametrize(
    ("finding", "step"),
    [
        (WARNING, NextStep("a-warning", "warning-a-warning", "look (here; there); then mend it")),
        (
            Finding("an-error", Severity.ERROR, "It is bad"),
            NextStep("an-error", "error-an-error", ""),
        ),
        (
            Finding("an-error", Severity.ERROR, "It is bad; so", (), {}, Recommendation(("x(1)",))),
            NextStep("an-error", "error-an-error", "try its lines for the model script"),
        ),
    ],
)
def test_the_finding_to_begin_with_says_what_to_do(finding: Finding, step: NextStep) -> None:
    assert found(finding) == step
