from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from utils.options import environment

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_happens_where_nothing_is_missing(tmp_path: Path) -> None:
    environment.ensure_packages(tmp_path / "no" / "python")


def test_without_an_environment_one_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "REQUIRED", ("numpy", "no_such_package"))
    with pytest.raises(SystemExit) as stop:
        environment.ensure_packages(tmp_path / "no" / "python")
    assert stop.value.code == 2
    assert "no_such_package; run `make demo`" in capsys.readouterr().err


def interpreter_in(folder: Path) -> Path:
    """A program in the place of the environment's Python that says that it was called."""
    interpreter = folder / "environment" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.write_text("#!/bin/sh\necho handed over: $2 $3\n", encoding="utf-8")
    interpreter.chmod(0o755)
    return interpreter


def said_by(folder: Path, packages: Sequence[str]) -> str:
    """What comes of a run where nothing but these packages is installed.

    -S leaves site-packages out, as in an interpreter where nothing was installed.
    """
    for name in packages:
        (folder / f"{name}.py").write_text("raise ImportError('nothing is to be imported')\n")
    program = (
        "import sys; from pathlib import Path\n"
        "from utils.options.environment import ensure_packages\n"
        "sys.argv = ['main.py', '-d', 'x.npy']\n"
        f"ensure_packages(Path({str(interpreter_in(folder))!r}))\n"
        "print('went on')\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])},
    )
    return done.stdout.strip() or done.stderr


REQUIRED, FOR_DATA = environment.REQUIRED, environment.FOR_DATA
HANDED_OVER, WENT_ON = "handed over: -d x.npy", "went on"


@pytest.mark.parametrize(
    ("packages", "said"),
    [
        ([*REQUIRED, *FOR_DATA], WENT_ON),  # jinja2 is for pages only
        ([], HANDED_OVER),
        ([*REQUIRED, "tensorflow", "tqdm"], HANDED_OVER),
        ([*FOR_DATA, "numpy"], HANDED_OVER),
        ([*REQUIRED, "hailo_sdk_client"], WENT_ON),
        ([*REQUIRED, "hailo_sdk_client", "tensorflow"], WENT_ON),
        (["numpy", "hailo_sdk_client", *FOR_DATA], HANDED_OVER),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else None,
)
def test_an_interpreter_is_left_for_what_it_lacks(
    packages: list[str], said: str, tmp_path: Path
) -> None:
    assert said_by(tmp_path, packages) == said


def test_the_command_is_handed_over_once_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The interpreter there may be a link to this one, which would hand over again."""
    monkeypatch.setattr(environment, "REQUIRED", ("numpy", "no_such_package"))
    monkeypatch.setenv(environment.HANDED_OVER, "1")
    with pytest.raises(SystemExit) as stop:
        environment.ensure_packages(interpreter_in(tmp_path))
    assert stop.value.code == 2
    assert "has no package no_such_package" in capsys.readouterr().err


def test_an_interpreter_that_cannot_be_run_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "REQUIRED", ("numpy", "no_such_package"))
    monkeypatch.setenv(environment.HANDED_OVER, "")
    interpreter = interpreter_in(tmp_path)
    interpreter.chmod(0o644)
    with pytest.raises(SystemExit) as stop:
        environment.ensure_packages(interpreter)
    assert stop.value.code == 2
    assert "has no package no_such_package" in capsys.readouterr().err


def test_paths_with_blanks_are_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "REQUIRED", ("numpy", "no_such_package"))
    monkeypatch.setattr(environment, "ROOT", Path("/my tools/aid"))
    with pytest.raises(SystemExit):
        environment.ensure_packages(tmp_path / "no" / "python")
    assert "`pip install -r '/my tools/aid/requirements.txt'`" in capsys.readouterr().err


def test_an_environment_whose_python_is_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after an upgrade of the system, which took the Python along that it was made with."""
    monkeypatch.setattr(environment, "REQUIRED", ("numpy", "no_such_package"))
    interpreter = interpreter_in(tmp_path)
    interpreter.unlink()
    interpreter.symlink_to(tmp_path / "python3.10")
    with pytest.raises(SystemExit) as stop:
        environment.ensure_packages(interpreter)
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert f"the Python that {tmp_path / 'environment'} was made with is gone; run `make" in said


def test_an_environment_of_another_user_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As of one that an administrator made with a Python of their own folder."""
    monkeypatch.setattr(environment, "REQUIRED", ("numpy", "no_such_package"))
    interpreter = interpreter_in(tmp_path)
    status = os.stat

    def closed(path: str, **how: bool) -> os.stat_result:
        if path == str(interpreter):
            raise PermissionError(path)
        return status(path, **how)

    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with monkeypatch.context() as patched, pytest.raises(SystemExit) as stop:
        patched.setattr(os, "stat", closed)
        environment.ensure_packages(interpreter)
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert f"only another user may use {tmp_path / 'environment'}; run `pip install -r" in said
    assert "in an environment of your own" in said


def test_this_python_is_no_older_than_it_has_to_be(tmp_path: Path) -> None:
    environment.ensure_python(tmp_path / "no" / "python")


def told_by_an_old_one(interpreter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    with pytest.raises(SystemExit) as stop:
        environment.ensure_python(interpreter)
    assert stop.value.code == 2


def test_a_python_that_is_too_old_says_which_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told_by_an_old_one(tmp_path / "no" / "python", monkeypatch)
    said = capsys.readouterr().err
    assert "is Python 3.8, and Python 3.10 to 3.13 is needed; run `make PYTHON=" in said


def test_an_environment_of_an_old_python_is_removed_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    interpreter = interpreter_in(tmp_path)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environment"))
    told_by_an_old_one(interpreter, monkeypatch)
    assert f"needed; remove {tmp_path / 'environment'}, then run" in capsys.readouterr().err


def test_one_file_is_started_with_a_later_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "is_checkout", lambda: False)
    monkeypatch.setattr(sys, "argv", ["my aid.pyz", "model.har"])
    told_by_an_old_one(tmp_path / "no" / "python", monkeypatch)
    assert "start it with one, as in `python3.12 'my aid.pyz'`" in capsys.readouterr().err


def test_an_old_python_hands_over_to_the_environment(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from utils.options.environment import ensure_python\n"
        "sys.version_info = (3, 8, 18); sys.argv = ['main.py', '-d', 'x.npy']\n"
        f"ensure_python(Path({str(interpreter_in(tmp_path))!r}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.strip() == HANDED_OVER, done.stderr


READ_FIRST = ["main.py", *(f"utils/{name}.py" for name in ("__init__", "tool"))]


@pytest.mark.parametrize(
    "path", [*READ_FIRST, "utils/options/__init__.py", "utils/options/environment.py"]
)
def test_what_is_read_first_can_be_read_by_old_pythons(path: str) -> None:
    ast.parse((ROOT / path).read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize("version", ["3.7", "3.8", "3.9"])
def test_old_pythons_say_so_in_one_sentence(version: str, tmp_path: Path) -> None:
    """Those that are installed; without an environment of the project."""
    old = shutil.which(f"python{version}")
    if old is None or subprocess.run([old, "-c", ""], capture_output=True).returncode:
        pytest.skip(f"no Python {version} here")
    done = subprocess.run(
        [old, str(ROOT / "main.py"), "model.har"],
        capture_output=True,
        text=True,
        env={**os.environ, environment.HANDED_OVER: "1"},
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"is Python {version}, and" in done.stderr
