"""Faults of the machine and of the process: a promised status and a sentence, no traceback."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from diagnosis import diagnosing
from tests.command.running import run
from tests.command.started import run_whole
from tests.har.samples import ROOT

HAR = "model.har"  # as the fixture `har` names it
COMMAND = f"{sys.executable} {ROOT / 'main.py'} --no-interactive"
NO_STATUS_BUT = (0, 1, 2, 130)
SECONDS = 600.0  # that a line may take


def rows(table: Mapping[str, Any], *fast: str) -> list[Any]:
    """A row a test; those that are not named run with the slow tests only."""
    return [
        pytest.param(
            *(row if isinstance(row, tuple) else (row,)),
            id=name,
            marks=() if name in fast else pytest.mark.slow,
        )
        for name, row in table.items()
    ]


def shell(line: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A line of bash in the current folder; `$M` is the command.

    What takes too long is ended with all that it started.
    """
    done = run_whole(
        ["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"], SECONDS, M=COMMAND, **environ
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode in NO_STATUS_BUT
    return done


FULL, CLOSED = "the disk is full", "it is closed"
LOST = {
    "quiet": (f"$M {HAR} >/dev/null", 0, ""),
    "help-reader-gone": ("$M --help | true", 0, ""),
    "list-reader-gone": ("$M --list | true", 0, ""),
    "diagnosis-full": (f"$M {HAR} >/dev/full", 2, FULL),
    "lint-full": ("$M --lint-script a.alls >/dev/full", 2, FULL),
    "help-full": ("$M --help >/dev/full", 2, FULL),
    "version-full": ("$M --version >/dev/full", 2, FULL),
    "list-full": ("$M --list >/dev/full", 2, FULL),
    "explain-full": ("$M --explain low-snr >/dev/full", 2, FULL),
    "completion-full": ("$M --print-completion bash >/dev/full", 2, FULL),
    "diagnosis-closed": (f"$M {HAR} >&-", 2, CLOSED),
    "list-closed": ("$M --list >&-", 2, CLOSED),
    "explain-closed": ("$M --explain low-snr >&-", 2, CLOSED),
}


@pytest.mark.parametrize(("line", "status", "said"), LOST.values(), ids=LOST)
def test_results_that_do_not_arrive_are_told(har: str, line: str, status: int, said: str) -> None:
    Path("a.alls").write_text("model_optimization_flavor(optimization_level=0)\n")
    done = shell(line)
    assert done.returncode == status
    wanted = f"[error] standard output cannot be written: {said}\n" if said else ""
    assert done.stderr == wanted


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_report_to_a_closed_stream_lands_in_no_other_file(har: str, stream: str) -> None:
    number = {"stdout": 1, "stderr": 2}[stream]
    done = shell(f"$M --json /dev/{stream} {HAR} {number}>&-")
    assert done.returncode == 2
    log = Path("diagnostic_tool.log").read_text("utf-8")
    assert "schema_version" not in log
    assert f"/dev/{stream} cannot be written: Bad file descriptor" in log


def test_a_log_that_does_not_arrive_is_told_once(har: str) -> None:
    done = shell(f"$M --log-path /dev/full {HAR}")
    assert done.returncode == 0
    assert (
        done.stdout.count("[warning] The log /dev/full cannot be written (the disk is full)") == 1
    )


def test_a_debug_log_whose_name_is_too_long_is_named(har: str) -> None:
    done = shell(f"$M --log-path {'n' * 251}.log {HAR}".replace("n.log", ""))
    assert done.returncode == 0
    assert done.stdout.count("[warning] The log ") == 1
    assert "_debug cannot be written (File name too long), nor a temporary one" in done.stdout
    assert sorted(os.listdir()) == [HAR, "n" * 250]


INPUTS = {
    "log": ("--log-path c.log --dfc-log c.log", "the log would be written to c.log"),
    "default-log": ("--dfc-log diagnostic_tool.log", "the log would be written to"),
    "debug-log": ("--dfc-log .diagnostic_tool_debug.log", "the debug log would be written to"),
    "nms": ("--nms-config c.log --log-path c.log", "the log would be written to c.log"),
    "baseline": ("--baseline c.log --json c.log", "a result would be written to c.log"),
    "archive": (f"--json {HAR}", "a result would be written to"),
    "data": ("-d x.npy --html x.npy", "a result would be written to x.npy"),
    "symbolic-link": ("--json soft.har", "a result would be written to"),
    "hard-link": ("--json hard.har", "a result would be written to"),
    "descriptor": (f"--json /dev/fd/3 3>>{HAR}", "a result would be written to"),
    "output": (f">>{HAR}", "standard output goes to"),
    "errors": (f"2>>{HAR}", "standard error goes to"),
    "in-the-data": ("-d samples --json samples/1.npy", "which may be read as data"),
    "by-pattern": ("-d 'samples/*.npy' --json samples/1.npy", "which is read"),
}


@pytest.mark.parametrize(
    ("options", "said"), rows(INPUTS, "log", "debug-log", "data", "hard-link", "output")
)
def test_inputs_are_never_written(har: str, options: str, said: str) -> None:
    os.symlink(HAR, "soft.har")
    os.link(HAR, "hard.har")
    os.mkdir("samples")
    for name in ("c.log", "x.npy", "diagnostic_tool.log", ".diagnostic_tool_debug.log"):
        Path(name).write_bytes(b"as it was")
    Path("samples/1.npy").write_bytes(b"as it was")
    before = contents()
    done = shell(f"$M {HAR} {options}")
    assert done.returncode == 2
    assert said in done.stderr + done.stdout
    assert contents() == before


def contents() -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path().rglob("*")
        if path.is_file()
    }


def test_outputs_that_are_no_inputs_are_written(har: str) -> None:
    assert shell(f"$M {HAR} --json report.json").returncode == 0
    assert Path("report.json").exists()


STARTS = {
    "isolated": (f"{sys.executable} -I {ROOT / 'main.py'} --no-interactive {HAR}", 0),
    "safe-path": (f"PYTHONSAFEPATH=1 $M {HAR}", 0),
    "without-docstrings": (f"{sys.executable} -OO {ROOT / 'main.py'} --explain low-snr", 0),
    "no-home": (f"env -u HOME $M {HAR}", 0),
    "no-temporary-folder": (f"TMPDIR=/nonexistent $M {HAR}", 0),
    "too-few-files": (f"ulimit -n 5; $M {HAR}", 2),
}


@pytest.mark.parametrize(("line", "status"), rows(STARTS, "isolated", "without-docstrings"))
def test_it_starts_in_any_python(har: str, line: str, status: int) -> None:
    done = shell(line)
    assert done.returncode == status, done.stderr
    assert "[warning] " not in done.stderr
    if status:
        assert "may open no more files (ulimit -n)" in done.stdout + done.stderr
    elif "--explain" in line:
        assert done.stdout.startswith("low-snr (")
        assert "The SNR of a layer" in done.stdout
    else:
        assert "Verdict: " in done.stdout


@pytest.mark.parametrize("package", ["numpy", pytest.param("termcolor", marks=pytest.mark.slow)])
@pytest.mark.parametrize("raised", ["OSError", "SyntaxError", "AttributeError", "MemoryError"])
def test_a_broken_package_is_named(har: str, package: str, raised: str) -> None:
    os.mkdir("broken")
    Path(f"broken/{package}.py").write_text(f"raise {raised}('it does not load')\n")
    done = shell(f"$M {HAR}", PYTHONPATH="broken")
    assert done.returncode == 2
    assert f"the package {package} cannot be imported" in done.stderr
    reason = "the memory does not suffice" if raised == "MemoryError" else "it does not load"
    assert reason in done.stderr


def test_a_package_that_is_missing_is_named(har: str) -> None:
    os.mkdir("broken")
    Path("broken/termcolor.py").write_text("raise ModuleNotFoundError('no', name='termcolor')\n")
    done = shell(f"$M {HAR}", PYTHONPATH="broken")
    assert done.returncode == 2
    assert "the package termcolor cannot be imported (no); run `pip install -r" in done.stderr


TENSORFLOW = {
    "OSError": "raise OSError('it does not load')",
    "SystemExit": "raise SystemExit(3)",
    "MemoryError": "raise MemoryError",
    "empty": "",
}


@pytest.mark.parametrize("where", ["another process", "this one"])
@pytest.mark.parametrize("content", rows(TENSORFLOW, "MemoryError"))
def test_a_tensorflow_that_does_not_load_leaves_the_static_part(
    har: str, data: str, content: str, where: str
) -> None:
    os.makedirs("broken/tensorflow")
    Path("broken/tensorflow/__init__.py").write_text(content)
    alone = "" if where == "another process" else "1"
    line = f"$M -d {data} --json report.json {HAR}"
    done = shell(line, PYTHONPATH="broken", FIRST_AID_IN_PROCESS=alone)
    assert done.returncode == 2
    assert "TensorFlow cannot be imported" in done.stdout
    assert "Verdict: " in done.stdout
    assert Path("report.json").exists()


def test_what_nobody_expected_is_told_and_can_be_reported(
    har: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*_: object) -> None:
        raise KeyError("absent")

    monkeypatch.setattr(diagnosing, "context_of", failing)
    assert run(har) == 2
    shown = capsys.readouterr().out
    assert "this is a fault of the tool, please report it (KeyError: 'absent')" in shown
    assert "Traceback" not in shown
    debug_log = ".diagnostic_tool_debug.log"
    assert f"details: {debug_log}" in shown
    assert "Traceback" in Path(debug_log).read_text("utf-8")


ENOUGH_KIB = 100_000  # on one processor, with the oldest packages
LITTLE_KIB = (40_000, 80_000, 100_000, 120_000, 130_000, 135_000, 140_000, 150_000)


@pytest.mark.parametrize("limit", rows({str(limit): limit for limit in LITTLE_KIB}, "100000"))
def test_memory_that_does_not_suffice_for_the_archive_is_told(har: str, limit: int) -> None:
    done = shell(f"ulimit -v {limit}; $M {har}")
    said = done.stderr + done.stdout
    assert not re.search("OpenBLAS|Interrupted|Exception ignored", said)
    if done.returncode == 0:  # with one processor numpy needs less
        assert limit >= ENOUGH_KIB
        assert "Verdict" in said
    else:
        assert done.returncode == 2
        assert "the memory does not suffice" in said or "no more threads" in said


MEMORY_KIB = [1_300_000, 1_600_000, 1_900_000]


@pytest.mark.slow
@pytest.mark.parametrize("limit", MEMORY_KIB)
def test_memory_that_does_not_suffice_leaves_the_static_part(
    har: str, data: str, limit: int
) -> None:
    done = shell(f"ulimit -v {limit}; $M -d {data} --json report.json {HAR}")
    assert "Verdict: " in done.stdout
    assert Path("report.json").exists()
    if done.returncode:
        assert "memory" in done.stdout


@pytest.mark.slow
def test_the_end_of_the_other_process_leaves_the_static_part(har: str, data: str) -> None:
    command = f"$M -d {data} --json report.json --html page.html {HAR}"
    kill = "until pkill -KILL -P $! ; do sleep 0.02; done"
    done = shell(f"{command} & {kill}; wait $!")
    assert done.returncode == 2
    assert "the process that runs the networks was ended by SIGKILL" in done.stdout
    assert "mostly the memory did not suffice" in done.stdout
    assert "Verdict: " in done.stdout
    assert Path("report.json").exists()
    assert Path("page.html").exists()
    assert "Last words" in Path(".diagnostic_tool_debug.log").read_text("utf-8")
