"""The recommended model script beside the archive's own: which lines are new, which are gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from operator import eq

from utils.renderers.html.findings import MAX_COMMAND, Command
from utils.renderers.html.room import Room
from utils.report import Report
from utils.wording import printable_lines, short

# Beyond, a comparison takes too long: lines that differ, and pairs of equal ones among them.
MAX_COMPARED, MAX_PAIRS = 3_000, 50_000
ROOM = 300_000  # characters of both scripts
MAX_LINES = 4_000  # of both scripts
MAX_LEFT_OUT, MAX_SENTENCE = 100, 600


@dataclass(frozen=True)
class ScriptLine:
    """One line of either script.

    Parameters
    ----------
    change : ``same``, ``added`` or ``removed``; "" if that is not known.
    number : in the recommended script, from 1; 0 for a line that is not in it.
    """

    change: str
    number: int
    text: str


@dataclass(frozen=True)
class ScriptView:
    """The recommended script.

    Parameters
    ----------
    lines : of both scripts, in the order of the recommended one; none if there is no room for all.
    length : number of lines of the recommended script.
    added, removed : numbers of lines that are new and that are gone; comments are no new lines.
    left_out, more_left_out : statements that were not taken, with the reason, and how many more.
    has_own : whether the archive had a script.
    is_compared : False where the two are too long to be compared.
    """

    lines: tuple[ScriptLine, ...]
    length: int
    added: int
    removed: int
    left_out: tuple[Command, ...]
    more_left_out: int
    has_own: bool
    is_compared: bool


def script_view(report: Report) -> ScriptView | None:
    """The script with the lines that differ; None where no script was asked for."""
    if report.script is None:
        return None
    own = report.model.script_text
    new = printable_lines(report.script.text)
    compared = _compared(printable_lines(own or ""), new)
    found = _all("", new) if compared is None else compared
    room = Room(ROOM)
    fits = len(found) <= MAX_LINES and all(room.holds(line.text) for line in found)
    left_out = tuple(_left_out(report.script.left_out[:MAX_LEFT_OUT]))
    return ScriptView(
        lines=tuple(found if fits else ()),
        length=len(new),
        added=sum(line.change == "added" and _says_something(line.text) for line in found),
        removed=sum(line.change == "removed" for line in found),
        left_out=left_out,
        more_left_out=len(report.script.left_out) - len(left_out),
        has_own=own is not None,
        is_compared=compared is not None,
    )


def _says_something(line: str) -> bool:
    return not line.strip().startswith("#") and bool(line.strip())


def _left_out(statements: Sequence[tuple[str, str]]) -> Iterator[Command]:
    room = Room(ROOM // 4)
    for command, reason in statements:
        shown = Command(command, short(reason, MAX_SENTENCE))
        if len(command) <= MAX_COMMAND and room.holds(command + shown.status):
            yield shown


def _compared(old: Sequence[str], new: Sequence[str]) -> list[ScriptLine] | None:
    """Lines of both; None where telling them apart takes too long."""
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    middle = _differing(old_middle, new_middle, head)
    if middle is None:
        return None
    end = len(new) - tail
    return [*_all("same", new[:head]), *middle, *_all("same", new[end:], end)]


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """With how many equal lines both begin."""
    return sum(takewhile(bool, map(eq, old, new)))


def _differing(old: Sequence[str], new: Sequence[str], offset: int) -> list[ScriptLine] | None:
    times = Counter(new)
    pairs = sum(times[line] for line in old)
    if old and new and (len(old) + len(new) > MAX_COMPARED or pairs > MAX_PAIRS):
        return None
    found: list[ScriptLine] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            found += [ScriptLine("removed", 0, text) for text in old[old_start:old_end]]
        change = "same" if tag == "equal" else "added"
        found += _all(change, new[new_start:new_end], offset + new_start)
    return found


def _all(change: str, texts: Sequence[str], offset: int = 0) -> list[ScriptLine]:
    return [ScriptLine(change, number, text) for number, text in enumerate(texts, offset + 1)]
