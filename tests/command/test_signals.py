"""A signal at any moment of a run: a status that was promised, nothing half-written or left."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command.started import ended_on_failure, marked, new_mark
from tests.har.samples import ROOT

SIGNALLED = Path(__file__).with_name("signalled.py")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 130
STATUSES = (0, 1, 2, INTERRUPTED)
SECONDS = 240  # a failure must not hang the tests
CHILD_SECONDS = 5.0  # that another process may take to end
MOMENTS, FEW_MOMENTS = 40, 4
NAMED = ("before link", "behind link", "before unlink", "behind unlink")
REPORTS = "--json r.json --html r.html --sarif r.sarif --junit r.xml --markdown r.md"
LOGS = {"diagnostic_tool.log", ".diagnostic_tool_debug.log"}
# How a report ends that is whole.
ENDS: dict[str, Callable[[str], bool]] = {
    "r.json": lambda text: bool(json.loads(text)),
    "r.html": lambda text: text.rstrip().endswith("</html>"),
    "r.sarif": lambda text: bool(json.loads(text)),
    "r.xml": lambda text: text.rstrip().endswith("</testsuites>"),
    "r.md": lambda text: bool(text),
}


def ended(number: int, moment: str, *argv: str) -> tuple[int, str]:
    """Run the command with reports in a folder where nothing but its inputs lies; judge it.

    Returns
    -------
    The exit status, and what was shown.
    """
    inputs = {name: Path(name).read_bytes() for name in os.listdir() if Path(name).is_file()}
    mark = new_mark()
    os.makedirs("tmp", exist_ok=True)
    with ended_on_failure(mark):
        done = subprocess.run(
            [sys.executable, SIGNALLED, str(int(number)), moment, ROOT / "main.py", *argv],
            env={**os.environ, "TMPDIR": os.path.abspath("tmp"), **mark},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=SECONDS,
            preexec_fn=heard,
        )
    said = f"signal {number} at {moment}, status {done.returncode}: {done.stdout}"
    assert done.returncode in STATUSES, said
    assert not re.search("Traceback|Exception ignored|fault of the tool", done.stdout), said
    left = {name for name in os.listdir() if name != "tmp"}
    assert left <= {*inputs, *ENDS, *LOGS}, said
    assert not os.listdir("tmp"), said
    assert all(Path(name).read_bytes() == content for name, content in inputs.items()), said
    for name in left & set(ENDS):
        assert ENDS[name](Path(name).read_text("utf-8")), said
    assert_gone(mark)
    for name in left - set(inputs):
        os.remove(name)
    return done.returncode, done.stdout


def heard() -> None:
    """Have signals heard that a shell, or nohup, has what it starts in the background ignore."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def assert_gone(mark: dict[str, str]) -> None:
    """No process with this in its environment is left, or will be in a moment."""
    end = time.monotonic() + CHILD_SECONDS
    while found := marked(mark):
        assert time.monotonic() < end, f"processes {found} go on"
        time.sleep(0.02)


def moments(count: int, *argv: str) -> list[str]:
    """Numbers of calls, evenly spread over a run behind the first few."""
    status, shown = ended(0, "0", *argv)
    assert status == 0
    (calls,) = re.findall(r"(\d+) calls\n", shown)
    # Before the command takes the signals over, the interpreter does with them what it does.
    return [str(int(calls) * (index + 1) // (count + 1)) for index in range(count)]


def swept(count: int, *argv: str) -> list[int]:
    """Statuses of runs, with the signals in turn."""
    found = []
    for index, moment in enumerate(moments(count, *argv)):
        found.append(ended(SIGNALS[index % len(SIGNALS)], moment, *argv)[0])
    return found


@pytest.mark.parametrize("number", SIGNALS[:2])  # the others by night
@pytest.mark.parametrize("moment", NAMED[1::2])
def test_between_writing_and_renaming(number: int, moment: str, har: str) -> None:
    status, _ = ended(number, moment, os.path.basename(har), *REPORTS.split())
    assert status == INTERRUPTED


def test_at_some_moments(har: str) -> None:
    assert INTERRUPTED in swept(FEW_MOMENTS, os.path.basename(har), *REPORTS.split())


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("moment", NAMED)
def test_around_every_step_of_writing(number: int, moment: str, har: str) -> None:
    status, _ = ended(number, moment, os.path.basename(har), *REPORTS.split())
    assert status == INTERRUPTED


@pytest.mark.slow
def test_at_many_moments(har: str) -> None:
    statuses = swept(MOMENTS, os.path.basename(har), *REPORTS.split())
    assert statuses.count(INTERRUPTED) > MOMENTS // 2


@pytest.mark.slow
def test_at_many_moments_with_data(har: str, data: str) -> None:
    names = (os.path.basename(har), "-d", os.path.basename(data))
    statuses = swept(MOMENTS, *names, *REPORTS.split())
    assert statuses.count(INTERRUPTED) > MOMENTS // 2
