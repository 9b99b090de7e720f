"""Logs cut into messages: by the marks in front of them, not by lines.

Consoles wrap lines, pasted logs run together, progress bars share lines with messages. A message
begins at a mark such as ``[info]``, or where a line begins; what carries no mark may go on with the
message in front of it.
"""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

MAX_MESSAGE = 20_000  # characters that are looked at; the ranges of 500 channels stay below
_AHEAD = 8  # lines that may go on with a message: 200 characters on a narrow terminal
_MAX_TAIL = 300  # characters of each of them; progress bars are longer
_NARROWEST = 20  # columns of a terminal

# Colours, also as notebooks spell them, and what web pages write for quotes and brackets.
_DISGUISE = re.compile(
    r"\x1b(?:\[[0-9;?]{0,40}[A-Za-z]|[@-Z\\-_])"
    r"|\\(?:u001b|x1b|033)\[[0-9;]{0,40}[A-Za-z]"
    r"|&(?:#\d{1,6}|#x[0-9a-fA-F]{1,5}|amp|lt|gt|quot|apos|nbsp);"
)
_MARK = re.compile(
    r"\[HailoRT\] \[[a-z]{4,8}\]"  # what runs the chip, whose errors are none of the compiler's
    r"|\[(?P<console>info|important|debug|warning|error|critical)\]"
    r"|\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,]\d{1,9}\]?(?:"
    r"\[[\w.]{1,60}\]\[(?P<handler>[A-Z]{4,9})\] - "
    r"| - (?P<file>[A-Z]{4,9}) - [\w.]{1,80}:\d{1,6} - "
    r"|: (?:[IWE]|(?P<fatal>F)) [^\s\]]{1,200}\] ?)"  # TensorFlow: only F ends something
    r"|<Hailo Model Zoo (?P<zoo>[A-Z]{4,9})>"
    r"|(?:^\s{2,60}|\[\d\d:\d\d:\d\d\]\s{1,4})(?P<rich>DEBUG|INFO|WARNING|ERROR|CRITICAL)\s{1,10}"
)
# Services of a container, quotes of a forum, comments, boxes around tracebacks.
_IN_FRONT = re.compile(r"(?:[\w.-]{1,60}\s{1,8}\|\s|[#>|│\s]){1,40}")
# Where rich names the source at the right edge, and where JSON ends a line of text.
_BEHIND = re.compile(r"\s{2,200}[\w.]{1,60}\.py:\d{1,6}$|(?:\\[rn]){1,4}\"?,?$")
_ERRORS = frozenset({"error", "critical", "f"})


class Level(Enum):
    """What a mark says of its message."""

    NONE = auto()  # there is no mark
    SAID = auto()
    ERROR = auto()


@dataclass(frozen=True)
class Message:
    """A message, or a part of one that got a line of its own.

    Parameters
    ----------
    line : number of its line, counted from 1.
    raw : that line as it stands in the file.
    start : where the text begins in the line without colours.
    text : without the mark, and without what frames it at both ends.
    level : of its mark.
    is_cut : whether its line is as wide as any, so that a terminal may have cut it.
    is_rest : whether the line before was, so that its first word may be the end of one.
    """

    line: int
    raw: str
    start: int
    text: str
    level: Level
    is_cut: bool = False
    is_rest: bool = False

    @property
    def plain(self) -> str:
        """Its line without colours, and with quotes and brackets as themselves."""
        return _plain(self.raw)

    @property
    def has_disguise(self) -> bool:
        """Whether its line may hold colours, or quotes and brackets as something else."""
        return _may_be_disguised(self.raw)

    def column(self, offset: int) -> int:
        """Column in the file, counted from 1, of a place in the text."""
        place, hidden = self.start + offset, 0
        for match in _DISGUISE.finditer(self.raw):
            shown = len(_undisguised(match))
            if match.start() - hidden + shown > place:
                break
            hidden += len(match.group()) - shown
        return place + hidden + 1


def messages(lines: Iterable[str], width: int) -> Iterator[Message]:
    """Cut lines into messages.

    Parameters
    ----------
    width : characters of the widest line.
    """
    was_full = False
    for number, raw in enumerate(lines, 1):
        plain = _plain(raw)
        marks = list(_MARK.finditer(plain))
        ends = [*(mark.start() for mark in marks), len(plain)]
        is_full = len(raw) == width >= _NARROWEST
        if ends[0] > 0:
            first = _message(number, raw, plain, (0, ends[0]), Level.NONE, is_full and not marks)
            yield replace(first, is_rest=True) if was_full else first
        for mark, end in zip(marks, ends[1:], strict=True):
            span = mark.end(), end
            yield _message(number, raw, plain, span, _level(mark), is_full and end == len(plain))
        was_full = is_full


def with_tails(parts: Iterable[Message]) -> Iterator[tuple[Message, tuple[Message, ...]]]:
    """Each part with those behind it that may go on with it: they carry no mark."""
    ahead: deque[Message] = deque()
    for part in parts:
        ahead.append(part)
        if len(ahead) > _AHEAD:
            yield _with_tail(ahead)
    while ahead:
        yield _with_tail(ahead)


def wrapped(part: Message, tail: tuple[Message, ...]) -> str:
    """A part and its tail as one text, with a line break where words were wrapped."""
    return "\n".join((part.text, *(each.text[:_MAX_TAIL] for each in tail)))


def cut_anywhere(part: Message, tail: tuple[Message, ...]) -> str:
    """The same where a terminal cut lines at its edge, within words; "" if it did not."""
    if not part.is_cut:
        return ""
    text = part.plain[part.start :]
    for each in tail:
        # What a line begins and ends with belongs to the text here.
        text += each.plain if each.is_cut else each.plain[: each.start + len(each.text)]
        if not each.is_cut:
            break
    return text[:MAX_MESSAGE]


def _with_tail(ahead: deque[Message]) -> tuple[Message, tuple[Message, ...]]:
    part = ahead.popleft()
    tail: list[Message] = []
    for each in ahead:
        if each.level is not Level.NONE:
            break
        tail.append(each)
    return part, tuple(tail)


def _message(
    number: int, raw: str, plain: str, span: tuple[int, int], level: Level, is_cut: bool
) -> Message:
    start, end = span
    if framed := _IN_FRONT.match(plain, start, end):
        start = framed.end()
    text = plain[start : min(end, start + MAX_MESSAGE)].rstrip(" \t\r│")
    is_framed = ".py:" in text or "\\" in text
    if is_framed and (behind := _BEHIND.search(text)):
        text = text[: behind.start()].rstrip()
    return Message(number, raw, start, text, level, is_cut)


def _level(mark: re.Match[str]) -> Level:
    named = next(filter(None, mark.groups()), "")
    return Level.ERROR if named.lower() in _ERRORS else Level.SAID


def _plain(raw: str) -> str:
    # Most lines have nothing to take off, and looking for it takes long.
    return _DISGUISE.sub(_undisguised, raw) if _may_be_disguised(raw) else raw


def _may_be_disguised(raw: str) -> bool:
    return "\x1b" in raw or "\\" in raw or "&" in raw


def _undisguised(match: re.Match[str]) -> str:
    if not match.group().startswith("&"):
        return ""
    shown = html.unescape(match.group())
    return shown if shown.isprintable() else " "
