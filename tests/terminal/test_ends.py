"""How the command ends: statuses that were promised, and a sentence for what nobody expected."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.har.samples import ROOT
from tests.terminal.program import OPENING, ran
from utils.terminal import ends


@pytest.mark.parametrize("status", [0, 1, 2, 130])
def test_promised_statuses_stay(status: int) -> None:
    assert ends.status_of(status) == status


@pytest.mark.parametrize("status", [3, -2, 120, 255])
def test_other_statuses_are_failures(status: int) -> None:
    assert ends.status_of(status) == 2


@pytest.mark.parametrize(("code", "status"), [(None, 0), (0, 0), (2, 2), (7, 2), ("words", 2)])
def test_who_ends_the_process_does_so_with_a_promised_status(code: object, status: int) -> None:
    with pytest.raises(SystemExit) as stop, ends.promised_status():
        raise SystemExit(code)
    assert stop.value.code == status


KEPT = """
import atexit, sys, threading, time
class Kept:
    def __del__(self): print("taken apart", flush=True)
ends.leave_things_where_they_are()
atexit.register(print, "called at the end", flush=True)
threading.Thread(target=lambda: time.sleep(0.1) or print("thread", flush=True)).start()
kept = Kept()
"""


def test_what_is_held_is_left_where_it_is_and_what_is_registered_is_called() -> None:
    def said(end: str) -> tuple[int, list[str]]:
        done = subprocess.run(
            [sys.executable, "-c", f"{OPENING}{KEPT}{end}"],
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        return done.returncode, done.stdout.splitlines()

    called = ["thread", "called at the end"]
    assert said("sys.exit(1)") == (1, [*called, "taken apart"])
    assert said("sys.exit(ends.last_status(1))") == (1, called)
    assert said("sys.exit(ends.last_status(7))") == (2, called)


def test_what_nobody_expected_is_a_sentence() -> None:
    status, said = ran("ends.end_on_the_unexpected(); {}['absent']")
    assert status == 2
    assert said == "[error] this is a fault of the tool, please report it (KeyError: 'absent')\n"


def test_missing_memory_is_no_fault_of_the_tool() -> None:
    status, said = ran("ends.end_on_the_unexpected(); raise MemoryError")
    assert (status, said) == (2, "[error] the memory does not suffice\n")


def test_an_interruption_of_the_last_steps_says_nothing_and_keeps_what_was_printed() -> None:
    lines = (
        "import signal\n"
        "ends.end_on_the_unexpected()\ninterruptions.raise_on_interruption()\n"
        "sys.stderr.write('Verdict')\nsignal.raise_signal(signal.SIGINT)\n"
    )
    assert ran(lines) == (130, "Verdict")
