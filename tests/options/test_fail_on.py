from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fixtures.builders import build_model
from tests.fixtures.diagnosed import diagnosed
from utils.baseline import BaselineComparison, ChangedFinding
from utils.findings import Finding, InspectorResult, Severity
from utils.options.fail_on import CHOICES, is_about_new, severity_of
from utils.report import Report

LIMITS = ("new-warning", "new-error")
Changes = list[tuple[str, str]]


def made(changes: Changes, baseline: BaselineComparison | None, *, crashed: str = "") -> Report:
    """A report with an error that was not looked at, and with findings that changed so."""
    labels = ["error", *(severity for change, severity in changes if change != "fixed")]
    findings = tuple(
        Finding(f"problem-{i}", Severity.labelled(label), "It is bad")
        for i, label in enumerate(labels)
    )
    results = (InspectorResult("A", findings, crashed=crashed),)
    return diagnosed(Report(build_model(), "embedded", None, None, results, (), baseline))


def code(report: Report, choice: str) -> int:
    return report.exit_code(severity_of(choice), only_new=is_about_new(choice))


def comparison(changes: Changes) -> BaselineComparison:
    return BaselineComparison(
        "earlier.json",
        tuple(
            ChangedFinding(f"problem-{i}", change, severity, None, "A", "It is bad.")  # type: ignore[arg-type]
            for i, (change, severity) in enumerate(changes, 1)
        ),
    )


def test_choices_are_read() -> None:
    assert [(severity_of(choice), is_about_new(choice)) for choice in CHOICES] == [
        (None, False),
        (Severity.WARNING, False),
        (Severity.ERROR, False),
        (Severity.WARNING, True),
        (Severity.ERROR, True),
    ]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ([], [0, 0]),
        ([("unchanged", "error"), ("better", "error"), ("fixed", "error")], [0, 0]),
        ([("new", "info"), ("worse", "info")], [0, 0]),
        ([("new", "warning")], [1, 0]),
        ([("worse", "warning")], [1, 0]),
        ([("new", "error")], [1, 1]),
        ([("worse", "error")], [1, 1]),
    ],
)
def test_only_what_is_new_or_worse_counts(changes: Changes, codes: list[int]) -> None:
    report = made(changes, comparison(changes))
    assert [code(report, choice) for choice in LIMITS] == codes
    assert [code(report, choice) for choice in CHOICES[:3]] == [0, 1, 1]


@pytest.mark.parametrize(
    ("severity", "codes"), [("info", [0, 0]), ("warning", [1, 0]), ("error", [1, 1])]
)
def test_what_could_not_be_compared_does_not_pass_in_silence(
    severity: str, codes: list[int]
) -> None:
    changes = [("new", severity)]
    left_out = comparison(changes).findings
    nothing = BaselineComparison("earlier.json")
    assert [code(made(changes, nothing), choice) for choice in LIMITS] == [0, 0]
    report = made(changes, replace(nothing, left_out=left_out))
    assert [code(report, choice) for choice in LIMITS] == codes


def test_nothing_to_compare_with_is_no_clean_bill() -> None:
    other = BaselineComparison("earlier.json", not_compared=("another",), is_comparable=False)
    assert [code(made([], None), choice) for choice in LIMITS] == [2, 2]
    assert [code(made([], other), choice) for choice in LIMITS] == [2, 2]
    assert code(made([], other), "never") == 0


def test_a_run_that_is_not_whole_stays_one() -> None:
    assert code(made([], comparison([]), crashed="x"), "new-error") == 2
