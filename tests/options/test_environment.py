from __future__ import annotations

import os
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
