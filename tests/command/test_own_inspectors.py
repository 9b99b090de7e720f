"""Inspectors from a folder outside the project, as the command finds, runs and reports them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import main
from tests.command.running import ids, report_of, run, subprocess_run

OWN = '''"""An own check."""

from inspectors.base_inspector import BaseInspector, explains, Where
from utils.findings import Finding, Severity

from .limits import MOST


class WideLayerInspector(BaseInspector):
    """Is any layer wider than we can afford?

    Wide layers cost frames.

    - `wide-layer` (warning): a layer has many channels. Consider a narrower one.
    """

    EXPLANATIONS = (explains("wide-layer", "dead-channels", Where.ANYWHERE, "it is so"),)

    def inspect(self, context):
        for layer in context.model.network:
            if layer.output_shape[-1] > MOST:
                yield Finding(
                    id="wide-layer",
                    severity=Severity.WARNING,
                    headline="A layer is wider than we can afford",
                    layers=(layer.name,),
                    remedy="Train a narrower one.",
                )
'''


@pytest.fixture
def own(tmp_path: Path) -> str:
    return write(tmp_path / "elsewhere" / "own", wide=OWN, limits="MOST = 4\n")


def write(folder: Path, **modules: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return str(folder)


def test_they_run_and_are_reported_like_the_others(har: str, own: str) -> None:
    report = report_of("--inspectors", own, har, "--sarif", "x.sarif")
    assert "wide-layer" in ids(report)
    wide = [cause for cause in report["causes"] if cause["id"] == "wide-layer"]
    assert [each["id"] for each in wide[0]["explains"]] == ["dead-channels"]
    rules = json.loads(Path("x.sarif").read_text("utf-8"))["runs"][0]["tool"]["driver"]["rules"]
    (rule,) = [rule for rule in rules if rule["id"] == "wide-layer"]
    assert rule["fullDescription"]["text"].startswith("A layer has many channels")
    assert (
        run("--inspectors", own, "--fail-on", "warning", "--order", "WideLayerInspector", har) == 1
    )


def test_they_are_documented(own: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--inspectors", own, "--explain", "wide-layer"]) == 0
    assert "Found by WideLayerInspector: Is any layer wider" in capsys.readouterr().out
    assert main.main(["--inspectors", own, "--list"]) == 0
    assert "WideLayerInspector  Is any layer wider than we can afford?" in capsys.readouterr().out
    assert main.main(["--explain", "wide-layer"]) == 2


def test_nothing_of_the_current_folder_is_loaded_unasked(har: str) -> None:
    for folder in (".", "inspectors"):
        write(Path(folder), trap="raise SystemExit('loaded')\n", wide_inspector=OWN)
    done = subprocess_run("--no-interactive", har)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "loaded" not in done.stdout + done.stderr
    assert "WideLayerInspector" not in done.stdout


@pytest.mark.parametrize(
    "code", ["raise SystemExit(0)", "import nothing_of_this_name", "def f(:", "1 / 0"]
)
def test_one_that_cannot_be_imported_is_named_and_the_rest_runs(
    code: str, har: str, own: str, tmp_path: Path
) -> None:
    broken = write(tmp_path / "broken", faulty=f"{code}\n")
    report = report_of("--inspectors", own, "--inspectors", broken, har)
    (failure,) = report["failures"]
    assert failure.startswith(f"{broken}/faulty.py cannot be imported: ")
    assert "wide-layer" in ids(report)
    assert run("--inspectors", broken, har) == 2


def test_one_that_raises_is_named_and_the_rest_runs(har: str, tmp_path: Path) -> None:
    text = OWN.replace("for layer", "raise KeyError('gone')\n        for layer")
    folder = write(tmp_path / "raising", wide=text, limits="MOST = 4\n")
    report = report_of("--inspectors", folder, har)
    crashed = {e["name"]: e["crashed"] for e in report["inspectors"] if "crashed" in e}
    assert crashed == {"WideLayerInspector": "KeyError: 'gone'"}


def test_tests_and_helpers_beside_them_are_left_alone(har: str, own: str) -> None:
    write(Path(own), test_wide="raise ValueError\n", _helper="raise ValueError\n")
    assert report_of("--inspectors", own, har)["failures"] == []


@pytest.mark.parametrize(
    ("make", "said"), [(False, "is not a folder"), (True, "holds no Python file that may be")]
)
def test_a_folder_without_any_is_refused(
    make: bool, said: str, har: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "none"
    if make:
        folder.mkdir()
    assert run("--inspectors", str(folder), har) == 2
    assert said in capsys.readouterr().err


def test_a_name_that_is_taken_is_refused(
    har: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = OWN.replace("WideLayerInspector", "NormInspector")
    folder = write(tmp_path / "taken", norm=text, limits="MOST = 4\n")
    assert run("--inspectors", folder, har) == 2
    assert "two inspectors are named NormInspector" in capsys.readouterr().err
