from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest

import inspectors
from inspectors.documentation import documentation
from tests.fixtures.builders import build_layer, build_measurements, build_model
from tests.fixtures.diagnosed import diagnosed
from tests.fixtures.schemas import SARIF, validate
from tests.measurements.agreement.outputs import agreeing, batch_of, coded
from tests.renderers.hostile import NAMES, hostile_baseline, hostile_report
from utils import tool
from utils.baseline import BaselineComparison, Change, ChangedFinding
from utils.causes.explanations import Where, explains
from utils.findings import Finding, InspectorResult, Location, NotChecked, Recommendation, Severity
from utils.findings.documentation import Documentation, FindingDoc, InspectorDoc
from utils.measurements.agreement import AgreementMeasurements
from utils.renderers import sarif
from utils.renderers.sarif.places import uri_reference
from utils.renderers.sarif.rules import message
from utils.report import Report

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR
DOCS = Documentation(
    (
        InspectorDoc(
            "AInspector",
            "Is it right?",
            "",
            (
                FindingDoc("a-problem", ("info", "error"), "it is `3`. Mend it.", "AInspector"),
                FindingDoc("b-problem", (), "", "AInspector"),
            ),
        ),
    )
)
MODEL = build_model(
    [
        build_layer("input_layer1"),
        build_layer("conv1", original_names=["/0/Conv"]),
        build_layer("output_layer1"),
    ],
    script="x(1)\n",
    model_script="net.alls",
)


def found(severity: Severity = WARNING, id: str = "a-problem", **changes: Any) -> Finding:
    return Finding(id, severity, f"It is {severity.label}", **changes)


def report(*findings: Finding, **changes: Any) -> Report:
    results = (InspectorResult("AInspector", findings),)
    return diagnosed(replace(Report(MODEL, "embedded", None, None, results), **changes))


def rendered(report: Report, docs: Documentation = DOCS) -> dict[str, Any]:
    """The only run of the log, held against the schema and what it cannot say."""
    log = json.loads(sarif.render(report, docs))
    validate(log, SARIF)
    run: dict[str, Any] = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["name"] != rule["id"]
        for key in ("shortDescription", "fullDescription"):
            assert 0 < len(rule[key]["text"]) <= 1024
        assert rule["help"]["text"]
    fingerprints = [json.dumps(result["partialFingerprints"]) for result in run["results"]]
    assert len(set(fingerprints)) == len(fingerprints)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert run["artifacts"][place["index"]]["location"]["uri"] == place["uri"]
    return run


def test_a_clean_run_has_all_rules_and_no_results() -> None:
    run = rendered(report(measurements=build_measurements()))
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    assert [artifact["hashes"]["sha-256"] for artifact in run["artifacts"]] == ["0" * 64]
    first, second = run["tool"]["driver"]["rules"]
    assert (first["id"], first["name"]) == ("a-problem", "AProblem")
    assert first["defaultConfiguration"]["level"] == "error"
    assert first["shortDescription"]["text"] == "It is 3."
    assert first["fullDescription"]["text"] == "It is 3. Mend it."
    assert first["help"] == {
        "text": "It is 3. Mend it.\n\nAInspector asks: Is it right?",
        "markdown": "It is `3`. Mend it.\n\nAInspector asks: Is it right?",
    }
    assert second["shortDescription"]["text"] == "Is it right?"


def test_what_outputs_decide_is_a_property_of_the_run() -> None:
    floats = np.full((8, 1, 1), -3, np.float32) - np.arange(8, dtype=np.float32)[:, None, None]
    output = agreeing(batch_of(floats, coded(floats), range(8)), "scores")
    found = AgreementMeasurements({"net/output_layer1": output})
    measured = replace(build_measurements(), agreement=found)
    told = rendered(report(measurements=measured))["properties"]["agreement"]
    assert told["net/output_layer1"]["same_decision"]["value"] == 1.0
    assert told["net/output_layer1"]["still_fire"] == {
        "value": None,
        "low": None,
        "high": None,
        "of": 0,
        "undecided": 0,
    }
    assert "agreement" not in rendered(report())["properties"]


@pytest.mark.parametrize(
    ("severity", "level"), [(INFO, "note"), (WARNING, "warning"), (ERROR, "error")]
)
def test_a_finding_is_a_result_of_its_level_at_the_archive(severity: Severity, level: str) -> None:
    mended = found(severity, layers=("net/conv1",), recommendation=Recommendation(("x(1)",)))
    (result,) = rendered(report(mended))["results"]
    assert (result["ruleId"], result["level"]) == ("a-problem", level)
    assert result["message"]["text"] == f"It is {severity.label}. Recommended: x(1)."
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "model.har", "index": 0},
        "region": {"startLine": 1},
    }
    assert location["logicalLocations"] == [
        {
            "name": "conv1",
            "fullyQualifiedName": "net/conv1",
            "kind": "layer",
            "properties": {"type": "conv", "originalNames": ["/0/Conv"]},
        }
    ]


@pytest.mark.parametrize(
    ("path", "artifact"),
    [
        ("net.alls", {"location": {"uri": "net.alls"}, "parentIndex": 0}),
        ("logs/a b.log", {"location": {"uri": "logs/a%20b.log"}}),
    ],
)
def test_a_place_in_a_text_has_line_and_column(path: str, artifact: dict[str, Any]) -> None:
    run = rendered(report(found(location=Location(path, 3, 7))))
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 3, "startColumn": 7}
    assert run["artifacts"][1] == artifact


def test_fingerprints_stay_the_same_although_numbers_lines_and_neighbours_change() -> None:
    def prints(*findings: Finding) -> list[Any]:
        return [result["partialFingerprints"] for result in rendered(report(*findings))["results"]]

    first = found(layers=("net/conv1",), location=Location("net.alls", 3, 7))
    moved = replace(first, headline="It is 4", severity=ERROR, location=Location("net.alls", 9, 1))
    (before,) = prints(first)
    other, after = prints(found(ERROR, "b-problem"), moved)
    assert before == after != other
    assert prints(replace(first, layers=("net/input_layer1",))) != [before]
    twins = prints(first, moved)
    assert twins[0] == before != twins[1]


def test_a_cause_has_the_level_at_which_it_is_told_and_consequences_name_it() -> None:
    own = (explains("a-problem", "b-problem", Where.ANYWHERE, ""),)
    cause = found(WARNING, remedy="Mend it.", command="hailo optimize net.har")
    symptom = found(ERROR, "b-problem")
    run = rendered(diagnosed(report(symptom, cause), own))
    root, told = run["results"]  # the cause stands first, though it was found later
    assert [r["level"] for r in (told, root)] == ["error", "error"]
    assert told["message"]["text"] == "Mend a-problem first, which explains this: It is error."
    assert root["message"]["text"] == "It is warning. Mend it. Run: hailo optimize net.har"
    assert told["properties"]["explainedBy"] == "a-problem"
    assert "explainedBy" not in root["properties"]
    assert run["properties"]["next"] == {
        "id": "a-problem",
        "text": "Mend it.",
        "commands": ["hailo optimize net.har"],
    }
    milder = rendered(diagnosed(report(replace(symptom, severity=INFO), cause), own))
    assert [r["level"] for r in milder["results"]] == ["warning", "note"]


def test_lines_that_a_wrong_calibration_explains_are_left_out() -> None:
    line = found(id="low-snr", recommendation=Recommendation(("x(1)",)))
    _, told = rendered(report(line, found(ERROR, "calibrated-on-noise")))["results"]
    assert told["ruleId"] == "low-snr"
    assert told["properties"]["commands"] == []
    assert "x(1)" not in told["message"]["text"]


def test_a_finding_that_nobody_documents_gets_a_rule_behind_the_others() -> None:
    whole = report(found(ERROR, "own-problem"), found(INFO, "own-problem"))
    rules = rendered(whole)["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["a-problem", "b-problem", "own-problem"]
    assert rules[2]["defaultConfiguration"]["level"] == "error"


def test_what_was_not_whole_or_not_checked_is_notified() -> None:
    results = (
        InspectorResult("A", crashed="KeyError: 'x'"),
        InspectorResult("B", skipped=NotChecked("it takes data", "pass them with -d")),
        InspectorResult("C", not_checked=(NotChecked("the rest"),)),
    )
    measurements = replace(build_measurements(), not_measured={"net/conv1": "unknown"})
    whole = report(results=results, failures=("no data",), measurements=measurements)
    (invocation,) = rendered(whole)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [
        (n["descriptor"]["id"], n["level"], n["message"]["text"])
        for n in invocation["toolExecutionNotifications"]
    ] == [
        ("not-whole", "error", "no data"),
        ("inspector-crashed", "error", "A crashed: KeyError: 'x'"),
        ("not-checked", "note", "B: it takes data; pass them with -d"),
        ("not-checked", "note", "C: the rest"),
        ("not-checked", "note", "net/conv1: unknown"),
    ]
    named = invocation["toolExecutionNotifications"][4]["locations"][0]["logicalLocations"]
    assert named[0]["fullyQualifiedName"] == "net/conv1"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{0} and }{", "{{0}} and }}{{"),
        ("[a](b) [c] (d)", "[a] (b) [c] (d)"),
        ("a\nb", "a\\nb"),
    ],
)
def test_a_message_has_no_placeholders_links_or_lines(text: str, shown: str) -> None:
    assert message(text) == {"text": shown}


def test_a_number_that_is_none_is_null() -> None:
    (result,) = rendered(report(found(measured={"snr_db": float("-inf"), "n": 3})))["results"]
    assert result["properties"]["measured"] == {"snr_db": None, "n": 3.0}


@pytest.mark.parametrize(
    ("change", "state"),
    [("new", "new"), ("worse", "updated"), ("better", "updated"), ("unchanged", "unchanged")],
)
def test_an_earlier_run_gives_each_result_its_state(change: Change, state: str) -> None:
    made = found()
    changed = ChangedFinding(made.id, change, "warning", "error", "AInspector", made.message)
    fixed = ChangedFinding("b-problem", "fixed", "error", "error", "AInspector", "gone")
    baseline = BaselineComparison("before.json", (changed, fixed))
    (result,) = rendered(report(made, baseline=baseline))["results"]
    assert result["baselineState"] == state


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a/b.har", "a/b.har"),
        ("./a.har", "a.har"),
        ("/a/b c.har", "file:///a/b%20c.har"),
        ("//a/b.har", "file:////a/b.har"),
        ("c:x?y#z%.har", "c%3Ax%3Fy%23z%25.har"),
        ("\ud800\n", "%3F%0A"),
    ],
)
def test_a_path_is_never_taken_for_anything_else(path: str, uri: str) -> None:
    assert uri_reference(path) == uri
    parts = urlsplit(uri)
    assert (parts.query, parts.fragment) == ("", "")
    assert parts.scheme in ("", "file")


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_break_nothing(name: str) -> None:
    run = rendered(hostile_report(name, baseline=hostile_baseline(name)))
    assert len(run["results"]) == 3
    for result in run["results"]:
        text = result["message"]["text"]
        assert text.isprintable()
        assert "](" not in text
        assert "{0}" not in text.replace("{{", "").replace("}}", "")
    assert unquote(run["artifacts"][0]["location"]["uri"]).endswith("m.har")


@pytest.mark.parametrize(
    ("url", "address", "path"),
    [
        ("", None, "docs/inspectors/a.md#a-problem"),
        ("https://x.example/", "https://x.example/inspectors/a.html#a-problem", None),
    ],
)
def test_a_rule_leads_to_its_page(
    url: str, address: str | None, path: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "DOCUMENTATION_URL", url)
    docs = Documentation((replace(DOCS.inspectors[0], page="docs/inspectors/a.md"),))
    rule = rendered(report(), docs)["tool"]["driver"]["rules"][0]
    assert (rule.get("helpUri"), rule["properties"].get("page")) == (address, path)


def test_a_rule_without_a_page_leads_nowhere() -> None:
    rule = rendered(report())["tool"]["driver"]["rules"][0]
    assert "helpUri" not in rule
    assert "page" not in rule["properties"]


def test_everything_that_is_there_is_a_valid_rule() -> None:
    docs = documentation(inspectors.discover()[0])
    rules = rendered(report(), docs)["tool"]["driver"]["rules"]
    assert len(rules) == len(docs.findings)
    assert all(rule["shortDescription"]["text"].isprintable() for rule in rules)
