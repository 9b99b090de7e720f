"""The words of a Hailo model script (.alls): values, names, brackets, and where they stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, TypeGuard

from utils.errors import ScriptError
from utils.model_script.lookalikes import character_in_words

NEWLINE = re.compile(r"\r\n|\n|\r")
BYTE_ORDER_MARK = "\ufeff"

_BLANKS = re.compile(r"[ \t\f\v\ufeff]*")
# Inside brackets a line may end, and a comment may follow, anywhere between two words.
_BLANKS_AND_LINES = re.compile(r"(?:[ \t\f\v\ufeff\r\n]+|#[^\r\n]*)*")
_WORD = re.compile(r"(?:-?[0-9.]+[eE]\+[0-9]+|[\w/.\-]+)%?")
_PATTERN = re.compile(r"(?:[\w/.\-*?]|\[[^\[\]{},\s]*\])+")
_STRING = re.compile(r'"[^"\r\n]*"|\'[^\'\r\n]*\'')
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DURATION = re.compile(r"([0-9]{1,18})([smh])")
LONGEST_SHOWN = 40  # characters of a word that a message quotes
_SHOWN = re.compile(rf"[\w/.\-*]{{1,{LONGEST_SHOWN}}}|.", re.DOTALL)

_CONSTANTS = {
    "True": True,
    "true": True,
    "False": False,
    "false": False,
    "None": None,
    "null": None,
}
_SECONDS = {"s": 1, "m": 60, "h": 3600}


class Name(str):
    """An unquoted word: a layer, a mode, ``enabled``; compares equal to the same string."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Name({str.__repr__(self)})"


@dataclass(frozen=True)
class GlobSet:
    """``{conv*, fc1}``: patterns of layer names, in file-name notation."""

    patterns: tuple[str, ...]


@dataclass(frozen=True)
class Duration:
    """``30m``: a time limit; the unit is s, m or h."""

    amount: int
    unit: str

    @property
    def seconds(self) -> int:
        """Length in seconds."""
        return self.amount * _SECONDS[self.unit]


@dataclass(frozen=True)
class Percentage:
    """``85%``; the amount is 85."""

    amount: float


Value: TypeAlias = (
    "bool | int | float | str | GlobSet | Duration | Percentage | tuple[Value, ...] | None"
)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number, which True and False are for Python only."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Scanner:
    """A position in the text of a script, moved on word by word."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.position >= len(self.text)

    def skip(self, *, lines: bool) -> None:
        """Move over blanks; with `lines`, over comments and ends of lines too."""
        blanks = _BLANKS_AND_LINES if lines else _BLANKS
        self.take(blanks)

    def take(self, pattern: re.Pattern[str]) -> str:
        """Move over what matches here and return it; "" and no move if nothing does."""
        match = pattern.match(self.text, self.position)
        if match is None:
            return ""
        self.position = match.end()
        return match.group()

    def take_character(self, characters: str) -> str:
        """Move over one of these characters and return it; "" if another stands here."""
        if self.at_end or self.text[self.position] not in characters:
            return ""
        self.position += 1
        return self.text[self.position - 1]

    def word(self) -> str:
        """Take a name or a number, still as text."""
        return self.take(_WORD)

    def pattern(self) -> str:
        """Take one pattern of a glob set."""
        return self.take(_PATTERN)

    def identifier(self) -> str:
        """Take the name of a keyword argument."""
        return self.take(_IDENTIFIER)

    def string(self) -> str | None:
        """Take a quoted string; returns what stands between the quotes, None if none is here."""
        quoted = self.take(_STRING)
        return quoted[1:-1] if quoted else None

    def line(self, position: int | None = None) -> int:
        """Number of the line, counted from 1, of a position; default: the present one."""
        at = self.position if position is None else position
        return bisect_right(self._line_starts, at)

    def column(self, position: int | None = None) -> int:
        """Number of the character in its line, counted from 1; a byte order mark is none."""
        at = self.position if position is None else position
        start = self._line_starts[self.line(at) - 1]
        return at - start + 1 - self.text.startswith(BYTE_ORDER_MARK, start, at)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in NEWLINE.finditer(self.text))]

    def found(self) -> str:
        """What stands here, for messages; nothing is moved."""
        if self.at_end:
            return "the end of the script"
        if NEWLINE.match(self.text, self.position):
            return "the end of the line"
        if words := character_in_words(self.text[self.position]):
            return words
        match = _SHOWN.match(self.text, self.position)
        return repr(match.group() if match else "")

    def error(self, problem: str, position: int | None = None) -> ScriptError:
        """A ScriptError that names the place; default: the present one."""
        at = self.position if position is None else position
        line = self.line(at)
        message = f"model script, line {line}: {problem}"
        return ScriptError(message, problem, at, line, self.column(at))


def word_value(word: str) -> Value:
    """What an unquoted word stands for; raises ValueError for a percent sign after a name."""
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    if _INTEGER.fullmatch(word):
        return int(word)
    if _NUMBER.fullmatch(word):
        return float(word)
    duration = _DURATION.fullmatch(word)
    if duration:
        return Duration(int(duration[1]), duration[2])
    if word.endswith("%"):
        if not _NUMBER.fullmatch(word[:-1]):
            raise ValueError(f"{word[:LONGEST_SHOWN]!r} is neither a name nor a percentage")
        return Percentage(float(word[:-1]))
    return Name(word)
