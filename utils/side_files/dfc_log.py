"""Logs of the Dataflow Compiler: the few lines that say what it silently did."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from utils.facts.log_lines import LOG_LINES, LogFact, LogLine
from utils.findings import Location
from utils.side_files.input_files import read_bounded
from utils.side_files.log_events import LogEvent, event_of
from utils.side_files.log_failures import failure_in, names_exception
from utils.side_files.log_messages import (
    Level,
    Message,
    cut_anywhere,
    messages,
    with_tails,
    wrapped,
)
from utils.side_files.log_runs import LogRun, runs_of

MAX_LOG_BYTES = 256 << 20  # a log of a day of finetuning stays far below
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_TELLING_PHRASES = frozenset(entry.phrase for entry in LOG_LINES if entry.is_telling)
_MIN_PART = 12  # characters of a phrase by which a message that breaks off is known
_CUT_NUMBER = re.compile(r"\d\.?\n\.?\d|[-+]\n[\d.]|\d[eE][-+]?\n[-+]?\d|\d\n[eE][-+]?\d")
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
        for part, tail in with_tails(messages(self.lines, width)):
            found = _events(part, tail, self.path)
            death = failure_in(part, tail, self.path)
            if part.level is Level.SAID and not any(e.fact in _OPENERS for e in found):
                errors.clear()
            elif found or (death and names_exception(death)):
                events += errors
                errors.clear()
            events += found
            if death:
                (events if names_exception(death) else errors).append(death)
            elif _is_not_understood(part, tail, found):
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


def _events(part: Message, tail: tuple[Message, ...], path: str) -> list[LogEvent]:
    """What begins in a part of a message, in order; of two readings the one that reads more."""
    found: dict[tuple[LogFact, int], LogEvent] = {}
    longest: dict[tuple[LogFact, int], int] = {}
    for text, entries in _readings(part, tail):
        flat = text.replace("\n", " ")
        for entry in entries:
            for match in entry.pattern.finditer(text) if entry.phrase in flat else ():
                start, end = match.span()
                key = entry.fact, start
                is_here = start < len(part.text) and (text is part.text or end > len(part.text))
                is_sure = is_here and _is_whole(part, match, entry, has_tail=bool(tail))
                if is_sure and end > longest.get(key, -1):
                    longest[key] = end
                    place = Location(path, part.line, part.column(start))
                    found[key] = event_of(entry.fact, match, place)
    return [found[key] for key in sorted(found, key=lambda key: key[1])]


def _is_whole(part: Message, match: re.Match[str], entry: LogLine, *, has_tail: bool) -> bool:
    """Whether neither a number nor a name may be cut by the edge of a terminal."""
    if _CUT_NUMBER.search(match.group()):
        return False
    if entry.is_open_before and part.is_rest and match.start() == 0:
        return False
    is_at_the_edge = part.is_cut and has_tail and match.end() == len(part.text)
    return not (entry.is_open_behind and is_at_the_edge)


_MAY_WRAP = tuple(entry for entry in LOG_LINES if entry.may_wrap)


def _readings(part: Message, tail: tuple[Message, ...]) -> Iterator[tuple[str, Iterable[LogLine]]]:
    yield part.text, LOG_LINES
    if tail:
        yield wrapped(part, tail), _MAY_WRAP
        if cut := cut_anywhere(part, tail):
            yield cut, _MAY_WRAP


def _is_not_understood(part: Message, tail: tuple[Message, ...], found: Iterable[LogEvent]) -> bool:
    known = [phrase for phrase in _TELLING_PHRASES if phrase in part.text]
    if known:
        return not any(phrase in event.text for phrase in known for event in found)
    is_short = len(part.text) >= _MIN_PART and not tail
    return is_short and any(phrase.startswith(part.text) for phrase in _TELLING_PHRASES)
