from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fixtures.builders import build_layer, build_model
from utils.findings import Finding, InspectorResult, Location, Recommendation, Severity
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
    message='The SNR is 3 dB at net/conv1 (/stem/Conv) ("noise is high"); it starts here; mend it',
    recommendation=Recommendation((COMMAND,)),
)


def lines(found: Finding, *, is_verbose: bool = False, width: int | None = None) -> list[str]:
    shown = finding_shown(found, NAMES, is_verbose)
    return [line for block in shown for line in laid_out(block, width)]


def result(**parts: Any) -> InspectorResult:
    return InspectorResult("AnInspector", **parts)


def result_lines(found: InspectorResult, *, is_verbose: bool = False) -> list[str]:
    shown = result_shown(found, NAMES, is_verbose)
    return [line for block in shown for line in laid_out(block, None)]


def test_a_finding_is_one_line_with_the_fact() -> None:
    assert lines(FOUND) == ["warning  low-snr: The SNR is 3 dB at conv1"]


def test_an_error_says_what_to_do_as_well() -> None:
    assert lines(replace(FOUND, severity=Severity.ERROR)) == [
        "error    low-snr: The SNR is 3 dB at conv1; it starts here; mend it"
    ]


def test_more_is_said_on_request() -> None:
    assert lines(FOUND, is_verbose=True) == [
        'warning  low-snr: The SNR is 3 dB at net/conv1 (/stem/Conv) ("noise is high")',
        "         - it starts here",
        "         - mend it",
        "         - recommended:",
        f"           {COMMAND}",
    ]


@pytest.mark.parametrize(
    ("recommendation", "said"),
    [
        (None, None),
        (Recommendation(()), None),
        (Recommendation((COMMAND,)), "recommended"),
        (Recommendation((COMMAND,), proven=True), "proven by a trial"),
        (Recommendation((COMMAND,), default=False), "worth a try"),
        (Recommendation((COMMAND,), ranges={"net/conv1": (0, 1)}), "not proven by a trial"),
    ],
)
def test_lines_of_the_script_say_what_stands_behind_them(
    recommendation: Recommendation | None, said: str | None
) -> None:
    shown = lines(replace(FOUND, recommendation=recommendation), is_verbose=True)[3:]
    assert shown == ([] if said is None else [f"         - {said}:", f"           {COMMAND}"])


@pytest.mark.parametrize(
    ("found", "brief", "verbose"),
    [
        (result(), [], ["         (AnInspector: found nothing)"]),
        (result(skipped="no data"), [], ["         (AnInspector: skipped, no data)"]),
        (
            result(crashed="KeyError: 'a'"),
            ["error    AnInspector crashed and did not finish: KeyError: 'a'"],
            ["error    AnInspector crashed and did not finish: KeyError: 'a'"],
        ),
        (
            result(findings=(replace(FOUND, message="It is 3 dB", recommendation=None),)),
            ["warning  low-snr: It is 3 dB"],
            ["warning  low-snr: It is 3 dB"],
        ),
    ],
)
def test_inspectors_that_found_nothing_take_no_line_unless_asked(
    found: InspectorResult, brief: list[str], verbose: list[str]
) -> None:
    assert result_lines(found) == brief
    assert result_lines(found, is_verbose=True) == verbose


def test_a_problem_of_a_script_begins_with_its_place() -> None:
    found = replace(FOUND, message="No such word", location=Location("a.alls", 3, 7))
    assert laid_out(problem_shown(found), None) == [
        "a.alls:3:7: warning: No such word [low-snr]",
    ]
