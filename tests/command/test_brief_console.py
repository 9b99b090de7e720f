"""The console of pipelines: a report instead of lines, only what matters, or annotations."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.command.running import run, subprocess_run
from tests.har.samples import ROOT

OF_JSON = ("--json", "--sarif")
ANNOTATION = re.compile(r"::(error|warning|notice)( [^:]+)?::.+")
BROKEN = '''
from inspectors.base_inspector import BaseInspector


class BrokenInspector(BaseInspector):
    """Does it break?

    - `does-break` (info): it never says so.
    """

    def inspect(self, context):
        raise ValueError("no such thing")
'''


@pytest.mark.parametrize(
    "option", [*OF_JSON, "--html", "--junit", "--markdown", "--output-model-script"]
)
def test_a_dash_is_standard_output(option: str, compressed: str) -> None:
    done = subprocess_run(option, "-", compressed)
    assert done.returncode == 0, done.stderr
    assert "Verdict: " in done.stderr
    assert "Running inspector module" not in done.stdout
    assert json.loads(done.stdout) if option in OF_JSON else done.stdout
    assert not Path("-").exists()


def test_samples_go_to_standard_output(har: str, data: str) -> None:
    options = ["-d", data, "--quick", "--save-dataset", "-"]
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *options, har], capture_output=True
    )
    assert np.array_equal(np.load(io.BytesIO(done.stdout)), np.load(data))


@pytest.mark.parametrize("second", ["-", "/dev/stdout"])
def test_two_reports_do_not_share_standard_output(
    second: str, har: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        run("--json", "-", "--markdown", second, har)
    assert stop.value.code == 2
    assert "--json and --markdown cannot both go to standard output" in capsys.readouterr().err


def test_quiet_leaves_the_verdict(compressed: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("--order", "NormInspector", "--quiet", compressed)
    first, *rest = capsys.readouterr().out.split("\n")
    assert first == ""
    assert rest[0].startswith("Verdict: 1 of ")
    assert len([line for line in rest if line]) == 1


@pytest.mark.parametrize(
    ("argv", "tags"),
    [
        (["-q"], {"warning"}),
        (["--quiet", "warning"], {"warning"}),
        (["--quiet=error"], set()),
        (["-q", "info"], {"warning", "info"}),
    ],
)
def test_quiet_shows_what_is_bad_enough(
    argv: list[str], tags: set[str], compressed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*argv, compressed, "--json", "report.json") == 0
    shown = capsys.readouterr().out
    assert set(re.findall(r"^\[(\w+)\]", shown, re.MULTILINE)) == tags
    assert "Running inspector module" not in shown
    assert "\nVerdict: " in shown
    assert "Running inspector module" in Path("diagnostic_tool.log").read_text("utf-8")


def test_quiet_and_verbose_exclude_each_other(har: str) -> None:
    with pytest.raises(SystemExit):
        run("-q", "-v", har)


def test_github_gets_annotations_and_nothing_else(
    compressed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--output-format", "github", "--fail-on", "warning", compressed) == 1
    lines = capsys.readouterr().out.splitlines()
    assert all(ANNOTATION.fullmatch(line) for line in lines)
    (found,) = [line for line in lines if "[implicit-compression]" in line]
    assert found.startswith("::warning title=The compiler chose 4-bit weights%2C which no line")
    assert "%0ARecommended: model_optimization_flavor(compression_level=0)" in found
    verdict = "::notice title=hailo-first-aid%3A net::No errors"
    assert any(line.startswith(verdict) for line in lines)


def test_github_is_told_what_could_not_be_done(
    har: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--output-format", "github", "-d", "absent.npy", har) == 2
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("::error title=The run is incomplete::") for line in lines)
    Path("own").mkdir()
    Path("own/broken.py").write_text(BROKEN, "utf-8")
    for brief in (["--output-format", "github"], ["--quiet", "error"]):
        capsys.readouterr()
        assert run(*brief, "--inspectors", "own", "--markdown", "of.md", har) == 2
        shown = capsys.readouterr().out
        assert "BrokenInspector crashed and did not finish: ValueError: no such thing" in shown
        assert "BrokenInspector crashed and did not finish" in Path("of.md").read_text("utf-8")
        Path("of.md").unlink()
    assert run("--output-format", "github", "absent.har") == 2
    assert capsys.readouterr().out.startswith("::error::")


def test_problems_of_scripts_stand_at_their_lines(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.alls").write_text("\nmodel_optimization_flavour(optimization_level=2)\n", "utf-8")
    run("--output-format", "github", "--lint-script", "a.alls")
    first, *others = capsys.readouterr().out.splitlines()
    assert first.startswith("::error file=a.alls,line=2,col=1,title=")
    said = "1 error, 0 warnings, 0 infos in 1 script"
    assert others == [f"::notice title=hailo-first-aid%3A model scripts::{said}"]
    run("--quiet", "--lint-script", "a.alls")
    shown = capsys.readouterr().out.splitlines()
    assert [line[:12] for line in shown] == ["a.alls:2:1: ", "[info] Summa"]
