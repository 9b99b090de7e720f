"""The tool as one file: built by the command of the Makefile, run from another folder."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.har.archives import small_images, write_small
from tests.installed.environments import run
from utils.tool import NAME, ROOT, VERSION

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("make") is None, reason="there is no make"),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("zipapp")
    path = folder / "aid.pyz"
    variables = {"PACKED": folder / "packed", "ZIPAPP": path, "BIN": Path(sys.executable).parent}
    settings = [f"{name}={value}" for name, value in variables.items()]
    done = run("make", "-o", ".venv/installed-dev", "zipapp", *settings, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_says_who_it_is(app: Path) -> None:
    assert run(sys.executable, app, "--version").stdout == f"{NAME} {VERSION}\n"
    assert run(sys.executable, app).stderr.startswith("usage: aid.pyz [-d PATH] [options]")


def test_it_finds_what_lies_inside_it(app: Path) -> None:
    assert "NormInspector" in run(sys.executable, app, "--help").stdout
    assert "low-snr" in run(sys.executable, app, "--list").stdout


def test_it_diagnoses_with_data_and_writes_a_page(app: Path, tmp_path: Path) -> None:
    har = write_small(tmp_path / "model.har")
    np.save("calibset.npy", small_images().astype(np.float32))
    files = ("--json", "report.json", "--html", "page.html")
    done = run(sys.executable, app, "-d", "calibset.npy", "--no-interactive", *files, har)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(Path("report.json").read_text("utf-8"))
    assert report["failures"] == []
    assert "./aid.pyz --explain" in Path("page.html").read_text("utf-8")
