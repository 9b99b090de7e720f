"""A process that gives no sign of life: told in time, ended where nobody can have it go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import cast

import pytest

from utils.backends.process.engine import EngineProcess
from utils.backends.process.messages import Kind, Message
from utils.backends.process.process_bench import ProcessBench
from utils.backends.process.silence import (
    ENDED_AFTER_S,
    SIGNS_EVERY_S,
    TOLD_AFTER_S,
    Silence,
    Standstill,
    standstill,
)
from utils.jobs.bundle import bundled
from utils.jobs.job import Job
from utils.jobs.measured import Measured
from utils.terminal.logger import LOGGER

JOB = Job("model.har", "x.npy", 8)


@pytest.fixture
def stopped() -> Iterator[int]:
    """A process that somebody stopped."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    os.kill(process.pid, signal.SIGSTOP)
    while standstill(process.pid) is not Standstill.STOPPED:
        time.sleep(0.01)
    yield process.pid
    process.kill()
    process.communicate()


@pytest.fixture(autouse=True)
def heard_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOGGER, "propagate", True)


class Scripted:
    """Stands in for the other process: says one thing after the other; None is silence."""

    def __init__(self, *said: Message | None) -> None:
        self._said = iter(said)
        self.pid = os.getpid()
        self.has_ended = False

    def send(self, kind: Kind, payload: bytes = b"") -> None:
        pass

    def receive(self, timeout_s: float) -> Message:
        assert timeout_s == SIGNS_EVERY_S
        message = next(self._said)
        if message is None:
            raise TimeoutError
        return message

    def kill(self) -> None:
        self.has_ended = True


def measured_by(engine: Scripted) -> Measured:
    return ProcessBench(cast(EngineProcess, engine), JOB).measure()


def test_signs_that_come_in_time_break_the_silence() -> None:
    heard = Silence(os.getpid())
    assert heard.went_on(TOLD_AFTER_S - 1) == ""
    heard.broken()
    assert heard.went_on(TOLD_AFTER_S - 1) == ""
    assert not heard.is_hopeless


def test_a_long_silence_is_told_once_and_ends() -> None:
    heard = Silence(os.getpid())
    assert "after 300 s it is ended" in heard.went_on(TOLD_AFTER_S)
    assert heard.went_on(1) == ""
    assert not heard.is_hopeless
    heard.went_on(ENDED_AFTER_S)
    assert heard.is_hopeless


def test_who_was_stopped_is_waited_for(stopped: int) -> None:
    heard = Silence(stopped)
    assert f"`kill -CONT {stopped}` has it go on" in heard.went_on(ENDED_AFTER_S)
    os.kill(stopped, signal.SIGCONT)
    while standstill(stopped) is Standstill.STOPPED:
        time.sleep(0.01)
    heard.went_on(1)
    assert not heard.is_hopeless


def test_what_is_not_known_counts_as_stuck() -> None:
    assert standstill(0) is Standstill.STUCK


def test_the_other_process_gives_signs() -> None:
    engine = EngineProcess("sdk")  # which imports nothing that takes long
    try:
        message = engine.receive(60.0)
        assert message is not None
        assert message.kind is Kind.ALIVE
    finally:
        engine.close()


def test_whoever_gives_signs_may_take_any_time(caplog: pytest.LogCaptureFixture) -> None:
    quiet = [None] * int(TOLD_AFTER_S / SIGNS_EVERY_S - 1)
    rounds = [*quiet, Message(Kind.ALIVE)] * 20
    answer = Message(Kind.ANSWER, bundled(Measured(backend="both")))
    engine = Scripted(*rounds, answer)
    assert measured_by(engine).backend == "both"
    assert not engine.has_ended
    assert caplog.text == ""


def test_whoever_gives_none_is_ended(caplog: pytest.LogCaptureFixture) -> None:
    engine = Scripted(*[None] * int(ENDED_AFTER_S / SIGNS_EVERY_S))
    (failure,) = measured_by(engine).failures
    assert engine.has_ended
    assert failure.startswith("the process that runs the networks gave no sign of life for 300 s")
    assert failure.endswith("mostly a library waits for memory; --batch-size 1 needs the least")
    assert caplog.text.count("has given no sign of life for 60 s") == 1
