"""Logs of the Dataflow Compiler: the few lines that say what it silently did."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from utils.facts.log_lines import LOG_LINES, NUMBER, LogFact
from utils.findings import Location
from utils.side_files.input_files import read_bounded
from utils.wording import printable

MAX_LOG_BYTES = 256 << 20  # a log of a day of finetuning stays far below
MAX_LINE = 20_000  # characters that are looked at; the ranges of 500 channels stay below
MAX_QUOTED = 300  # characters of a line that are repeated in a message
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_CONTROL_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;?]{0,40}[A-Za-z]|[@-Z\\-_])")

# What opens a run is in some logs the only sign of it; all of it stands before the steps.
_OPENING = frozenset(
    {LogFact.RUN_STARTED, LogFact.LEVEL_REDUCED, LogFact.LEVEL_BY_DEFAULT, LogFact.LEVEL_ZERO}
)
_UNDER_WAY = frozenset(
    {
        LogFact.STEP_STARTED,
        LogFact.STEP_SKIPPED,
        LogFact.STEP_DONE,
        LogFact.CALIBRATION_ENTRIES,
    }
)


@dataclass(frozen=True)
class LogEvent:
    """One fact that a log states.

    Parameters
    ----------
    fact : what kind of fact.
    text : the message as it was logged, without what stands in front of it.
    location : where.
    subject : the layer, step, network or chip that it is about; "" for none.
    value : its number; NaN for none.
    numbers : further numbers, in order.
    reason : what the message gives as its reason.
    """

    fact: LogFact
    text: str
    location: Location
    subject: str = ""
    value: float = math.nan
    numbers: tuple[float, ...] = ()
    reason: str = ""


LogRun = tuple[LogEvent, ...]


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
        """What each run of the optimization states, in order; logs are appended to.

        A run starts with the line that says so, or with one about its level. What stands in front
        of the first, as behind the last, belongs to it.
        """
        return tuple(map(tuple, _runs(self._events())))

    def _events(self) -> Iterator[LogEvent]:
        for number, line in enumerate(self.lines, 1):
            plain = _CONTROL_SEQUENCE.sub("", line[:MAX_LINE])
            events = [
                _event(entry.fact, match, Location(self.path, number, _column(line, match.start())))
                for entry in LOG_LINES
                if entry.phrase in plain
                for match in entry.pattern.finditer(plain)
            ]
            yield from sorted(events, key=lambda event: event.location.column)


def read_dfc_log(path: str) -> DfcLog:
    """Read a log.

    Raises
    ------
    UsageError : it cannot be read, or is too large to be one.
    """
    data = read_bounded(path, MAX_LOG_BYTES, "log of one run")
    # Redirection in PowerShell writes UTF-16.
    marks = (code for mark, code in _BYTE_ORDER_MARKS.items() if data.startswith(mark))
    text = data.decode(next(marks, "utf-8"), errors="replace").removesuffix("\n")
    # Lines as editors count them: progress bars return to the start of theirs.
    return DfcLog(path, tuple(line.removesuffix("\r") for line in text.split("\n")))


def _event(fact: LogFact, match: re.Match[str], location: Location) -> LogEvent:
    groups = match.groupdict(default="")
    text = printable(match.group().strip())
    return LogEvent(
        fact=fact,
        text=text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}...",
        location=location,
        subject=printable(groups.get("subject", "")),
        value=float(groups.get("value") or "nan"),
        numbers=tuple(map(float, NUMBER.findall(groups.get("numbers", "")))),
        reason=groups.get("reason", ""),
    )


def _column(line: str, offset: int) -> int:
    """Column in the file of an offset in the line without its control sequences."""
    for sequence in _CONTROL_SEQUENCE.finditer(line[:MAX_LINE]):
        if sequence.start() > offset:
            break
        offset += len(sequence.group())
    return offset + 1


def _runs(events: Iterable[LogEvent]) -> list[list[LogEvent]]:
    runs: list[list[LogEvent]] = []
    seen: set[LogFact] = set()  # in the run at hand; empty where the next event begins one
    for event in events:
        if not seen or _opens_another(event.fact, seen):
            runs.append([])
            seen = set()
        runs[-1].append(event)
        seen = set() if event.fact is LogFact.RUN_ENDED else seen | {event.fact}
    if len(runs) > 1 and not _OPENING & {event.fact for event in runs[-1]}:
        # Compilation follows without a line that ends it.
        last = runs.pop()
        runs[-1] += last
    return runs


def _opens_another(fact: LogFact, seen: Collection[LogFact]) -> bool:
    """Whether a fact cannot belong to the run of which these were seen."""
    if fact not in _OPENING:
        return False
    starts_twice = fact is LogFact.RUN_STARTED and fact in seen
    return starts_twice or not _UNDER_WAY.isdisjoint(seen)
