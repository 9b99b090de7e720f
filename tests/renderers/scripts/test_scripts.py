"""Checked scripts in every format, held against the schema of each."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import xmlschema

import inspectors
from inspectors.documentation import documentation
from tests.fixtures.schemas import LINT, SARIF, validate
from utils.findings import Finding, Location, Severity
from utils.model_script.lint import lint_problems
from utils.model_script.lint.findings import script_finding
from utils.renderers.scripts import json as json_report
from utils.renderers.scripts import junit, markdown, sarif
from utils.report.linted import LintedScript, LintRun

ROOT = Path(__file__).resolve().parents[3]
SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"
DOCS = documentation(inspectors.discover()[0])
TEXT = "set_sed(seed=1)\nnormalization([0], [1])\nnew_thing(1)\n"


def findings(path: str, text: str = TEXT) -> tuple[Finding, ...]:
    return tuple(script_finding(problem, path) for problem in lint_problems(text))


RUN = LintRun(
    (
        LintedScript("a.alls", findings("a.alls")),
        LintedScript("b.alls", failure="b.alls is not a model script"),
        LintedScript("c.alls"),
    ),
    "net.har",
)
HOSTILE = LintRun(
    (
        LintedScript(
            "a|`b`\x1b[31m<script>.alls",
            (
                Finding(
                    "script-syntax",
                    Severity.ERROR,
                    "@team {0} ](http://x) \x00\ud800",
                    location=Location("a|`b`\x1b[31m<script>.alls", 0, 0),
                    remedy="Delete it.",
                ),
            ),
        ),
    )
)


@pytest.mark.parametrize("run", [RUN, LintRun(()), HOSTILE], ids=["run", "none", "hostile"])
def test_json_follows_its_schema(run: LintRun) -> None:
    report = json.loads(json_report.render(run))
    if run is not HOSTILE:  # nothing has line 0
        validate(report, LINT)
    assert len(report["scripts"]) == len(run.scripts)


def test_json_says_what_was_found_where() -> None:
    report = json.loads(json_report.render(RUN))
    assert report["network"] == "net.har"
    assert report["summary"] == {"info": 1, "warning": 1, "error": 1}
    assert report["failures"] == ["b.alls is not a model script"]
    first, second, third = report["scripts"]
    assert [f["location"]["line"] for f in first["findings"]] == [1, 2, 3]
    assert (second["failure"], third["failure"]) == ("b.alls is not a model script", None)


@pytest.mark.parametrize("run", [RUN, HOSTILE], ids=["run", "hostile"])
def test_sarif_follows_its_schema(run: LintRun) -> None:
    log = json.loads(sarif.render(run, DOCS))
    if run is not HOSTILE:
        validate(log, SARIF)
    (entry,) = log["runs"]
    rules = entry["tool"]["driver"]["rules"]
    assert all(rule["id"].startswith("script-") for rule in rules)
    for result in entry["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert entry["invocations"][0]["executionSuccessful"] is not bool(run.all_failures())


def test_sarif_places_what_was_found() -> None:
    (entry,) = json.loads(sarif.render(RUN, DOCS))["runs"]
    places = [result["locations"][0]["physicalLocation"] for result in entry["results"]]
    assert [place["region"]["startLine"] for place in places] == [1, 2, 3]
    assert {place["artifactLocation"]["uri"] for place in places} == {"a.alls"}


@pytest.mark.parametrize(
    ("fail_on", "failures"), [(None, 1), (Severity.ERROR, 1), (Severity.INFO, 1)]
)
@pytest.mark.parametrize("run", [RUN, HOSTILE], ids=["run", "hostile"])
def test_junit_follows_its_schema(run: LintRun, fail_on: Severity | None, failures: int) -> None:
    text = junit.render(run, fail_on)
    xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd")).validate(text)
    (suite,) = ET.fromstring(text.encode())
    assert suite.attrib["failures"] == str(failures)
    assert len(suite.findall("testcase")) == len(run.scripts)


def test_junit_fails_by_the_severity_that_was_asked_for() -> None:
    warned = LintRun((LintedScript("a.alls", findings("a.alls", "normalization([0], [1])")),))
    for fail_on, count in ((None, "0"), (Severity.ERROR, "0"), (Severity.WARNING, "1")):
        (suite,) = ET.fromstring(junit.render(warned, fail_on).encode())
        assert suite.attrib["failures"] == count
        said = (suite.findtext("system-out") or "") + "".join(suite.itertext())
        assert "a.alls:1:1: warning: " in said


def test_a_comment_says_the_worst_first() -> None:
    text = markdown.render(RUN)
    assert text.startswith("### Model scripts\n\n**1 error, 1 warning, 1 info in 2 scripts**")
    assert "| `b.alls` | - | - | - |" in text
    assert text.index("script-unknown-command") < text.index("script-unassigned-normalization")
    assert "layers of `net.har`" in text
    assert "\x1b" not in markdown.render(HOSTILE)
    assert len(markdown.render(LintRun((LintedScript("a", findings("a") * 5_000),)))) < 65_536


@pytest.mark.parametrize(
    ("run", "fail_on", "code"),
    [
        (RUN, None, 2),
        (replaced := LintRun(RUN.scripts[:1]), None, 0),
        (replaced, Severity.ERROR, 1),
        (LintRun(RUN.scripts[2:]), Severity.INFO, 0),
        (LintRun(RUN.scripts[2:], failures=("x",)), None, 2),
    ],
)
def test_exit_codes(run: LintRun, fail_on: Severity | None, code: int) -> None:
    assert run.exit_code(fail_on) == code
