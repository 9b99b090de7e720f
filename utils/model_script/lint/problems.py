"""What the linter finds in a model script: one kind of problem for each thing that goes wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from utils.findings import Severity
from utils.model_script.statements import Argument, Statement
from utils.wording import ELLIPSIS, short

LONGEST_WORD = 27  # characters of a name in a headline, which has room for a command beside it
LONGEST_QUOTED = 60  # characters of a value that is repeated
NEWER = "A newer compiler may know it."
LONGEST_CORRECTED = 20_000  # characters of a statement that is written out anew
# Strings stay as they are; comments, blanks and ends of lines become one blank.
_LAYOUT = re.compile(r'"[^"\r\n]*"|\'[^\'\r\n]*\'|(?:[ \t\f\v\r\n]+|#[^\r\n]*)+')


@dataclass(frozen=True)
class Problem:
    """A problem in a script.

    Parameters
    ----------
    id : as the finding that it becomes.
    severity : how much it matters.
    headline : what is wrong, without the place and the correction.
    offset : where in the text.
    suggestion : the corrected statement, two of them in two lines, or "" where nobody knows.
    evidence, why : as those of a finding.
    advice : what to do, where writing the suggestion is not all of it.
    shows_in_graph : whether the graph of an archive that it made tells it as well.
    line, column : the offset, counted from 1.
    """

    id: str
    severity: Severity
    headline: str
    offset: int
    suggestion: str = ""
    evidence: str = field(default="", kw_only=True)
    why: str = field(default="", kw_only=True)
    advice: str = field(default="", kw_only=True)
    shows_in_graph: bool = field(default=False, kw_only=True)
    line: int = field(default=1, kw_only=True)
    column: int = field(default=1, kw_only=True)

    @property
    def remedy(self) -> str:
        """What to do, in one sentence on one line."""
        if self.advice or not self.suggestion:
            return self.advice
        return f"Write {' and then '.join(f'`{line}`' for line in self.suggestion.split(chr(10)))}."


@dataclass(frozen=True)
class ProblemKind:
    """A thing that goes wrong in scripts.

    Parameters
    ----------
    id : as the finding that it becomes.
    severity : what it mostly is.
    """

    id: str
    severity: Severity = Severity.ERROR

    def at(
        self,
        offset: int,
        headline: str,
        suggestion: str = "",
        severity: Severity | None = None,
        *,
        evidence: str = "",
        why: str = "",
        advice: str = "",
    ) -> Problem:
        """A problem of this kind; what is not given is as in `Problem` and here."""
        return Problem(
            self.id,
            severity or self.severity,
            headline,
            offset,
            suggestion,
            evidence=evidence,
            why=why,
            advice=advice,
        )


# The text does not follow the grammar.
NOT_READ = ProblemKind(id="script-syntax")
UNKNOWN_COMMAND = ProblemKind(id="script-unknown-command")
# A feature or a keyword that is not in the table, or stands in the wrong command.
UNKNOWN_ARGUMENT = ProblemKind(id="script-unknown-argument")
# A value that its argument does not take, or one that is missing.
BAD_VALUE = ProblemKind(id="script-bad-value")
# A name or pattern that stands for no layer.
UNKNOWN_LAYER = ProblemKind(id="script-unknown-layer")
# Two statements that contradict each other.
CONFLICT = ProblemKind(id="script-conflict", severity=Severity.WARNING)
# The same said twice.
REPEATED = ProblemKind(id="script-repeated", severity=Severity.INFO)
# A normalization whose result has no name.
UNASSIGNED_NORMALIZATION = ProblemKind(
    id="script-unassigned-normalization", severity=Severity.WARNING
)
# Mean and deviation of values from 0 to 1, where pixels have 0 to 255.
UNIT_NORMALIZATION = ProblemKind(id="script-unit-normalization", severity=Severity.WARNING)
# One clipping for all layers.
BLANKET_CLIPPING = ProblemKind(id="script-blanket-clipping", severity=Severity.WARNING)


def quoted(statement: Statement, argument: Argument) -> str:
    """The value of an argument as it stands in the script, shortened."""
    return shortened(statement.text[argument.value_start : argument.end])


def instead(suggestion: str, meant: str) -> str:
    """What to do where the corrected statement is too long to be written out; else ""."""
    return "" if suggestion else f"Write {meant} instead."


def named(text: str) -> str:
    """A name out of a script as a headline has room for it."""
    return short(text, LONGEST_WORD)


def shortened(text: str) -> str:
    """Text out of a script, in one line and not endless."""
    words = one_line(text[: 4 * LONGEST_QUOTED])
    return words if len(words) <= LONGEST_QUOTED else f"{words[: LONGEST_QUOTED - 1]}{ELLIPSIS}"


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
    return replaced_parts(statement, [(start, end, text)])


def replaced_parts(statement: Statement, parts: Sequence[tuple[int, int, str]]) -> str:
    """The same for several parts, each two offsets and what stands between them then."""
    if len(statement.text) > LONGEST_CORRECTED:
        return ""
    text = statement.text
    for start, end, other in sorted(parts, reverse=True):
        text = text[:start] + other + text[end:]
    return one_line(text)


def without_argument(statement: Statement, argument: Argument) -> str:
    """The statement in one line, without one of its arguments; "" if too long."""
    index = statement.args.index(argument)
    if index:
        return replaced_part(statement, statement.args[index - 1].end, argument.end, "")
    end = statement.args[1].start if len(statement.args) > 1 else argument.end
    return replaced_part(statement, argument.start, end, "")
