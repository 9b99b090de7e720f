"""What a message of a log states: read once, however often a log repeats it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from utils.facts.log_lines import LOG_LINES, LogFact, LogLine
from utils.findings import Location
from utils.side_files.log_events import LogEvent, event_of
from utils.side_files.log_failures import failure_in
from utils.side_files.log_messages import Message, cut_anywhere, wrapped

MOST_REMEMBERED = 5_000  # messages; with those behind them some kB each
_TELLING_PHRASES = frozenset(entry.phrase for entry in LOG_LINES if entry.is_telling)
_MIN_PART = 12  # characters of a phrase by which a message that breaks off is known
_CUT_NUMBER = re.compile(r"\d\.?\n\.?\d|[-+]\n[\d.]|\d[eE][-+]?\n[-+]?\d|\d\n[eE][-+]?\d")


@dataclass(frozen=True)
class MessageRead:
    """What a part of a message states.

    Parameters
    ----------
    events : what begins in it, in order.
    death : the death that begins in it; None without one.
    is_not_understood : whether it begins as a known one does, and goes on otherwise or breaks off.
    """

    events: tuple[LogEvent, ...] = ()
    death: LogEvent | None = None
    is_not_understood: bool = False


class LogReader:
    """Reads the messages of a log; what it has read before it only finds at another place."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._known: dict[Hashable, tuple[int, MessageRead]] = {}

    def read(self, part: Message, tail: tuple[Message, ...]) -> MessageRead:
        """What a part of a message states, with those behind it that may go on with it."""
        if part.has_disguise:  # columns depend on what is hidden in the line
            return self._read(part, tail)
        key = (_of(part), part.is_rest, part.level, *map(_of, tail))
        if known := self._known.get(key):
            start, found = known
            return _moved(found, part.line, part.start - start)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        found = self._read(part, tail)
        self._known[key] = part.start, found
        return found

    def _read(self, part: Message, tail: tuple[Message, ...]) -> MessageRead:
        texts = (wrapped(part, tail), cut_anywhere(part, tail))
        found = tuple(_events(part, texts, self._path, has_tail=bool(tail)))
        death = failure_in(part, texts, self._path)
        is_unread = death is None and _is_not_understood(part, tail, found)
        return MessageRead(found, death, is_unread)


def _of(part: Message) -> Hashable:
    """What is read of a part."""
    return part.text, part.is_cut and (part.start, part.raw)


def _moved(found: MessageRead, line: int, columns: int) -> MessageRead:
    """The same in another line, and so many columns farther right."""
    if not found.events and not found.death:
        return found
    events = tuple(_event_moved(each, line, columns) for each in found.events)
    death = _event_moved(found.death, line, columns) if found.death else None
    return MessageRead(events, death, found.is_not_understood)


def _event_moved(event: LogEvent, line: int, columns: int) -> LogEvent:
    place = event.location
    return replace(event, location=Location(place.path, line, place.column + columns))


def _events(part: Message, texts: tuple[str, str], path: str, *, has_tail: bool) -> list[LogEvent]:
    """What begins in a part of a message, in order; of two readings the one that reads more."""
    found: dict[tuple[LogFact, int], LogEvent] = {}
    longest: dict[tuple[LogFact, int], int] = {}
    for text, entries in _readings(part, *texts) if has_tail else _alone(part):
        for entry in entries:
            for match in entry.pattern.finditer(text):
                start, end = match.span()
                key = entry.fact, start
                is_here = start < len(part.text) and (text is part.text or end > len(part.text))
                is_sure = is_here and _is_whole(part, match, entry, has_tail=has_tail)
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


Reading = tuple[str, list[LogLine]]


def _alone(part: Message) -> Iterator[Reading]:
    """A part behind which nothing goes on with it."""
    yield part.text, _named_in(part.text, LOG_LINES)


def _readings(part: Message, whole: str, cut: str) -> Iterator[Reading]:
    """Texts in which a part may be read, with the lines whose words are in them."""
    named = _named_in(whole, LOG_LINES)
    yield part.text, _named_in(part.text, named)
    yield whole, [entry for entry in named if entry.may_wrap]
    if cut:
        yield cut, _named_in(cut, _MAY_WRAP)


def _named_in(text: str, entries: Iterable[LogLine]) -> list[LogLine]:
    flat = text.replace("\n", " ")
    return [entry for entry in entries if entry.phrase in flat]


def _is_not_understood(part: Message, tail: tuple[Message, ...], found: Sequence[LogEvent]) -> bool:
    known = [phrase for phrase in _TELLING_PHRASES if phrase in part.text]
    if known:
        return not any(phrase in event.text for phrase in known for event in found)
    is_short = len(part.text) >= _MIN_PART and not tail
    return is_short and any(phrase.startswith(part.text) for phrase in _TELLING_PHRASES)
