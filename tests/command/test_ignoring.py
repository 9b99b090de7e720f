"""Findings that a configuration ignores: they count nowhere, and are listed everywhere."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.command.running import ids, logged, outcome, report_of, run
from tests.fixtures.schemas import LINT, SARIF, validate

REASON = "measured <b>twice</b>: it costs nothing"
HEADLINE = "The compiler chose 4-bit weights, which no line of the script asks for"
LINE = f"{HEADLINE} [implicit-compression]: {REASON}"
REPORTS = {
    "json": "r.json",
    "html": "r.html",
    "junit": "r.xml",
    "sarif": "r.sarif",
    "markdown": "r.md",
}


def ignore(*finding_ids: str, until: date | None = None) -> None:
    end = f"until = {until}\n" if until else ""
    entries = [f"[[ignore]]\nid = \"{i}\"\nreason = '{REASON}'\n{end}" for i in finding_ids]
    Path("hailo-first-aid.toml").write_text("\n".join(entries), encoding="utf-8")


def test_what_is_not_ignored_counts(compressed: str) -> None:
    code, report = outcome("--fail-on", "warning", compressed)
    assert code == 1
    assert report["ignored"] == []
    assert "implicit-compression" in ids(report)


def test_what_is_ignored_counts_nowhere(
    compressed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ignore("implicit-compression")
    given = ("--fail-on", "warning", "--output-model-script", "new.alls")
    code, report = outcome(*given, compressed)
    assert "implicit-compression" not in ids(report)
    assert "implicit-compression" not in {cause["id"] for cause in report["causes"]}
    assert "auto_4bit" not in Path("new.alls").read_text("utf-8")
    (entry,) = report["ignored"]
    assert (entry["id"], entry["severity"]) == ("implicit-compression", "warning")
    assert (entry["reason"], entry["until"]) == (REASON, None)
    shown = capsys.readouterr().out
    assert f"Ignored: {LINE}\n" in shown
    assert "1 finding is ignored" in shown.partition("Verdict: ")[2]
    assert f"Ignored: {LINE}" in logged()
    assert "Options from hailo-first-aid.toml" in logged()
    worst = {finding["severity"] for e in report["inspectors"] for finding in e["findings"]}
    assert code == int("warning" in worst)


def test_every_report_lists_it(compressed: str) -> None:
    ignore("implicit-compression")
    run(*(word for option, path in REPORTS.items() for word in (f"--{option}", path)), compressed)
    texts = {option: Path(path).read_text("utf-8") for option, path in REPORTS.items()}
    assert json.loads(texts["json"])["ignored"]
    assert "1 finding is ignored" in texts["html"]
    assert "measured &lt;b&gt;twice&lt;/b&gt;" in texts["html"]
    assert "<summary>1 finding is ignored</summary>" in texts["markdown"]
    assert r"\<b\>twice" in texts["markdown"] or "&lt;b&gt;twice" in texts["markdown"]
    out = ET.fromstring(texts["junit"]).findtext("testsuite/system-out") or ""
    assert f"ignored: {LINE}" in out.splitlines()
    results = json.loads(texts["sarif"])["runs"][0]["results"]
    validate(json.loads(texts["sarif"]), SARIF)
    suppressed = [r["ruleId"] for r in results if r["suppressions"]]
    assert suppressed == ["implicit-compression"]
    assert results[-1]["suppressions"][0]["justification"] == REASON
    validate(json.loads(texts["json"]))


def test_it_counts_again_when_its_time_is_over(
    compressed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    today = date.today()
    ignore("implicit-compression", until=today + timedelta(days=1))
    assert "implicit-compression" not in ids(report_of(compressed))
    Path("report.json").unlink()
    assert "counts again" not in capsys.readouterr().out
    ignore("implicit-compression", until=today - timedelta(days=1))
    assert "implicit-compression" in ids(report_of(compressed))
    assert "[warning] implicit-compression counts again: it was" in capsys.readouterr().out


def test_a_word_nobody_knows_is_refused(
    compressed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ignore("implicit-compresion")
    assert run(compressed) == 2
    said = capsys.readouterr().out
    assert "no finding has that id; did you mean implicit-compression?" in said


def test_what_is_ignored_is_neither_fixed_nor_new(compressed: str) -> None:
    report_of(compressed)
    Path("report.json").rename("before.json")
    ignore("implicit-compression")
    ignoring = report_of(compressed, "--baseline", "before.json")
    Path("report.json").rename("ignoring.json")
    changed = {f["id"]: f["change"] for f in ignoring["baseline"]["findings"]}
    assert "implicit-compression" not in changed
    said = "implicit-compression: ignored in one of the runs"
    assert said in ignoring["baseline"]["not_compared"]
    Path("hailo-first-aid.toml").unlink()
    again = report_of(compressed, "--baseline", "ignoring.json")
    assert said in again["baseline"]["not_compared"]
    argv = ("--baseline", "ignoring.json", "--fail-on", "new-error")
    assert run(*argv, compressed) == 0


def test_scripts_are_checked_alike(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.alls").write_text("model_optimization_flavour(optimization_level=2)\n", "utf-8")
    assert run("--lint-script", "a.alls", "--fail-on", "error", "--json", "before.json") == 1
    (found,) = json.loads(Path("before.json").read_text("utf-8"))["scripts"][0]["findings"]
    ignore(found["id"])
    files = ("--json", "r.json", "--sarif", "r.sarif", "--junit", "r.xml", "--markdown", "r.md")
    assert run("--lint-script", "a.alls", "--fail-on", "error", *files) == 0
    assert f"a.alls: ignored: {found['headline']} [{found['id']}]: {REASON}" in logged()
    report = json.loads(Path("r.json").read_text("utf-8"))
    validate(report, LINT)
    assert [each["id"] for each in report["ignored"]] == [found["id"]]
    assert json.loads(Path("r.sarif").read_text("utf-8"))["runs"][0]["results"][0]["suppressions"]
    assert f"[{found['id']}]" in Path("r.xml").read_text("utf-8")
    assert "#### Ignored" in Path("r.md").read_text("utf-8")


def test_data_that_cannot_be_used_are_told_all_the_same(compressed: str) -> None:
    np.save("x.npy", np.zeros((4, 3, 8, 8), np.float32))
    ignore("calibration-shape", "implicit-compression")
    report = report_of("-d", "x.npy", compressed)
    assert report["next"]["id"] == "calibration-shape"
    assert [entry["id"] for entry in report["ignored"]] == ["implicit-compression"]


def test_the_log_is_never_appended_to_the_configuration(
    compressed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ignore("implicit-compression")
    before = Path("hailo-first-aid.toml").read_text("utf-8")
    assert run("--log-path", "hailo-first-aid.toml", compressed) == 2
    assert "written to hailo-first-aid.toml" in capsys.readouterr().err
    assert Path("hailo-first-aid.toml").read_text("utf-8") == before
