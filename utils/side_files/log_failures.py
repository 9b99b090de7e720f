"""The messages with which runs of the compiler die."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from utils.facts.log_lines import LogFact
from utils.facts.run_failures import BARE_PHRASES, RUN_FAILURES
from utils.findings import Location
from utils.side_files.log_events import LogEvent, event_of, quoted
from utils.side_files.log_messages import Level, Message

_KINDS = r"(?:Error|Exception|Interrupt|Failure|NonFixable|InputsShape)"
_PATH = r"(?:[A-Za-z_]\w{0,60}\.){1,8}"
# A name alone has to begin a message; one with its modules cannot be anything else.
_EXCEPTION = re.compile(
    rf"(?:^|(?<=[\]>#] )|(?<= - )|(?<=\\n))[A-Z]\w{{0,60}}{_KINDS}(?=:|$)"
    rf"|{_PATH}[A-Z]\w{{0,60}}{_KINDS}(?=:|$)"
    rf"|{_PATH}\w{{0,40}}exceptions\.[A-Z]\w{{1,80}}(?=:|$)"
    r"|Traceback \(most recent call last\)",
    re.MULTILINE,
)

# Words of which one stands in all of these, to be looked for first.
_HINTS = (
    "Error",
    "Exception",
    "exceptions.",
    "Interrupt",
    "Failure",
    "NonFixable",
    "InputsShape",
    "Traceback",
)
# In front of it stands the end of another message whose line it shares.
_GLUED = re.compile(
    rf"(?<=[\w.)\]])(?=hailo_){_PATH}(?:[A-Z]\w{{0,60}}{_KINDS}|\w{{0,40}}exceptions\.[A-Z]\w{{1,80}}):"
)


def failure_in(part: Message, texts: Sequence[str], path: str) -> LogEvent | None:
    """The death that begins in a part of a message; None without one.

    Parameters
    ----------
    texts : the part with those behind it that may go on with it, in every way to read it.
    path : the file, for the location.
    """
    if part.level is Level.SAID and not ("hailo_" in part.text and _GLUED.search(part.text)):
        return None
    deaths = [death for text in texts if text and (death := _death(part, text, path))]
    if not deaths and part.level is Level.ERROR and part.text:
        return LogEvent(LogFact.RUN_FAILED, quoted(part.text), _location(part, 0, path))
    return max(deaths, key=_understood, default=None)


def _understood(death: LogEvent) -> tuple[bool, bool, bool]:
    """How much of it is known, to choose between readings."""
    return death.failure is not None, bool(death.subject), not math.isnan(death.value)


def names_exception(event: LogEvent) -> bool:
    """Whether a death is more than a message that is marked as an error."""
    return event.failure is not None or _EXCEPTION.search(event.text) is not None


def _death(part: Message, text: str, path: str) -> LogEvent | None:
    pattern = _GLUED if part.level is Level.SAID else _EXCEPTION
    head = text[: _line_end(text, 0)]  # no name of an exception goes on in another line
    exception = pattern.search(text) if [hint for hint in _HINTS if hint in head] else None
    if exception is not None and exception.start() >= max(len(part.text), 1):
        exception = None
    flat = text.replace("\n", " ")
    is_bare = part.level is not Level.SAID and [word for word in BARE_PHRASES if word in flat]
    if exception is None and not is_bare and part.level is not Level.ERROR:
        return None
    begun = exception.start() if exception else 0
    for failure in RUN_FAILURES:
        match = failure.match(text, begun)
        if match and (exception or match.start() < len(part.text)):
            start = begun if exception else match.start()
            place = _location(part, start, path)
            said = text[start : max(match.end(), _line_end(text, start))]
            return event_of(LogFact.RUN_FAILED, match, place, said, failure)
    if exception is None:
        return None
    line = text[begun : _line_end(text, begun)]
    return LogEvent(LogFact.RUN_FAILED, quoted(line), _location(part, begun, path))


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _location(part: Message, offset: int, path: str) -> Location:
    return Location(path, part.line, part.column(offset))
