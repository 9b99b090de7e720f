"""A fleet over processes of their own, some of which are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from diagnosis.fleet.cluster import PATIENCE
from diagnosis.fleet.command import LOG
from tests.diagnosis.fleet.fleets import archives, timeless
from tests.diagnosis.fleet.processes import example, finished, free_port, started, wait_for
from tests.fixtures.documents import assert_close
from tests.har.samples import ROOT

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow
NAMES = ("a", "b", "c", "d", "e", "f")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nets")
    archives(folder, *NAMES)
    path = folder / "fleet.toml"
    path.write_text(
        'data = "x.npy"\n[[archives]]\narchive = "*.har"\n[options."*"]\nbatch-size = 4\n'
    )
    return path


@pytest.fixture(scope="module")
def undisturbed(plan: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("undisturbed")
    with started(["./main.py", "fleet", f"{plan}", "--results", f"{folder}"]) as command:
        said = finished(command)
        assert command.returncode == 0, said
    return table(folder)


def table(folder: Path) -> Any:
    found = json.loads((folder / "fleet.json").read_text("utf-8"))
    assert [row["name"] for row in found["rows"]] == list(NAMES)
    return timeless(found)


def kept(folder: Path) -> list[Path]:
    return list(folder.rglob("*.npz"))


def log(folder: Path) -> str:
    path = folder / LOG
    return path.read_text("utf-8") if path.exists() else ""


def test_the_example_of_the_page_loses_a_worker(
    plan: Path, undisturbed: Any, tmp_path: Path
) -> None:
    import distributed

    port = free_port()
    scheduler, one, other, command = example(port, plan)
    with started(scheduler), started(one), started(other):
        with started([*command, "--results", f"{tmp_path}"]) as fleet:
            wait_for(lambda: kept(tmp_path), fleet)
            with distributed.Client(f"tcp://127.0.0.1:{port}", set_as_default=False) as client:
                workers = client.run(os.getpid)
                assert len(workers) == 2
                os.kill(next(iter(workers.values())), signal.SIGKILL)
            said = finished(fleet)
        assert fleet.returncode == 0, said
    assert_close(table(tmp_path), undisturbed)


def test_a_run_that_was_killed_goes_on(plan: Path, undisturbed: Any, tmp_path: Path) -> None:
    command = ["./main.py", "fleet", f"{plan}", "--results", f"{tmp_path}", "--workers", "1"]
    with started(command) as fleet:
        wait_for(lambda: len(kept(tmp_path)) > 1, fleet)
        os.killpg(fleet.pid, signal.SIGKILL)
    before = {path: path.stat().st_mtime_ns for path in kept(tmp_path)}
    assert 0 < len(before) < len(NAMES)
    with started(command) as fleet:
        said = finished(fleet)
        assert fleet.returncode == 0, said
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert_close(table(tmp_path), undisturbed)


def test_ctrl_c_keeps_what_is_done(plan: Path, undisturbed: Any, tmp_path: Path) -> None:
    command = ["./main.py", "fleet", f"{plan}", "--results", f"{tmp_path}", "--workers", "1"]
    with started(command) as fleet:
        # Of two, the first one is known to the command as well.
        wait_for(lambda: len(list(tmp_path.glob("archives/[a-f]/row.json"))) > 1, fleet)
        os.killpg(fleet.pid, signal.SIGINT)  # as a terminal does it, to all processes at once
        said = finished(fleet)
    assert fleet.returncode == 130, said
    assert "Traceback" not in said
    found = table(tmp_path)
    assert found["is_interrupted"]
    codes = [row["code"] for row in found["rows"]]
    assert 0 in codes
    assert 2 in codes
    with started(command) as fleet:
        assert fleet.wait(240) == 0
    assert_close(table(tmp_path), undisturbed)


def test_ctrl_c_while_the_workers_start(plan: Path, tmp_path: Path) -> None:
    with started(["./main.py", "fleet", f"{plan}", "--results", f"{tmp_path}"]) as fleet:
        wait_for(lambda: "core" in log(tmp_path), fleet)
        os.killpg(fleet.pid, signal.SIGINT)
        said = finished(fleet)
    assert fleet.returncode == 130, said
    assert "Traceback" not in said
    assert "Interrupted" in said


def test_a_scheduler_that_nobody_reaches_is_given_up_at_once(plan: Path, tmp_path: Path) -> None:
    scheduler = f"tcp://127.0.0.1:{free_port()}"
    command = ["./main.py", "fleet", f"{plan}", "--results", f"{tmp_path}"]
    with started([*command, "--scheduler", scheduler]) as fleet:
        wait_for(lambda: f"Asking the scheduler {scheduler}" in log(tmp_path), fleet)
        fleet.send_signal(signal.SIGTERM)
        began = time.monotonic()
        said = finished(fleet)
    assert time.monotonic() - began < PATIENCE
    assert fleet.returncode == 130, said
    assert "Traceback" not in said


def test_a_scheduler_that_cannot_import_the_tool_is_refused(plan: Path, tmp_path: Path) -> None:
    scheduler, one, _, command = example(free_port(), plan)
    command += ["--results", f"{tmp_path}"]
    with started(scheduler[1:]), started(one), started(command) as fleet:
        said = finished(fleet)
    assert fleet.returncode == 2, said
    assert "the scheduler cannot run this tool" in said


def test_a_scheduler_that_is_started_anew(plan: Path, undisturbed: Any, tmp_path: Path) -> None:
    scheduler, one, _, command = example(free_port(), plan)
    with started([*command, "--results", f"{tmp_path}"]) as fleet:
        with started(scheduler), started(one):
            wait_for(lambda: kept(tmp_path), fleet)
        with started(scheduler), started(one):  # a worker ends with its scheduler
            said = finished(fleet)
            assert fleet.returncode == 0, said
    assert_close(table(tmp_path), undisturbed)


def test_nobody_else_reaches_a_cluster_of_this_machine(tmp_path: Path) -> None:
    code = """
import sys, psutil
from diagnosis.fleet.cluster import connected
if __name__ == "__main__":
    with connected("", 2, sys.argv[1], False) as client:
        client.wait_for_workers(2)
        own = psutil.Process()
        for process in [own, *own.children(recursive=True)]:
            for each in process.net_connections():
                print(each.laddr.ip)
"""
    script = tmp_path / "listening.py"
    script.write_text(code)
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}"}
    shown = subprocess.run(
        [sys.executable, f"{script}", f"{tmp_path}"],
        capture_output=True,
        text=True,
        check=True,
        env=environ,
    )
    addresses = shown.stdout.split()
    assert len(addresses) >= 3
    assert set(addresses) == {"127.0.0.1"}
    assert "8787" not in shown.stderr
