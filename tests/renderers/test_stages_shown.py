"""The stages on the terminal, in the page, in Markdown, in JSON, and against an earlier run."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from diagnosis.against_baseline import compared
from tests.fixtures.schemas import validate
from tests.fixtures.staged_reports import CONV, OUTPUT, match, staged, step
from utils.baseline.checked_json import CheckedJson
from utils.baseline.run_facts import run_facts
from utils.findings.documentation import Documentation
from utils.renderers import markdown
from utils.renderers.html import page
from utils.renderers.json import render, report_object
from utils.renderers.log import summary_lines
from utils.renderers.terminal.stages import stages_shown
from utils.renderers.terminal.wording import ShortNames
from utils.report import Report
from utils.stages import Reason, StageName
from utils.terminal.layout import laid_out

LOST = step(
    "original",
    "parsed",
    match(0.5),
    is_equal=False,
    parts_at=CONV,
    source="model.onnx",
    reasons=(Reason("other-weights", "conv1 has other weights"),),
    notes=("The original was given the samples as they are.",),
)
MISSING: tuple[tuple[StageName, str], ...] = (
    ("device", "outputs.npz holds 7 samples, and the data 40"),
)
REPORT = staged(LOST, step("parsed", "optimized"), snr_db=25.0, missing=MISSING)
NOTHING = Documentation()


def terminal(report: Report) -> str:
    shown = stages_shown(report, ShortNames(report.model))
    return "\n".join(line for each in shown for line in laid_out(each, 120))


def test_nothing_is_shown_where_nothing_was_compared() -> None:
    plain = replace(REPORT, stages=None)
    assert terminal(plain) == ""
    assert "Where accuracy is lost" not in page.render(plain, NOTHING)
    assert "Where accuracy is lost" not in markdown.render(plain, NOTHING)
    assert report_object(plain)["stages"] is None


def test_the_terminal_has_a_table_that_marks_where_it_is_lost() -> None:
    text = terminal(REPORT)
    (heading,) = (line for line in text.splitlines() if line.strip().startswith("output "))
    assert heading.split() == "output original parsed (differs here) optimized quantized".split()
    (row,) = (line for line in text.splitlines() if line.strip().startswith("output_layer1"))
    assert "100%, 6.0 dB" in row
    assert "25.0 dB" in row
    assert "parsed: first differs at /model.0/Conv" in text
    assert "parsed: The original was given the samples as they are." in text
    assert "chip: not compared, outputs.npz holds 7 samples" in text


def test_the_page_shows_them_on_its_first_screen() -> None:
    shown = page.render(REPORT, NOTHING)
    overview = shown.partition('id="overview"')[2].partition('id="findings"')[0]
    assert "Where accuracy is lost" in overview
    assert "(differs here)" in overview
    assert "/model.0/Conv" in overview
    assert "outputs.npz holds 7 samples" in overview


def test_markdown_has_the_same_table() -> None:
    shown = markdown.render(REPORT, NOTHING)
    assert "#### Where accuracy is lost" in shown
    assert "parsed (differs here)" in shown
    assert "first differs at `/model.0/Conv`" in shown


def test_the_log_says_every_stage() -> None:
    lines = [text for _, text in summary_lines(REPORT)]
    assert any(text.startswith("Stage: parsed (differs here) against original") for text in lines)
    assert any(text.startswith("Stage: chip was not compared: outputs.npz") for text in lines)


def test_json_follows_its_schema() -> None:
    written = json.loads(render(REPORT))
    validate(written)
    names = [entry["name"] for entry in written["stages"]]
    assert names == ["original", "parsed", "optimized", "quantized", "device"]
    parsed = written["stages"][1]
    assert parsed["first_difference"] == CONV
    assert parsed["original_name"] == "/model.0/Conv"
    assert (parsed["equal"], parsed["lost_most"], parsed["source"]) == (False, True, "model.onnx")
    assert parsed["reasons"] == ["other-weights"]
    assert parsed["outputs"][OUTPUT]["agreement"]["same_top1"]["value"] == 1
    assert parsed["outputs"][OUTPUT]["snr_db"] == pytest.approx(6.02, abs=0.01)
    assert written["stages"][4]["not_compared"].startswith("outputs.npz")


def test_an_earlier_run_is_held_against_this_one() -> None:
    earlier = run_facts(CheckedJson(report_object(REPORT)), "before.json")
    better = step("original", "parsed", match(0.1))
    now = staged(better, step("parsed", "optimized"), snr_db=25.0)
    found = compared(now, earlier)
    assert found.is_comparable
    (change,) = found.stages["parsed"]
    assert change.gain_db == pytest.approx(14.0, abs=0.1)
    assert "(better, before 6.0)" in terminal(replace(now, baseline=found))


def test_reports_of_versions_without_stages_are_read() -> None:
    before = report_object(REPORT)
    del before["stages"]
    facts = run_facts(CheckedJson(before), "before.json")
    assert facts.stages == {}
    assert compared(REPORT, facts).stages == {}
