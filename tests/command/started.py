"""Processes that a test has started, also those that these have started themselves."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

MARK = "FIRST_AID_TEST"  # in the environment, which every process hands on to those it starts


def new_mark() -> dict[str, str]:
    """An addition to the environment that nobody else has."""
    return {MARK: f"{os.getpid()}-{time.monotonic_ns()}"}


def marked(mark: dict[str, str]) -> list[int]:
    """Numbers of all processes with a mark, whatever their group and session."""
    found = []
    wanted = "=".join(*mark.items()).encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:  # noqa: PERF203  it ended, or belongs to somebody else
            continue
    return found


@contextmanager
def ended_on_failure(mark: dict[str, str]) -> Iterator[None]:
    """End all marked processes if what is done meanwhile fails.

    The group of the first does not do: the engine has a session of its own.
    """
    try:
        yield
    except BaseException:
        while numbers := marked(mark):  # one may start another meanwhile
            for number in numbers:
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            time.sleep(0.02)
        raise


def run_whole(
    argv: Sequence[str], seconds: float, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run to the end; nothing that it started is left behind if it takes longer.

    Raises
    ------
    TimeoutExpired : it took longer.
    """
    mark = new_mark()
    env = {**os.environ, **mark, **environ}
    pipe = subprocess.PIPE
    started = subprocess.Popen(argv, stdout=pipe, stderr=pipe, text=True, env=env)
    with started as process, ended_on_failure(mark):
        out, errors = process.communicate(timeout=seconds)
    return subprocess.CompletedProcess(argv, process.returncode, out, errors)
