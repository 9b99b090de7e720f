from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from utils import environment

ROOT = Path(__file__).resolve().parent.parent


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


def test_a_bare_interpreter_hands_over_to_the_environment(tmp_path: Path) -> None:
    """-S leaves site-packages out, as in an interpreter where nothing was installed."""
    interpreter = tmp_path / "bin" / "python"
    interpreter.parent.mkdir()
    interpreter.write_text("#!/bin/sh\necho handed over: $2 $3\n", encoding="utf-8")
    interpreter.chmod(0o755)
    program = (
        "import sys; from pathlib import Path; from utils.environment import ensure_packages\n"
        f"sys.argv = ['main.py', '-d', 'x.npy']\nensure_packages(Path({str(interpreter)!r}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout == "handed over: -d x.npy\n"
