"""The wheel: what is in it, and the command that it installs, run from another folder."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.har.archives import small_images, write_small
from tests.installed.environments import built_wheel, installed, run
from utils.tool import NAME, ROOT, VERSION

pytestmark = pytest.mark.slow
OURS = ("utils", "inspectors", "diagnosis", "main")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_wheel(tmp_path_factory)


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(wheel, tmp_path_factory.mktemp("environment"))


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_holds_the_whole_tree_in_one_folder(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"hailo_first_aid"}
    tree = [
        path.relative_to(ROOT).as_posix()
        for top in OURS[:3]
        for path in (ROOT / top).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    missing = {f"hailo_first_aid/{name}" for name in ("main.py", "__main__.py", *tree)} - names
    assert missing == set()
    assert not any("tests" in name or name.endswith("/setup.py") for name in names)


def test_building_it_leaves_nothing_in_the_checkout(wheel: Path) -> None:
    assert not (ROOT / "build" / "lib").exists()
    assert not list(ROOT.glob("*.egg-info"))


def test_nobody_else_can_import_what_is_in_it(programs: Path) -> None:
    for name in OURS:
        done = run(programs / "python", "-c", f"import {name}")
        assert f"No module named '{name}'" in done.stderr


@pytest.mark.parametrize(
    "argv", [["{bin}/hailo-first-aid"], ["{bin}/python", "-m", "hailo_first_aid"]]
)
def test_the_command_says_who_it_is(argv: list[str], programs: Path) -> None:
    command = [word.format(bin=programs) for word in argv]
    assert run(*command, "--version").stdout == f"{NAME} {VERSION}\n"
    wrong = run(*command, "--no-such-option")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("usage: hailo-first-aid [-d PATH] [options] model.har")
    assert "  NormInspector" in run(*command, "--help").stdout.replace(", ", "\n  ")


def test_an_archive_is_diagnosed_with_data_and_a_page(programs: Path, tmp_path: Path) -> None:
    har = write_small(tmp_path / "model.har")
    np.save("calibset.npy", small_images().astype(np.float32))
    files = ("--json", "report.json", "--html", "page.html", "--sarif", "report.sarif")
    done = run(programs / NAME, "-d", "calibset.npy", "--no-interactive", *files, har)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Verdict: " in done.stdout
    report = json.loads(Path("report.json").read_text("utf-8"))
    assert report["failures"] == []
    assert all("crashed" not in entry for entry in report["inspectors"])
    assert "hailo-first-aid --explain" in Path("page.html").read_text("utf-8")


def test_an_own_module_named_as_one_of_ours_does_no_harm(programs: Path, tmp_path: Path) -> None:
    har = write_small(tmp_path / "model.har")
    for name in OURS:
        Path(f"{name}.py").write_text("raise SystemExit('imported')\n", encoding="utf-8")
    done = run(programs / NAME, "--no-interactive", har)
    assert done.returncode == 0, done.stdout + done.stderr


def test_own_inspectors_are_written_as_for_a_checkout(programs: Path, tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    own = tmp_path / "own"
    own.mkdir()
    (own / "wide.py").write_text(readme.partition("```python\n")[2].partition("```")[0], "utf-8")
    done = run(programs / NAME, "--inspectors", own, "--explain", "wide-layer")
    assert "Found by WideLayerInspector: " in done.stdout
    har = write_small(tmp_path / "model.har")
    order = ("--order", "WideLayerInspector")
    done = run(programs / NAME, "--inspectors", own, "--no-interactive", har, *order)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Running inspector module: WideLayerInspector" in done.stdout


def test_the_man_page_is_installed(programs: Path) -> None:
    page = programs.parent / "share" / "man" / "man1" / f"{NAME}.1"
    assert page.read_bytes() == (ROOT / "docs" / f"{NAME}.1").read_bytes()
