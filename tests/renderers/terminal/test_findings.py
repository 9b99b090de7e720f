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
    headline="Most of it is noise",
    recommendation=Recommendation((COMMAND,)),
    evidence="SNR 3 dB at net/conv1 (/stem/Conv)",
    why="It starts here.",
    remedy="Mend it.",
    quotation="noise is high",
)

PLAIN = Finding("low-snr", Severity.WARNING, "It is 3 dB")


def line(found: Finding, *, is_verbose: bool = False) -> str:
    (only,) = laid_out(finding_shown(found, NAMES, is_verbose), None)
    return only


def result(**parts: Any) -> InspectorResult:
    return InspectorResult("AnInspector", **parts)


def result_lines(found: InspectorResult, *, is_verbose: bool = False) -> list[str]:
    shown = result_shown(found, NAMES, is_verbose)
    return [line for block in shown for line in laid_out(block, None)]


@pytest.mark.parametrize("severity", list(Severity))
def test_a_finding_is_one_line_with_what_is_wrong_the_numbers_and_its_id(
    severity: Severity,
) -> None:
    said = f"[{severity.label}] Most of it is noise (SNR 3 dB at conv1) [low-snr]"
    assert line(replace(FOUND, severity=severity)) == said


def test_without_numbers_there_are_no_brackets() -> None:
    assert line(replace(FOUND, evidence="")) == "[warning] Most of it is noise [low-snr]"


def test_names_and_quotations_are_whole_on_request() -> None:
    assert line(FOUND, is_verbose=True) == (
        "[warning] Most of it is noise (SNR 3 dB at net/conv1 (/stem/Conv)); "
        'look for "noise is high" in logs [low-snr]'
    )


@pytest.mark.parametrize(
    ("changes", "is_shown"),
    [
        ({"remedy": "", "recommendation": None}, False),
        ({"remedy": ""}, True),
        ({"recommendation": None}, True),
        ({"remedy": "", "recommendation": None, "severity": Severity.WARNING}, True),
    ],
)
def test_infos_that_ask_for_nothing_are_shown_on_request(
    changes: dict[str, Any], is_shown: bool
) -> None:
    found = result(findings=(replace(FOUND, **{"severity": Severity.INFO, **changes}),))
    assert len(result_lines(found)) == is_shown
    assert len(result_lines(found, is_verbose=True)) == 1


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
            result(findings=(PLAIN,), crashed="KeyError: 'a'"),
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
    found = replace(
        PLAIN, headline="No such word", remedy="Use one.", location=Location("a.alls", 3, 7)
    )
    assert laid_out(problem_shown(found), None) == [
        "a.alls:3:7: warning: No such word. Use one. [low-snr]",
    ]
