"""A fleet as JSON, JUnit, SARIF and as a table."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import jsonschema
import pytest
import xmlschema

from tests.fixtures.schemas import FLEET, SARIF, validate
from tests.har.samples import ROOT
from tests.renderers.fleet.made import BAD, FAILED, FINE, HOSTILE, fleet, many
from utils.findings import Severity
from utils.fleet.rows import AtOutput
from utils.renderers.fleet.json import render as as_json
from utils.renderers.fleet.junit import render as as_junit
from utils.renderers.fleet.sarif import render as as_sarif
from utils.renderers.fleet.table import line, table
from utils.renderers.fleet.words import kept_in_words, snr_in_words, summary

SCHEMAS = ROOT / "tests" / "renderers" / "schemas"
SUITE = """<?xml version="1.0"?><testsuites><testsuite name="net" package="p" id="0"
 timestamp="2026-01-02T03:04:05" hostname="localhost" time="0.000" tests="1" failures="0"
 errors="0" skipped="0"><properties/><testcase name="NormInspector" classname="p.net" time="0.0"/>
<system-out/><system-err/></testsuite></testsuites>"""


def test_json_is_as_its_schema_says() -> None:
    found = json.loads(as_json(fleet(FINE, BAD, FAILED, HOSTILE)))
    validate(found, FLEET)
    assert [row["code"] for row in found["rows"]] == [0, 1, 2, 1]
    assert found["rows"][2]["worst"]["snr_db"] is None
    del found["rows"][0]["worst"]["snr_db"]
    with pytest.raises(jsonschema.ValidationError):
        validate(found, FLEET)


def test_junit_has_a_suite_for_each_archive() -> None:
    text = as_junit(fleet(FINE, FAILED, HOSTILE), {FINE.name: SUITE, HOSTILE.name: SUITE})
    xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd")).validate(ET.fromstring(text))
    suites = ET.fromstring(text).findall("testsuite")
    assert [suite.get("id") for suite in suites] == ["0", "1", "2"]
    assert [suite.get("name") for suite in suites] == ["fine", "failed", HOSTILE.name]
    assert [suite.get("errors") for suite in suites] == ["0", "1", "0"]
    error = suites[1].find("testcase/error")
    assert error is not None
    assert error.get("message") == FAILED.failure


REFUSED = replace(
    FAILED,
    failure="The samples do not have the shape of the input; the data were not measured",
    cause="The samples do not have the shape of the input",
    cause_id="calibration-shape",
)


def test_a_row_names_the_finding_that_it_quotes_and_no_other() -> None:
    other = replace(REFUSED, failure="NormInspector crashed")
    assert line(REFUSED)[1].endswith("not measured [calibration-shape]")
    assert line(other)[1] == "failed: NormInspector crashed"


def test_long_reasons_lose_their_end() -> None:
    long = replace(FAILED, failure=f"{FAILED.archive} is damaged; {'copy it again ' * 20}")
    assert table(fleet(long)).columns[4].cells[0].startswith("f.har is damaged; copy it again ")
    assert table(fleet(long)).columns[4].cells[0].endswith("…")
    assert table(fleet(FAILED)).columns[4].cells[0] == "f.har is damaged"


def test_sarif_has_a_run_for_each_archive() -> None:
    log = as_sarif(fleet(FAILED), {})
    other = as_sarif(fleet(FAILED, FINE), {FINE.name: log})
    validate(json.loads(other), SARIF)
    runs = json.loads(other)["runs"]
    identities = [run["automationDetails"]["id"] for run in runs]
    assert [each.split("/")[-2] for each in identities] == ["failed", "fine"]
    assert [run["invocations"][0]["executionSuccessful"] for run in runs] == [False, False]


def test_the_table_shows_the_worst_first() -> None:
    columns = {column.heading: list(column.cells) for column in table(fleet(FINE, BAD)).columns}
    assert columns["archive"] == ["bad", "fine"]
    assert columns["SNR"] == ["3.2 dB", "31.5 dB"]
    assert columns["as in float"] == ["40.0%", "98.7%"]
    assert columns["first"] == [BAD.cause, ""]


def test_a_row_is_one_sentence() -> None:
    said = "bad: The images are normalized twice (40.0%, 3.2 dB) [data-normalized-twice]"
    assert line(BAD) == (Severity.ERROR, said)
    assert line(FINE) == (Severity.INFO, "fine: fine (98.7%, 31.5 dB)")
    assert line(FAILED) == (Severity.ERROR, "failed: /nets/f.har is damaged")


@pytest.mark.parametrize(
    ("snr_db", "words"),
    [(None, ""), (12.34, "12.3 dB"), (140.0, "exact"), (float("-inf"), "no signal")],
)
def test_ratios_in_words(snr_db: float | None, words: str) -> None:
    assert snr_in_words(snr_db) == words


@pytest.mark.parametrize(
    ("measure", "kept", "words"),
    [
        ("", None, ""),
        ("same_top1", 1.0, "100.0%"),
        ("same_top1", 0.99999, "99.9%"),
        ("psnr_db", 41.26, "41.3 dB PSNR"),
    ],
)
def test_agreement_in_words(measure: str, kept: float | None, words: str) -> None:
    row = replace(FINE, worst=AtOutput(measure=measure, kept=kept))
    assert kept_in_words(row) == words


def test_the_summary_counts() -> None:
    assert summary(fleet(FINE, BAD, FAILED)) == (
        "3 archives: 1 not diagnosed, 1 with errors, 1 fine"
    )
    assert summary(replace(many(300)[0], is_interrupted=True)).startswith("interrupted; 300")
