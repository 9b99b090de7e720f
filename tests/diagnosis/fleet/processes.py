"""The example of the documentation: a scheduler, two workers and the command, each a process."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from docs.marked_blocks import block
from tests.har.samples import ROOT

PATIENCE = 240  # seconds; other processes may slow everything down
EXAMPLE_PORT, EXAMPLE_PLAN = "8786", "nets/fleet.yaml"
Process = subprocess.Popen[str]


def example(port: int, plan: Path) -> list[list[str]]:
    """The commands of the page, with another port and plan."""
    text = block((ROOT / "docs" / "fleets.md").read_text("utf-8"), "processes")
    lines = text.partition("```sh\n")[2].partition("```")[0].strip().splitlines()
    replaced = (
        each.replace(EXAMPLE_PORT, f"{port}").replace(EXAMPLE_PLAN, f"{plan}") for each in lines
    )
    return [shlex.split(each) for each in replaced]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def started(command: list[str]) -> Iterator[Process]:
    """A process in a group of its own, which is ended as a whole."""
    environ = dict(os.environ)
    while "=" in command[0]:
        name, _, value = command[0].partition("=")
        environ[name], command = value, command[1:]
    # As typed: with -m, Python would also look for modules in the current folder.
    dask = os.path.join(sysconfig.get_path("scripts"), "dask")
    programs = {"dask": [sys.executable, dask], "./main.py": [sys.executable, "main.py"]}
    process = subprocess.Popen(
        [*programs[command[0]], *command[1:]],
        cwd=ROOT,
        env=environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for(what: Callable[[], object], process: Process) -> None:
    """Wait until something is so, as long as the process runs."""
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, "it took too long"
        if process.poll() is not None:
            raise AssertionError(f"it ended with {process.returncode}: {process.communicate()[0]}")
        time.sleep(0.05)


def finished(process: Process) -> str:
    """What it says until its end."""
    said, _ = process.communicate(timeout=PATIENCE)
    return said
