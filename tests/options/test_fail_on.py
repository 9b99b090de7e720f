from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fixtures.builders import build_model
from utils.baseline import BaselineComparison, ChangedFinding
from utils.findings import Finding, InspectorResult, Severity
from utils.options.fail_on import CHOICES, is_about_new, severity_of
from utils.report import Report

BAD = Finding("a-problem", Severity.ERROR, "it is bad")
LIMITS = ("new-warning", "new-error")


def report(baseline: BaselineComparison | None, *, crashed: str = "") -> Report:
    """A report with an error that may be old."""
    results = (InspectorResult("A", (BAD,), crashed=crashed),)
    return Report(build_model(), "embedded", None, None, results, (), baseline)


def code(made: Report, choice: str) -> int:
    return made.exit_code(severity_of(choice), only_new=is_about_new(choice))


def comparison(*changes: tuple[str, str]) -> BaselineComparison:
    return BaselineComparison(
        "earlier.json",
        tuple(
            ChangedFinding("a-problem", change, severity, None, "A", "it is bad")  # type: ignore[arg-type]
            for change, severity in changes
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
def test_only_what_is_new_or_worse_counts(changes: list[tuple[str, str]], codes: list[int]) -> None:
    made = report(comparison(*changes))
    assert [code(made, choice) for choice in LIMITS] == codes
    assert [code(made, choice) for choice in CHOICES[:3]] == [0, 1, 1]


@pytest.mark.parametrize(
    ("severity", "codes"), [("info", [0, 0]), ("warning", [1, 0]), ("error", [1, 1])]
)
def test_what_could_not_be_compared_does_not_pass_in_silence(
    severity: str, codes: list[int]
) -> None:
    unchanged = comparison(("unchanged", "error"))
    left_out = comparison(("new", severity)).findings
    assert [code(report(unchanged), choice) for choice in LIMITS] == [0, 0]
    made = report(replace(unchanged, left_out=left_out))
    assert [code(made, choice) for choice in LIMITS] == codes


def test_nothing_to_compare_with_is_no_clean_bill() -> None:
    other = BaselineComparison("earlier.json", not_compared=("another",), is_comparable=False)
    assert [code(report(None), choice) for choice in LIMITS] == [2, 2]
    assert [code(report(other), choice) for choice in LIMITS] == [2, 2]
    assert code(report(other), "never") == 0


def test_a_run_that_is_not_whole_stays_one() -> None:
    assert code(report(comparison(), crashed="x"), "new-error") == 2
