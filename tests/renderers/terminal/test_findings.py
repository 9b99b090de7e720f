from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fixtures.builders import build_layer, build_model
from utils.findings import Finding, InspectorResult, Location, NotChecked, Recommendation, Severity
from utils.renderers.terminal.findings import finding_shown, problem_shown, result_shown
from utils.renderers.terminal.wording import ShortNames
from utils.terminal.layout import laid_out

NAMES = ShortNames(
    build_model(
        [
            build_layer("input_layer1"),
            build_layer("conv1", original_names=["/stem/Conv"]),
            build_layer("output_layer1"),
        ]
    )
)
COMMAND = "quantization_param([net/conv1], precision_mode=a8_w8)"
FOUND = Finding(
    id="low-snr",
    severity=Severity.WARNING,
    headline='The SNR is 3 dB at net/conv1 (/stem/Conv) ("noise is high"); it starts here; mend it',
    recommendation=Recommendation((COMMAND,)),
)


def line(found: Finding, *, is_verbose: bool = False) -> str:
    (only,) = laid_out(finding_shown(found, NAMES, is_verbose), None)
    return only


def result(**parts: Any) -> InspectorResult:
    return InspectorResult("AnInspector", **parts)


def result_lines(found: InspectorResult, *, is_verbose: bool = False) -> list[str]:
    shown = result_shown(found, NAMES, is_verbose)
    return [line for block in shown for line in laid_out(block, None)]


@pytest.mark.parametrize("severity", list(Severity))
def test_a_finding_is_one_line_with_the_fact_and_its_id(severity: Severity) -> None:
    said = f"[{severity.label}] The SNR is 3 dB at conv1 [low-snr]"
    assert line(replace(FOUND, severity=severity)) == said


def test_names_and_quotations_are_whole_on_request() -> None:
    assert line(FOUND, is_verbose=True) == (
        '[warning] The SNR is 3 dB at net/conv1 (/stem/Conv) ("noise is high") [low-snr]'
    )


@pytest.mark.parametrize(
    ("found", "brief", "verbose"),
    [
        (result(), [], []),
        (result(skipped=NotChecked("no data")), [], ["[info] Skipped AnInspector: no data"]),
        (
            result(crashed="KeyError: 'a'"),
            ["[error] AnInspector crashed and did not finish: KeyError: 'a'"],
            ["[error] AnInspector crashed and did not finish: KeyError: 'a'"],
        ),
        (
            result(findings=(replace(FOUND, message="It is 3 dB"),), crashed="KeyError: 'a'"),
            [
                "[warning] It is 3 dB [low-snr]",
                "[error] AnInspector crashed and did not finish: KeyError: 'a'",
            ],
            [
                "[warning] It is 3 dB [low-snr]",
                "[error] AnInspector crashed and did not finish: KeyError: 'a'",
            ],
        ),
    ],
)
def test_inspectors_say_what_they_found_and_on_request_why_they_did_not_run(
    found: InspectorResult, brief: list[str], verbose: list[str]
) -> None:
    assert result_lines(found) == brief
    assert result_lines(found, is_verbose=True) == verbose


def test_a_problem_of_a_script_begins_with_its_place() -> None:
    found = replace(FOUND, message="No such word", location=Location("a.alls", 3, 7))
    assert laid_out(problem_shown(found), None) == [
        "a.alls:3:7: warning: No such word [low-snr]",
    ]
