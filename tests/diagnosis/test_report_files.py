"""Every file that a run leaves, through the whole command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import main
from diagnosis.report_files import FORMATS, NO_SCRIPT, own_place
from tests.har.archives import write_small
from tests.har.samples import ROOT
from utils.dataset.contact_sheet import contact_sheet

OWN_SCRIPT = "model_optimization_flavor(optimization_level=0)  # mine\n"


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def compressed(tmp_path: Path) -> str:
    """An archive with a warning that recommends commands: 4-bit weights nobody asked for."""
    path = tmp_path / "compressed.har"
    return write_small(path, precision_modes={"conv2": "a8_w4"}, script=OWN_SCRIPT)


def run(*argv: str) -> int:
    return main.main([*argv, "--no-interactive"])


def test_all_formats_of_one_run_say_the_same(compressed: str) -> None:
    named = [word for form in FORMATS for word in (f"--{form.option}", f"out.{form.option}")]
    assert run(compressed, *named, "--output-model-script", "out.alls") == 0
    ids = {
        finding["id"]
        for entry in json.loads(Path("out.json").read_text("utf-8"))["inspectors"]
        for finding in entry["findings"]
    }
    assert "implicit-compression" in ids
    results = json.loads(Path("out.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert {result["ruleId"] for result in results} == ids
    page, comment = Path("out.html").read_text("utf-8"), Path("out.markdown").read_text("utf-8")
    assert all(finding_id in page and finding_id in comment for finding_id in ids)
    cases = ElementTree.parse("out.junit").getroot().iter("testcase")
    assert "CompressionInspector" in {case.get("name") for case in cases}
    assert "auto_4bit_weights_ratio=0" in Path("out.alls").read_text("utf-8")
    assert "auto_4bit_weights_ratio=0" in page


@pytest.mark.parametrize(("fail_on", "failed"), [("error", False), ("warning", True)])
def test_junit_fails_what_the_exit_code_fails(
    compressed: str, fail_on: str, failed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(compressed, "--junit", "out.xml", "--fail-on", fail_on) == failed
    assert ("<failure" in Path("out.xml").read_text("utf-8")) == failed
    assert (
        f"Exit code 1: findings at or above --fail-on {fail_on}" in capsys.readouterr().out
    ) == (failed)


@pytest.mark.parametrize("option", [form.option for form in FORMATS])
def test_a_report_on_standard_output_is_not_mixed_with_lines(compressed: str, option: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), compressed, f"--{option}", "/dev/stdout"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Running inspector module" in done.stderr
    assert "Running inspector module" not in done.stdout
    assert done.stdout.lstrip()[0] in "{<#"


@pytest.mark.parametrize("option", ["output-model-script", *(form.option for form in FORMATS)])
def test_a_folder_that_is_missing_is_said_before_anything_is_read(
    capsys: pytest.CaptureFixture[str], option: str
) -> None:
    assert run("no.har", f"--{option}", "nowhere/file") == 2
    assert "there is no folder nowhere; create it first" in capsys.readouterr().out


def test_without_the_packages_for_pages_the_rest_is_written(
    compressed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("utils.renderers.html")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delattr("utils.renderers.html", raising=False)
    assert run(compressed, "--html", "out.html", "--markdown", "out.md") == 2
    said = capsys.readouterr().out
    assert "no page was written, as a package is missing" in said
    assert not Path("out.html").exists()
    assert "no page was written" in Path("out.md").read_text("utf-8")


def test_a_script_that_cannot_be_parsed_is_not_replaced_by_half_of_one(tmp_path: Path) -> None:
    har = write_small(tmp_path / "odd.har", script="no ( script\n")
    assert run(har, "--output-model-script", "out.alls", "--json", "out.json") == 2
    assert not Path("out.alls").exists()
    assert NO_SCRIPT in json.loads(Path("out.json").read_text("utf-8"))["failures"]


def test_a_run_is_compared_with_an_earlier_one(
    compressed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = write_small(tmp_path / "before.har", script=OWN_SCRIPT)
    assert run(before, "--json", "before.json") == 0
    argv = (compressed, "--baseline", "before.json", "--json", "now.json")
    assert run(*argv, "--fail-on", "new-warning") == 1
    assert "New: implicit-compression" in capsys.readouterr().out
    found = json.loads(Path("now.json").read_text("utf-8"))["baseline"]
    changes = {f["id"]: f["change"] for f in found["findings"]}
    assert changes["implicit-compression"] == "new"
    assert run(compressed, "--baseline", "now.json", "--fail-on", "new-warning") == 0
    assert "unchanged" in capsys.readouterr().out


def test_a_baseline_that_is_none_is_refused_before_anything_is_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("odd.json").write_text("{", "utf-8")
    assert run("no.har", "--baseline", "odd.json") == 2
    assert "odd.json" in capsys.readouterr().out


def test_the_log_is_never_appended_to_the_baseline(
    compressed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("before.json").write_text("{}", "utf-8")
    assert run(compressed, "--baseline", "before.json", "--log-path", "before.json") == 2
    assert Path("before.json").read_text("utf-8") == "{}"


def test_new_findings_take_a_baseline(compressed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(compressed, "--fail-on", "new-error")
    assert "goes with --baseline" in capsys.readouterr().err


def test_a_format_that_fails_costs_no_other(
    compressed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*arguments: object) -> str:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("utils.renderers.sarif.render", broken)
    assert run(compressed, "--sarif", "out.sarif", "--markdown", "out.md") == 2
    assert "out.sarif was not written: ZeroDivisionError" in capsys.readouterr().out
    assert Path("out.md").exists()
    assert "ZeroDivisionError" in Path(".diagnostic_tool_debug.log").read_text("utf-8")


def test_a_report_that_cannot_be_written_is_named_and_leaves_the_verdict_whole(
    compressed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(compressed, "--json", "out.json") == 0
    whole = verdict_in(capsys.readouterr().out)
    assert run(compressed, "--html", "/dev/full", "--markdown", "out.md") == 2
    said = capsys.readouterr().out
    assert "[error] Incomplete: /dev/full cannot be written: " in said
    assert verdict_in(said) == f"{whole[:-1]}; full was not written."
    assert "/dev/full cannot be written" in Path("out.md").read_text("utf-8")


@pytest.mark.parametrize("option", ["--html", "--output-model-script"])
def test_what_cannot_be_written_is_told_before_anything_is_read(
    option: str, compressed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("taken").mkdir()
    assert run(compressed, option, "taken") == 2
    shown = capsys.readouterr().out
    assert "[error] taken cannot be written: it names a folder; add a file name" in shown
    assert "Model" not in shown


def verdict_in(shown: str) -> str:
    (line,) = [line for line in shown.splitlines() if line.startswith("Verdict: ")]
    return line


def test_own_sheets_beside_a_picture_of_somebody_else_are_replaced_too(tmp_path: Path) -> None:
    sheet = contact_sheet(np.zeros((1, 4, 4, 3), np.float32), swap=False)
    foreign = tmp_path / "standard.jpg"
    foreign.write_bytes(b"somebody's")
    place = own_place(str(foreign))
    assert place == str(tmp_path / "standard_1.jpg")
    Path(place).write_bytes(sheet)
    assert own_place(str(foreign)) == place
    foreign.write_bytes(sheet)
    assert own_place(str(foreign)) == str(foreign)


def test_a_comparison_that_could_not_be_made_is_told_where_the_exit_code_rests_on_it(
    compressed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(compressed, "--json", "other.json") == 0
    other = Path("other.json")
    report = json.loads(other.read_text("utf-8"))
    for layer in report["layers"].values():
        if layer.get("float_weights"):
            layer["float_weights"]["count"] *= 2  # those of a wider network
    other.write_text(json.dumps(report), "utf-8")
    assert run(compressed, "--baseline", "other.json", "--fail-on", "new-error") == 2
    assert "Exit code 2: --fail-on new-error needs a comparison" in capsys.readouterr().out
