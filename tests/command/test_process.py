"""The command as a process: signals, streams, files of the log, packages that it imports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.command.running import run, subprocess_run
from tests.har.archives import write_small
from tests.har.samples import ROOT


def test_a_signal_ends_the_process_without_a_traceback(tmp_path: Path) -> None:
    pipe = tmp_path / "endless.npy"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    model = write_small(tmp_path / "model.har")
    # A page is larger than what a pipe holds: its reader, who never reads, blocks the command.
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), model, "-v", "--html", str(pipe)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A shell that started the tests in the background has them ignore this signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    timer = threading.Timer(120, process.kill)  # a failure must not hang the tests
    timer.start()
    try:
        seen = ""
        while "Skipped ImageInspector" not in seen:
            line = process.stdout.readline()
            assert line
            seen += line
        process.send_signal(signal.SIGINT)
        seen += process.communicate()[0]
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        os.close(reader)
    assert process.returncode == 130
    assert "Traceback" not in seen


def test_a_reader_that_goes_away_ends_the_output_quietly(har: str) -> None:
    command = f"{sys.executable} {ROOT / 'main.py'} {har} --no-debug"
    done = subprocess.run(
        f"{command} | head -1; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("[info] Model net")
    assert "Summary: " in Path("diagnostic_tool.log").read_text("utf-8")


def test_a_process_without_standard_output_still_writes_its_log(har: str) -> None:
    command = f"{sys.executable} {ROOT / 'main.py'} {har} >&-"
    done = subprocess.run(command, shell=True, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "[error] standard output cannot be written: it is closed\n"
    assert "Summary: " in Path("diagnostic_tool.log").read_text("utf-8")


def test_without_a_terminal_no_question_is_asked(compressed: str) -> None:
    done = subprocess_run(compressed, "--output-model-script", "o.alls", stdin=subprocess.DEVNULL)
    assert done.returncode == 0
    assert Path("o.alls").exists()


@pytest.mark.parametrize("argv", [["--help"], ["--version"], []], ids=["help", "version", "static"])
def test_static_runs_import_no_tensorflow(har: str, argv: list[str]) -> None:
    program = (
        "import sys, main\n"
        "try:\n    code = main.main(sys.argv[1:])\n"
        "except SystemExit as stop:\n    code = stop.code\n"
        "heavy = {'tensorflow', 'PIL', 'tqdm'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *(argv or [har])],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_command_is_executable_as_it_stands() -> None:
    assert os.access(ROOT / "main.py", os.X_OK)
    assert (ROOT / "main.py").read_text("utf-8").startswith("#!/usr/bin/env python3\n")


@pytest.mark.parametrize("target", ["/dev/stdout", "/dev/fd/1"])
def test_a_report_on_standard_output_is_not_mixed_with_lines(har: str, target: str) -> None:
    done = subprocess_run(har, "--json", target)
    assert json.loads(done.stdout)["schema_version"] == 2
    assert "Verdict: " in done.stderr


def test_the_log_is_never_appended_to_the_archive(
    har: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Path(har).read_bytes()
    assert run(har, "--log-path", har) == 2
    assert Path(har).read_bytes() == before
    assert "--log-path" in capsys.readouterr().err


def test_the_debug_log_is_never_appended_to_the_archive(tmp_path: Path) -> None:
    har = write_small(tmp_path / ".run_debug.log")
    before = Path(har).read_bytes()
    assert run(har, "--log-path", str(tmp_path / "run.log")) == 2
    assert Path(har).read_bytes() == before


def test_names_that_the_terminal_cannot_show_lose_no_line(tmp_path: Path) -> None:
    path = write_small(tmp_path / "mod\u00e8le \u65e5\u672c.har")
    done = subprocess_run(
        path, "-d", "donn\u00e9es.npy", env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert done.returncode == 2
    assert "does not exist (donn\\xe9es.npy) [calibration-unreadable]" in done.stdout
    assert done.stderr == ""


def test_a_full_disk_behind_the_terminal_is_no_traceback(har: str) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, str(ROOT / "main.py"), har],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr == "[error] standard output cannot be written: the disk is full\n"
