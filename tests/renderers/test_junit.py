from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from tests.fixtures.builders import build_measurements, build_model
from tests.fixtures.diagnosed import diagnosed
from tests.measurements.agreement.outputs import agreeing, batch_of, coded, values
from tests.renderers.hostile import NAMES, hostile_report
from utils.baseline import BaselineComparison, Change, ChangedFinding
from utils.baseline.checked_json import encodable
from utils.causes.explanations import Where, explains
from utils.findings import Finding, InspectorResult, Location, NotChecked, Recommendation, Severity
from utils.measurements.agreement import AgreementMeasurements
from utils.renderers import junit
from utils.report import Report

JENKINS = xmlschema.XMLSchema(str(Path(__file__).parent / "schemas" / "junit-10.xsd"))
INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR
# What the schema of Apache Ant's tasks wants of a suite, beyond that of Jenkins.
ANT_ATTRIBUTES = set("name package id timestamp hostname tests failures errors time".split())


def found(severity: Severity, id: str = "low-snr", **changes: Any) -> Finding:
    return Finding(id, severity, f"It is {severity.label}", **changes)


def report(*results: InspectorResult, **changes: Any) -> Report:
    return diagnosed(replace(Report(build_model(), "embedded", None, None, results), **changes))


def rendered(report: Report, fail_on: Severity | None = None, **changes: Any) -> str:
    """The XML, held against the schema of Jenkins and the further rules of Apache Ant's."""
    text = junit.render(report, fail_on, **changes)
    JENKINS.validate(text)
    (suite,) = ET.fromstring(text.encode())
    assert set(suite.attrib) >= ANT_ATTRIBUTES
    tags = [child.tag for child in suite]
    cases = tags[1:-2]
    assert tags == ["properties", *cases, "system-out", "system-err"]
    assert set(cases) == {"testcase"}
    for case in suite.iter("testcase"):
        assert set(case.attrib) == {"name", "classname", "time"}
        assert len(case) <= 1
        assert " ".join(case.attrib["name"].split()) != ""
    return text


def read(report: Report, fail_on: Severity | None = None) -> TestSuite:
    """The suite as a reader of its own sees it."""
    (suite,) = JUnitXml.fromstring(rendered(report, fail_on).encode())
    return suite


def output(report: Report, fail_on: Severity | None = None) -> str:
    return ET.fromstring(rendered(report, fail_on).encode()).findtext("testsuite/system-out") or ""


def properties(report: Report) -> dict[str, str]:
    found = ET.fromstring(rendered(report).encode()).iter("property")
    return {each.attrib["name"]: each.attrib["value"] for each in found}


def verdicts(report: Report, fail_on: Severity | None = None) -> dict[str, str]:
    return {case.name: _verdict(case) for case in read(report, fail_on)}


def _verdict(case: TestCase) -> str:
    kinds = {Failure: "failure", Error: "error", Skipped: "skipped"}
    return next((kinds[type(result)] for result in case.result), "passed")


def test_a_run_without_findings_passes() -> None:
    clean = report(InspectorResult("AInspector", seconds=0.25))
    suite = read(clean)
    assert verdicts(clean) == {"AInspector": "passed", "the run is whole": "passed"}
    assert (suite.name, suite.tests, suite.failures, suite.errors, suite.skipped) == (
        "net",
        2,
        0,
        0,
        0,
    )
    assert suite.time == pytest.approx(0.25)


def test_what_outputs_decide_is_a_property_with_its_interval() -> None:
    floats = values(64, 1, 4)
    chip = floats.copy()
    chip[:8] = -chip[:8]
    output = agreeing(batch_of(floats, coded(chip), range(64)), "classes")
    found = AgreementMeasurements({"net/output_layer1": output})
    whole = report(measurements=replace(build_measurements(), agreement=found))
    assert properties(whole)["output_layer1 same_top1"] == "56 of 64 (77% to 94%)"
    assert not any("same_top1" in name for name in properties(report()))


@pytest.mark.parametrize(
    ("severity", "fail_on", "verdict"),
    [
        (INFO, None, "passed"),
        (WARNING, None, "passed"),
        (ERROR, None, "failure"),
        (INFO, WARNING, "passed"),
        (WARNING, WARNING, "failure"),
        (ERROR, WARNING, "failure"),
        (WARNING, ERROR, "passed"),
        (ERROR, ERROR, "failure"),
    ],
)
def test_what_fails_follows_fail_on(
    severity: Severity, fail_on: Severity | None, verdict: str
) -> None:
    whole = report(InspectorResult("AInspector", (found(severity),)))
    assert verdicts(whole, fail_on)["AInspector"] == verdict
    said = f"AInspector: {severity.label}: It is {severity.label}. [low-snr]"
    assert (said in output(whole, fail_on)) == (verdict == "passed")


@pytest.mark.parametrize(
    ("change", "verdict"),
    [("unchanged", "passed"), ("better", "passed"), ("worse", "failure"), ("new", "failure")],
)
def test_of_an_earlier_run_only_what_is_new_may_fail(change: Change, verdict: str) -> None:
    made = found(ERROR)
    changed = ChangedFinding(made.id, change, "error", "error", "AInspector", made.message)
    baseline = BaselineComparison("before.json", (changed,))
    whole = report(InspectorResult("AInspector", (made,)), baseline=baseline)
    text = rendered(whole, ERROR, only_new=True)
    (suite,) = JUnitXml.fromstring(text.encode())
    assert _verdict(next(iter(suite))) == verdict
    assert verdicts(whole, ERROR)["AInspector"] == "failure"


@pytest.mark.parametrize("only_new", [False, True])
@pytest.mark.parametrize("place", ["findings", "left_out", "better", "absent"])
@pytest.mark.parametrize("severity", [WARNING, ERROR])
@pytest.mark.parametrize("message", ["It is bad", "net/\ud800 is bad"])
def test_it_fails_where_the_exit_code_is_1(
    only_new: bool, place: str, severity: Severity, message: str
) -> None:
    made = replace(found(severity), headline=message, layers=(message,))
    known = ChangedFinding(
        made.id, "new", severity.label, None, "A", encodable(made.message), (encodable(message),)
    )
    baseline = {
        "findings": BaselineComparison("before.json", (known,)),
        "left_out": BaselineComparison("before.json", left_out=(known,)),
        "better": BaselineComparison("before.json", (replace(known, change="better"),)),
        "absent": BaselineComparison("before.json"),
    }[place]
    whole = report(InspectorResult("AInspector", (made,)), baseline=baseline)
    failed = "<failure" in junit.render(whole, ERROR, only_new=only_new)
    assert failed == whole.exit_code(ERROR, only_new=only_new)
    assert failed == (severity == ERROR and (not only_new or place in ("findings", "left_out")))


OWN = (explains("a-cause", "a-symptom", Where.ANYWHERE, ""),)


def explained() -> Report:
    """A warning that explains an error, which another inspector made."""
    cause, symptom = found(WARNING, "a-cause"), found(ERROR, "a-symptom")
    results = InspectorResult("AInspector", (symptom,)), InspectorResult("BInspector", (cause,))
    return diagnosed(report(*results), OWN)


def test_a_cause_fails_where_what_it_explains_fails() -> None:
    assert verdicts(explained()) == {
        "AInspector": "failure",
        "BInspector": "failure",
        "the run is whole": "passed",
    }
    (symptom, cause, _) = (case.result for case in read(explained()))
    assert cause[0].text == "error: It is warning. [a-cause]"
    assert symptom[0].text == "error: It is error. [a-symptom] (explained by a-cause)"
    assert symptom[0].message == "Mend a-cause first, which explains this: It is error."
    assert cause[0].message == "It is warning."


@pytest.mark.parametrize("change", ["new", "unchanged"])
def test_a_new_cause_fails_at_the_severity_at_which_it_is_told(change: Change) -> None:
    whole = explained()
    cause = next(f for f in whole.findings() if f.id == "a-cause")
    known = ChangedFinding("a-cause", change, "warning", None, "BInspector", cause.message)
    compared = replace(whole, baseline=BaselineComparison("before.json", (known,)))
    assert compared.exit_code(ERROR, only_new=True) == (change == "new")
    failed = "<failure" in rendered(compared, ERROR, only_new=True)
    assert failed == (change == "new")


def test_without_an_earlier_run_everything_is_new() -> None:
    whole = report(InspectorResult("AInspector", (found(ERROR),)))
    assert 'failures="1"' in rendered(whole, ERROR, only_new=True)
    other = BaselineComparison("before.json", is_comparable=False)
    assert 'failures="1"' in rendered(replace(whole, baseline=other), ERROR, only_new=True)


def test_skipped_crashed_and_not_whole_are_told_apart() -> None:
    whole = report(
        InspectorResult("A", skipped=NotChecked("it takes data", "pass them with -d")),
        InspectorResult("B", (found(ERROR), found(INFO)), crashed="KeyError: 'x'"),
        InspectorResult("C", (found(WARNING),), not_checked=(NotChecked("the rest"),)),
        failures=("x.npy: no such file", "inspectors/y.py cannot be imported"),
    )
    assert verdicts(whole) == {
        "A": "skipped",
        "B": "error",
        "C": "passed",
        "the run is whole": "error",
    }
    suite = read(whole)
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (4, 0, 2, 1)
    skipped, crashed, _, run = (case.result for case in suite)
    assert skipped[0].message == "it takes data; pass them with -d"
    assert crashed[0].text.splitlines()[1:] == [
        "error: It is error. [low-snr]",
        "info: It is info. [low-snr]",
    ]
    assert run[0].text.splitlines() == list(whole.failures)
    assert output(whole).splitlines() == [
        "Verdict: The run is incomplete, so more may be wrong; 1 error and 1 warning; the first: "
        "it is error; the noise was not measured.",
        "C: warning: It is warning. [low-snr]",
        "not checked: A: it takes data; pass them with -d",
        "not checked: B: it crashed (KeyError: 'x')",
        "not checked: C: the rest",
    ]


def test_a_failure_tells_the_worst_first_and_all_of_them_with_what_to_do() -> None:
    mended = found(
        ERROR,
        "b-problem",
        recommendation=Recommendation(("first(1)", "second(2)")),
        location=Location("net.alls", 3, 7),
        command="hailo optimize net.har",
    )
    whole = report(InspectorResult("A", (found(WARNING, "a-problem"), mended, found(INFO))))
    ((failure,), _) = (case.result for case in read(whole, WARNING))
    assert (failure.type, failure.message) == ("b-problem", "It is error. (and 1 more finding)")
    assert failure.text.splitlines() == [
        "warning: It is warning. [a-problem]",
        "error: It is error. [b-problem]",
        "    at net.alls:3:7",
        "    run: hailo optimize net.har",
        "    recommended: first(1)",
        "    recommended: second(2)",
    ]


def test_properties_say_what_was_looked_at() -> None:
    properties = ET.fromstring(rendered(report()).encode()).iter("property")
    values = {p.attrib["name"]: p.attrib["value"] for p in properties}
    assert (values["model"], values["sha256"], values["backend"]) == (
        "model.har",
        "0" * 64,
        "embedded",
    )
    assert values["sdk_version"] == "3.33.0"
    assert values["tool"].startswith("hailo-first-aid ")


def test_the_time_is_written_without_its_zone_in_utc() -> None:
    zone = timezone(timedelta(hours=2))
    text = rendered(report(), finished=datetime(2026, 1, 2, 1, 4, 5, tzinfo=zone))
    assert 'timestamp="2026-01-01T23:04:05"' in text


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fail_on", [None, WARNING, INFO])
def test_hostile_names_break_nothing(name: str, fail_on: Severity | None) -> None:
    whole = hostile_report(name)
    suite = read(whole, fail_on)
    assert len(list(suite)) == len(whole.results) + 1
    assert (suite.errors, suite.failures, suite.skipped) == (2, 1, 1)
    assert all(len(case.name) <= 120 for case in suite)


@pytest.mark.parametrize("name", ["", " ", "\n", "\u3000"])
def test_a_blank_name_is_replaced(name: str) -> None:
    assert read(report(model=build_model(model_name=name))).name == "hailo-first-aid"
