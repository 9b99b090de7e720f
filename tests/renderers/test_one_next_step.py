"""One report in every format: all say the same of what to do first."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest

from tests.fixtures.diagnosed import diagnosed
from tests.renderers.pages import harmless_page
from tests.renderers.terminal.reports import EXPLAINED, LOUD, ROOT, WEAK, report, whole_text
from utils.findings import Finding, InspectorResult
from utils.findings.documentation import Documentation
from utils.renderers import html, junit, log, markdown, sarif
from utils.renderers import json as json_report
from utils.renderers.terminal.wording import ShortNames
from utils.renderers.verdict import verdict
from utils.report import Report

PLAIN = replace(ROOT, layers=())
DOCS = Documentation()


def texts(whole: Report) -> Iterator[str]:
    """The report in each format that tells text, verdict and next step in it."""
    yield whole_text(whole, None, is_verbose=True)
    yield "\n".join(text for _, text in log.summary_lines(whole))
    page = harmless_page(markdown.render(whole, DOCS))
    yield page.prose + page.code
    yield ET.fromstring(junit.render(whole).encode()).findtext("testsuite/system-out") or ""


@pytest.mark.parametrize("findings", [(LOUD, WEAK), (WEAK, EXPLAINED), (PLAIN, EXPLAINED)])
def test_every_format_tells_the_same_step_and_verdict(findings: tuple[Finding, ...]) -> None:
    whole = report(results=(InspectorResult("A", findings),))
    step = whole.diagnosis.next
    assert step is not None
    expected = {"id": step.id, "text": step.text, "commands": list(step.commands)}
    assert json.loads(json_report.render(whole))["next"] == expected
    properties = json.loads(sarif.render(whole, DOCS))["runs"][0]["properties"]
    assert (properties["next"], properties["verdict"]) == (expected, verdict(whole))
    for text in texts(whole):
        assert f"Next: {step.text}" in text
        assert verdict(whole) in text
        assert all(command in text for command in step.commands)
    # The page and the terminal without -v call layers by their short names.
    short = ShortNames(whole.model).within
    page = short(" ".join(unescape(re.sub("<[^>]*>", "", html.render(whole, DOCS))).split()))
    for text in (page, whole_text(whole, None)):
        assert short(step.text) in text
        assert short(verdict(whole)) in text


@pytest.mark.parametrize("dataset", ["CALIBSET.npy", "set.npy"])
def test_every_format_says_what_capitals_in_a_command_stand_for(dataset: str) -> None:
    command = f"hailo optimize net.har --hw-arch hailo8 --calib-set-path {dataset}"
    finding = replace(PLAIN, command=command, recommendation=None, remedy="Do it.")
    whole = diagnosed(report(results=(InspectorResult("A", (finding,)),)))
    page = unescape(re.sub("<[^>]*>", "", html.render(whole, DOCS)))
    for text in (*texts(whole), whole_text(whole, None), page):
        assert ("CALIBSET.npy is your calibration set" in text) == (dataset == "CALIBSET.npy")


def test_where_nothing_is_to_be_done_no_format_has_a_next_step() -> None:
    whole = diagnosed(report(results=()))
    assert json.loads(json_report.render(whole))["next"] is None
    assert not any("Next:" in text for text in texts(whole))
