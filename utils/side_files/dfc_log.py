"""Logs of the Dataflow Compiler: the few lines that say what it silently did."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from utils.facts.log_lines import LogFact
from utils.findings import Location
from utils.side_files.input_files import read_bounded
from utils.side_files.log_events import LogEvent
from utils.side_files.log_failures import names_exception
from utils.side_files.log_messages import Level, messages, with_tails
from utils.side_files.log_reading import LogReader
from utils.side_files.log_runs import LogRun, runs_of

MAX_LOG_BYTES = 256 << 20  # a log of a day of finetuning stays far below
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_OPENERS = frozenset({LogFact.COMMAND_RUN, LogFact.NETWORK_NAMED, LogFact.RUN_STARTED})


@dataclass(frozen=True)
class DfcLog:
    """A log file.

    Parameters
    ----------
    path : the file.
    lines : its lines without their ends.
    """

    path: str
    lines: tuple[str, ...]

    @cached_property
    def runs(self) -> tuple[LogRun, ...]:
        """What each run of the compiler states, in order."""
        return runs_of(self._read[0])

    @property
    def not_understood(self) -> tuple[Location, ...]:
        """Messages that begin as known ones do, and go on otherwise or break off."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[tuple[LogEvent, ...], tuple[Location, ...]]:
        events: list[LogEvent] = []
        unread: list[Location] = []
        errors: list[LogEvent] = []  # that end a run unless it goes on
        # Progress bars return to the start of their line; they are wider than any terminal.
        width = max((len(line) for line in self.lines if "\r" not in line), default=0)
        reader = LogReader(self.path)
        for part, tail in with_tails(messages(self.lines, width)):
            found = reader.read(part, tail)
            death = found.death
            if part.level is Level.SAID and not any(e.fact in _OPENERS for e in found.events):
                errors.clear()
            elif found.events or (death and names_exception(death)):
                events += errors
                errors.clear()
            events += found.events
            if death:
                (events if names_exception(death) else errors).append(death)
            elif found.is_not_understood:
                unread.append(Location(self.path, part.line, part.column(0)))
        return (*events, *errors), tuple(unread)


def read_dfc_log(path: str) -> DfcLog:
    """Read a log.

    Raises
    ------
    UsageError : it cannot be read, or is too large to be one.
    """
    data = read_bounded(path, MAX_LOG_BYTES, "compiler's log of one run")
    # Redirection in PowerShell writes UTF-16.
    marks = (code for mark, code in _BYTE_ORDER_MARKS.items() if data.startswith(mark))
    text = data.decode(next(marks, "utf-8"), errors="replace").removesuffix("\n")
    # Lines as editors count them: progress bars return to the start of theirs.
    return DfcLog(path, tuple(line.removesuffix("\r") for line in text.split("\n")))
