"""The other process ends with this one, whatever it does, and takes nothing from elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.har.samples import ROOT
from utils.backends.process.engine import EngineProcess
from utils.backends.process.messages import Kind

LEAVING = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from utils.backends.process.engine import EngineProcess
engine = EngineProcess("embedded")
print(engine._process.pid, flush=True)
time.sleep(float(sys.argv[2]))
os._exit(0)
"""
SECONDS = 30.0  # the machine may be busy; a process that never ends would take longer


def is_running(pid: int) -> bool:
    """Whether a process computes or waits; one that nobody has buried does neither."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("after_s", [0.0, 1.0])
def test_it_ends_when_its_parent_dies(after_s: float) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEAVING, str(ROOT), str(after_s)], capture_output=True, text=True
    )
    end = time.monotonic() + SECONDS
    while is_running(int(done.stdout)):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_it_is_out_of_reach_of_the_terminal() -> None:
    engine = EngineProcess("embedded")
    try:
        assert os.getsid(engine._process.pid) == engine._process.pid != os.getsid(0)
    finally:
        engine.close()
    assert engine.has_ended
    assert engine.receive() is None


def test_modules_of_the_current_folder_are_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "utils").mkdir()
    (tmp_path / "utils" / "__init__.py").write_text("raise SystemExit('hostile')")
    monkeypatch.chdir(tmp_path)
    engine = EngineProcess("sdk")  # which imports nothing that takes long
    try:
        engine.send(Kind.OPEN, b"no bundle")
        while (message := engine.receive(SECONDS)) is not None and message.kind is Kind.ALIVE:
            pass
        assert message is not None
        assert message.kind is Kind.REFUSED
    finally:
        engine.close()
