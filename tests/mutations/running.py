"""Runs of the command in this process, within limits of time and memory, and how they end."""

from __future__ import annotations

import contextlib
import io
import logging
import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import FrameType
from unittest import mock

import inspectors
import main
from inspectors.base_inspector import BaseInspector
from utils.options.inspector_names import inspector_names
from utils.terminal.logger import LOGGER

HANG_SECONDS = 10  # of the processor, which other processes cannot use up
MEMORY_BYTES = 2 << 30  # that a run may map beside what is mapped already


class Hang(BaseException):
    """A run that takes too long."""


@dataclass
class Ended:
    """How a run ended.

    Parameters
    ----------
    status : exit status; None where something was raised instead.
    shown, errors : standard output and standard error.
    traces : every traceback that was logged, or left the command.
    warnings : what libraries warned of, as the user would see it.
    grown : bytes by which the peak of the memory grew.
    """

    status: int | None = None
    shown: str = ""
    errors: str = ""
    traces: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0
    grown: int = 0


def command(*argv: str) -> Ended:
    """Run the command in the current folder."""
    ended, out, err = Ended(), io.StringIO(), io.StringIO()
    peak, start = _peak_bytes(), time.process_time()
    noting = warnings.catch_warnings(record=True)
    with _found_once(), _noting_traces(ended.traces), noting as warned, _within_limits():
        warnings.simplefilter("always")
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                ended.status = main.main([*argv, "--no-interactive"])
        except SystemExit as end:  # what the parser of arguments raises
            ended.status = end.code if isinstance(end.code, int) else None
        except KeyboardInterrupt:
            raise
        except BaseException:
            ended.traces.append(traceback.format_exc())
    ended.warnings = [f"{w.category.__name__}: {w.message} at {w.filename}" for w in warned or ()]
    ended.shown, ended.errors = out.getvalue(), err.getvalue()
    ended.seconds, ended.grown = time.process_time() - start, _peak_bytes() - peak
    return ended


@contextlib.contextmanager
def _found_once() -> Iterator[None]:
    """Have nobody look for inspectors again, which takes longer than most runs."""
    names, found = _found()
    with (
        mock.patch.object(main, "inspector_names", lambda: names),
        mock.patch.object(inspectors, "discover", lambda _: (found, [])),
    ):
        yield


@cache
def _found() -> tuple[Sequence[str], list[type[BaseInspector]]]:
    return inspector_names(), inspectors.discover()[0]


class _Traces(logging.Handler):
    def __init__(self, found: list[str]) -> None:
        super().__init__()
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        text = logging.Formatter().format(record)
        if "Traceback" in text:
            self._found.append(text)


@contextlib.contextmanager
def _noting_traces(found: list[str]) -> Iterator[None]:
    handler = _Traces(found)
    LOGGER.addHandler(handler)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)


@contextlib.contextmanager
def _within_limits() -> Iterator[None]:
    def hang(number: int, frame: FrameType | None) -> None:
        raise Hang(f"longer than {HANG_SECONDS} s")

    before = signal.signal(signal.SIGPROF, hang)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_mapped_bytes() + MEMORY_BYTES, hard))
    signal.setitimer(signal.ITIMER_PROF, HANG_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _mapped_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _peak_bytes() -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
