from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.builders import build_measurements, build_model
from utils.findings import Finding, InspectorResult, Recommendation, Severity
from utils.measurements import Measurements
from utils.renderers import console
from utils.report import Report

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR


def finding(severity: Severity = INFO, **changes: Any) -> Finding:
    plain = Finding(id="a-problem", severity=severity, message="It is 3 dB")
    return replace(plain, **changes)


def report(*results: InspectorResult, **changes: Any) -> Report:
    return replace(Report(build_model(), "embedded", None, None, results), **changes)


def test_a_finding_is_one_line_that_ends_with_its_id() -> None:
    assert list(console.finding_lines(finding(WARNING))) == [(WARNING, "It is 3 dB [a-problem]")]


def test_recommended_commands_follow_their_finding() -> None:
    lines = console.finding_lines(
        finding(ERROR, recommendation=Recommendation(("first(1)", "second(2)")))
    )
    assert list(lines) == [
        (ERROR, "It is 3 dB [a-problem]"),
        (INFO, "    Recommended: first(1)"),
        (INFO, "    Recommended: second(2)"),
    ]


def test_commands_that_need_a_trial_are_marked() -> None:
    recommendation = Recommendation(("clip(1)",), ranges={"net/conv1": (0.0, 1.0)})
    lines = list(console.finding_lines(finding(recommendation=recommendation)))
    assert lines[1] == (INFO, "    Not proven by a trial: clip(1)")


def test_a_crash_is_an_error_that_names_the_inspector() -> None:
    lines = list(console.result_lines(InspectorResult("XInspector", crashed="KeyError: 'a'")))
    assert lines == [(ERROR, "XInspector crashed and did not finish: KeyError: 'a'")]


def test_a_skipped_inspector_says_why() -> None:
    lines = list(console.result_lines(InspectorResult("XInspector", skipped="no data")))
    assert lines == [(INFO, "Skipped: no data")]


def test_the_summary_counts_and_names_what_was_not_checked() -> None:
    whole = report(
        InspectorResult("AInspector", (finding(ERROR), finding(INFO), finding(INFO))),
        InspectorResult("BInspector", skipped="no data"),
        InspectorResult("CInspector", crashed="ValueError: x"),
        failures=("the data do not fit",),
    )
    assert list(console.summary_lines(whole)) == [
        (INFO, "Summary: 1 error, 0 warning, 2 info"),
        (INFO, "Not checked: BInspector: no data"),
        (INFO, "Not checked: CInspector: it crashed (ValueError: x)"),
        (ERROR, "Not whole: the data do not fit"),
    ]


def test_the_summary_names_assumptions_and_at_most_five_unmeasured_layers() -> None:
    unmeasured = {f"net/conv{i}": "unknown type" for i in range(7)}
    measurements = Measurements(8, {}, unmeasured, ("leaky has a slope of 0.1",))
    lines = [text for _, text in console.summary_lines(report(measurements=measurements))]
    assert lines[1] == "Assumed: leaky has a slope of 0.1"
    assert lines[2] == "Not measured: net/conv0: unknown type"
    assert lines[-1] == "Not measured: 2 more layers (all are in the --json report)"
    assert len(lines) == 8


def test_exit_codes() -> None:
    clean = report(measurements=build_measurements())
    warned = report(InspectorResult("A", (finding(WARNING),)))
    crashed = report(InspectorResult("A", (finding(ERROR),), crashed="x"))
    assert [clean.exit_code(level) for level in (None, WARNING, ERROR)] == [0, 0, 0]
    assert [warned.exit_code(level) for level in (None, WARNING, ERROR)] == [0, 1, 0]
    assert [crashed.exit_code(level) for level in (None, WARNING, ERROR)] == [2, 2, 2]
    assert report(failures=("no",)).exit_code(None) == 2


def test_the_model_line_names_what_matters_and_tolerates_gaps() -> None:
    assert console.model_line(build_model()) == (
        "Model net: quantized_model, hailo8, DFC 3.33.0, 3 layers, "
        "optimization level 0, compression level 0"
    )
    bare = build_model(mo_flavor=None, hw_arch="", sdk_version="")
    assert console.model_line(bare) == (
        "Model net: quantized_model, chip not recorded, DFC not recorded, 3 layers"
    )
