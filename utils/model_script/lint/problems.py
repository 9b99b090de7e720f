"""What the linter finds in a model script: one kind of problem for each thing that goes wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from utils.model_script.statements import Argument, Statement

Level: TypeAlias = Literal["info", "warning", "error"]

LONGEST_QUOTED = 60  # characters of a value that a message repeats
LONGEST_CORRECTED = 20_000  # characters of a statement that is written out anew
# Strings stay as they are; comments, blanks and ends of lines become one blank.
_LAYOUT = re.compile(r'"[^"\r\n]*"|\'[^\'\r\n]*\'|(?:[ \t\f\v\r\n]+|#[^\r\n]*)+')


@dataclass(frozen=True)
class Problem:
    """A problem in a script.

    Parameters
    ----------
    id : as the finding that it becomes.
    severity : info, warning or error.
    message : one sentence without the place and the correction.
    offset : where in the text.
    suggestion : the corrected statement, two of them in two lines, or "" where nobody knows.
    line, column : the offset, counted from 1.
    """

    id: str
    severity: Level
    message: str
    offset: int
    suggestion: str = ""
    line: int = 1
    column: int = 1

    @property
    def sentence(self) -> str:
        """The message with the correction, in one line."""
        if not self.suggestion:
            return self.message
        return f"{self.message}; write {self.suggestion.replace(chr(10), ' and then ')}"


def not_read(offset: int, message: str, suggestion: str = "", severity: Level = "error") -> Problem:
    """The text does not follow the grammar."""
    return Problem(
        id="script-syntax",
        severity=severity,
        message=message,
        offset=offset,
        suggestion=suggestion,
    )


def unknown_command(offset: int, name: str, nearest: str, suggestion: str) -> Problem:
    """A command that is not in the table."""
    return Problem(
        id="script-unknown-command",
        severity="error" if nearest else "info",
        message=f"{name} is no command; did you mean {nearest}?"
        if nearest
        else f"{name} is none of the known commands, though a newer compiler may know it",
        offset=offset,
        suggestion=suggestion,
    )


def unknown_argument(
    offset: int, message: str, suggestion: str = "", severity: Level = "error"
) -> Problem:
    """A feature or a keyword that is not in the table, or stands in the wrong command."""
    return Problem(
        id="script-unknown-argument",
        severity=severity,
        message=message,
        offset=offset,
        suggestion=suggestion,
    )


def bad_value(
    offset: int, message: str, suggestion: str = "", severity: Level = "error"
) -> Problem:
    """A value that its argument does not take, or one that is missing."""
    return Problem(
        id="script-bad-value",
        severity=severity,
        message=message,
        offset=offset,
        suggestion=suggestion,
    )


def unknown_layer(
    offset: int, message: str, suggestion: str = "", severity: Level = "error"
) -> Problem:
    """A name or pattern that stands for no layer."""
    return Problem(
        id="script-unknown-layer",
        severity=severity,
        message=message,
        offset=offset,
        suggestion=suggestion,
    )


def conflict(offset: int, message: str, suggestion: str = "") -> Problem:
    """Two statements that contradict each other."""
    return Problem(
        id="script-conflict",
        severity="warning",
        message=message,
        offset=offset,
        suggestion=suggestion,
    )


def repeated(offset: int, message: str, severity: Level = "info", suggestion: str = "") -> Problem:
    """The same said twice."""
    return Problem(
        id="script-repeated",
        severity=severity,
        message=message,
        offset=offset,
        suggestion=suggestion,
    )


def unassigned_normalization(offset: int, suggestion: str) -> Problem:
    """A normalization whose result has no name."""
    return Problem(
        id="script-unassigned-normalization",
        severity="warning",
        message="normalization(...) is given no name, and the compiler may silently leave it out",
        offset=offset,
        suggestion=suggestion,
    )


def blanket_clipping(offset: int, what: str) -> Problem:
    """One clipping for all layers."""
    return Problem(
        id="script-blanket-clipping",
        severity="warning",
        message=f"The {what} of every layer are clipped alike, which costs accuracy where a layer "
        "needs its extremes; name only the layers that have outliers",
        offset=offset,
    )


def quoted(statement: Statement, argument: Argument) -> str:
    """The value of an argument as it stands in the script, shortened."""
    return shortened(statement.text[argument.value_start : argument.end])


def shortened(text: str) -> str:
    """Text for a message, in one line and not endless."""
    words = one_line(text[: 4 * LONGEST_QUOTED])
    return words if len(words) <= LONGEST_QUOTED else f"{words[: LONGEST_QUOTED - 3]}..."


def one_line(text: str) -> str:
    """A statement as it would be written in a single line, without comments."""

    def replaced(match: re.Match[str]) -> str:
        part = match.group()
        if part[0] in "\"'":
            return part
        opened = text[match.start() - 1 : match.start()] in ("(", "[", "{")
        closed = text[match.end() : match.end() + 1] in (")", "]", "}")
        return "" if opened or closed else " "

    return _LAYOUT.sub(replaced, text).strip()


def replaced_part(statement: Statement, start: int, end: int, text: str) -> str:
    """The statement in one line, with another text between two offsets in it; "" if too long."""
    if len(statement.text) > LONGEST_CORRECTED:
        return ""
    return one_line(statement.text[:start] + text + statement.text[end:])


def without_argument(statement: Statement, argument: Argument) -> str:
    """The statement in one line, without one of its arguments; "" if too long."""
    index = statement.args.index(argument)
    if index:
        return replaced_part(statement, statement.args[index - 1].end, argument.end, "")
    end = statement.args[1].start if len(statement.args) > 1 else argument.end
    return replaced_part(statement, argument.start, end, "")
