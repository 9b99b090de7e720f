"""Named pipes: with a partner they work, and without one nobody waits."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command.running import run, subprocess_run
from utils.files import pipes
from utils.files.pipes import is_named_pipe, opened_to_read, opened_to_write

PIPE = "pipe"
INPUTS = {
    "archive": (PIPE,),
    "data": ("model.har", "-d", PIPE),
    "baseline": ("model.har", "--baseline", PIPE),
    "nms": ("model.har", "--nms-config", PIPE),
    "log of the compiler": ("model.har", "--dfc-log", PIPE),
    "script": ("--lint-script", PIPE),
    "network of a script": ("--lint-script", "a.alls", "--har", PIPE),
    "reference": ("model.har", "--reference", PIPE),
    "outputs of the chip": ("model.har", "--device-outputs", PIPE),
    "configuration": ("model.har", "--config", PIPE),
}
OUTPUTS = ("json", "html", "junit", "sarif", "markdown", "output-model-script")


@pytest.fixture(autouse=True)
def pipe() -> None:
    os.mkfifo(PIPE)
    Path("a.alls").write_text("model_optimization_flavor(optimization_level=0)\n")


def status_of(*argv: str) -> int:
    try:
        return run(*argv)
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.mark.parametrize("argv", INPUTS.values(), ids=INPUTS)
def test_what_nobody_writes_is_not_waited_for(
    har: str, argv: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(*argv) == 2
    shown = capsys.readouterr()
    assert (shown.err + shown.out).count("pipe cannot be read: it is a pipe") == 1


@pytest.mark.parametrize("option", OUTPUTS)
def test_what_nobody_reads_is_not_waited_for(
    har: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(har, f"--{option}", PIPE) == 2
    said = f"{PIPE} cannot be written: it is a pipe, and nobody reads from it"
    assert said in capsys.readouterr().out


def test_a_log_that_nobody_reads_is_written_elsewhere(
    har: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(har, "--log-path", PIPE) == 0
    said = f"The log {PIPE} cannot be written (it is a pipe, and nobody reads from it)"
    assert said in capsys.readouterr().out


def in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_reader_gets_the_whole_report(har: str) -> None:
    read: list[str] = []
    reader = in_thread(lambda: read.append(Path(PIPE).read_text("utf-8")))
    assert run(har, "--json", PIPE) == 0
    reader.join(30)
    assert json.loads(read[0])["schema_version"] == 2


def test_a_reader_gets_the_log(har: str) -> None:
    read: list[str] = []
    reader = in_thread(lambda: read.append(Path(PIPE).read_text("utf-8")))
    assert run(har, "--log-path", PIPE, "--no-debug") == 0
    reader.join(30)
    assert "Verdict: " in read[0] or "Summary: " in read[0]


@pytest.mark.parametrize("waiting_s", [0.0, 0.3])
def test_what_somebody_writes_is_read(har: str, waiting_s: float) -> None:
    def write() -> None:
        time.sleep(waiting_s)
        Path(PIPE).write_text("quiet = 'error'\n")

    writer = in_thread(write)
    assert run(har, "--config", PIPE) == 0
    writer.join(30)


def test_what_a_shell_makes_is_no_named_pipe(har: str) -> None:
    reading, writing = os.pipe()
    try:
        assert not is_named_pipe(f"/dev/fd/{reading}")
    finally:
        os.close(reading)
        os.close(writing)
    script = Path("a.alls").read_text()
    assert subprocess_run("--lint-script", "/dev/stdin", input=script).returncode == 0


def test_who_is_slow_to_write_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipes, "PARTNER_S", 0.05)
    reading = os.open(PIPE, os.O_RDONLY | os.O_NONBLOCK)
    writing = opened_to_write(PIPE)
    os.close(reading)
    reading = opened_to_read(PIPE, os.O_RDONLY)  # it is open, and holds nothing yet
    os.write(writing, b"late")
    assert os.read(reading, 9) == b"late"
    os.close(writing)
    os.close(reading)


def test_a_pipe_of_a_shell_is_told_as_data(
    har: str, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As of ``-d <(gunzip -c calibset.npy.gz)``; data are read by another process."""
    reads, writes = os.pipe()
    try:
        assert status_of(har, "-d", f"/dev/fd/{reads}") == 2
    finally:
        os.close(reads)
        os.close(writes)
    assert f"/dev/fd/{reads} cannot be read: it is a pipe" in capsys.readouterr().err


def test_a_stream_of_this_process_is_no_data(
    har: str, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with open(data, "rb") as stream:
        assert status_of(har, "-d", f"/dev/fd/{stream.fileno()}") == 2
    assert "cannot be read as data; pass the path of the file" in capsys.readouterr().err
    assert status_of(har, "-d", data, "--quick") == 0
