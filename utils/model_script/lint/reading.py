"""Reading a script that does not follow the grammar everywhere: what is wrong, and all the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from utils.errors import ScriptError
from utils.findings import Severity
from utils.model_script.lint.comments import foreign_comment
from utils.model_script.lint.mending import (
    BRACKETS,
    PAIRS,
    WRITTEN_NEWLINE,
    closed,
    mended,
    open_brackets,
)
from utils.model_script.lint.problems import (
    LONGEST_QUOTED,
    NOT_READ,
    Problem,
    one_line,
    shortened,
)
from utils.model_script.lookalikes import plain, words_for
from utils.model_script.statements import Statement, StatementParser
from utils.model_script.tokens import NEWLINE
from utils.wording import listed

# A line that can only be the beginning of a statement: nothing inside brackets looks like it.
_HEAD = re.compile(
    r"[ \t]*(?:[\w/.\-]+[ \t]*,[ \t]*)*(?:(?:[\w/.\-]+|\{[^}\r\n]*\})[ \t]*=[ \t]*)?"
    r"[A-Za-z_][\w/.\-]*[ \t]*\("
)
# Around a script that was copied out of something else.
_STRANGE_LINES = (
    (
        re.compile(r"\s*(?:<{7}|={7}|>{7})(?:\s|$)"),
        "Git marks two versions here, of which none was chosen",
        "Keep the lines of one version, and delete the three lines with marks.",
    ),
    (
        re.compile(r"\s*(?:```\w*|~~~\w*|\"{3}|'{3}|EOF|cat\s.*<<.*|%%\w+.*|hailo(?:mz)?\s.*)\s*$"),
        "The line belongs to what the script was copied out of",
        "Delete the line.",
    ),
)
# As shells, templates, Python and instructions write them.
_PLACEHOLDER = re.compile(
    r"\$\{\w{1,60}\}|\$\w{1,60}|\{\{[^{}*\r\n]{1,60}\}\}|%\(\w{1,60}\)[sdf]|<\w[\w ]{0,60}>"
)
LOOKALIKE_LINE = "The line holds characters that only look like those of a script"
MAX_UNREADABLE = 100  # statements after which a text is no script


@dataclass(frozen=True)
class Reading:
    """What could be read of a script.

    Parameters
    ----------
    statements : in order.
    problems : where the text does not follow the grammar.
    """

    statements: tuple[Statement, ...]
    problems: tuple[Problem, ...]


def read_tolerantly(text: str) -> Reading:
    """Read all statements that can be read; after one that cannot, go on with the next line."""
    parser = StatementParser(text)
    statements: list[Statement] = []
    problems: list[Problem] = []
    while True:
        try:
            # Statements before the one that fails must not be lost with it.
            for statement in parser.statements():
                statements.append(statement)  # noqa: PERF402
            break
        except ScriptError as error:
            problem, offset = _unreadable(text, parser.start, error)
        problems.append(problem)
        if len(problems) == MAX_UNREADABLE:
            problems.append(_given_up(offset))
            break
        parser.resume(offset)
    problems += [_stray(statements, *surplus) for surplus in parser.surplus]
    return Reading(tuple(statements), tuple(problems))


def _unreadable(text: str, start: int, error: ScriptError) -> tuple[Problem, int]:
    """What is wrong with a statement, and where to go on."""
    comment = foreign_comment(text, start, error.offset)
    if comment is not None:
        return comment
    first_end = _line_end(text, start)
    line_start = _line_start(text, error.offset)
    if error.offset > first_end and _HEAD.match(text, line_start):
        end = len(text[:line_start].rstrip())
        expected = error.problem.partition(", found")[0]
        suggestion = closed(text[start:end])
        problem = NOT_READ.at(
            end,
            "A bracket is never closed",
            suggestion,
            evidence=expected,
            advice="" if suggestion else "Close the bracket.",
        )
        return problem, line_start
    end = _statement_end(text, start, error.offset)
    return _misread(text, start, end, error), _next_line(text, end)


def _misread(text: str, start: int, end: int, error: ScriptError) -> Problem:
    """What is wrong inside a statement."""
    odd_one = _not_of_scripts(text, start, end, error.offset)
    if odd_one is not None:
        return odd_one
    suggestion = mended(text[start:end], error.offset - start)
    headline, evidence = "The line does not follow the grammar of model scripts", error.problem
    odd = words_for(text[start:end])
    if WRITTEN_NEWLINE.match(text, error.offset):
        headline = r"The line holds \n where a line ends"
        evidence = "a backslash and a letter"
    elif odd and suggestion:
        headline, evidence = LOOKALIKE_LINE, listed(odd)
    elif odd and not plain(text[start:end]).strip():
        return NOT_READ.at(
            error.offset,
            "The line looks empty and is not",
            evidence=listed(odd),
            advice="Delete the line.",
        )
    return NOT_READ.at(
        error.offset,
        headline,
        suggestion,
        evidence=evidence,
        advice="" if suggestion else "Write the line as command(argument, keyword=value).",
    )


def _not_of_scripts(text: str, start: int, end: int, error: int) -> Problem | None:
    """What is wrong with a line that no script is meant to have, if it is one."""
    line = text[_line_start(text, start) : _line_end(text, start)]
    for form, headline, advice in _STRANGE_LINES:
        if form.match(line):
            return NOT_READ.at(error, headline, evidence=shortened(line), advice=advice)
    for hole in _PLACEHOLDER.finditer(text, start, min(end, error + LONGEST_QUOTED)):
        if hole.start() <= error < hole.end():
            return NOT_READ.at(
                hole.start(),
                "A placeholder was left in the line",
                evidence=shortened(hole.group()),
                advice="Write the value in its place.",
            )
    return None


def _given_up(offset: int) -> Problem:
    return NOT_READ.at(
        offset,
        "The rest was not read, because the text is not a model script",
        advice="Check that the file is a model script.",
    )


def _statement_end(text: str, start: int, error: int) -> int:
    """Where a broken statement ends: with a line after which its brackets are closed.

    Where they never are it ends before the next line that begins a statement.
    """
    end = _line_end(text, error)
    depth = len(open_brackets(text[start:end]))
    while depth and end < len(text):
        line_start = _next_line(text, end)
        if _HEAD.match(text, line_start) or line_start >= len(text):
            return end
        end = _line_end(text, line_start)
        for token in BRACKETS.findall(text, line_start, end):
            depth += (token in PAIRS) - (token in ")]}")
        depth = max(depth, 0)
    return end


def _stray(statements: Sequence[Statement], offset: int, surplus: str) -> Problem:
    before = [each for each in statements if each.start < offset]
    suggestion = one_line(before[-1].text) if before else ""
    return NOT_READ.at(
        offset,
        "The line ends with too many closing brackets",
        suggestion,
        Severity.WARNING,
        evidence=repr(surplus),
        why="The compiler ignores them.",
        advice="" if suggestion else "Delete them.",
    )


def _line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def _line_end(text: str, offset: int) -> int:
    newline = NEWLINE.search(text, offset)
    return newline.start() if newline else len(text)


def _next_line(text: str, offset: int) -> int:
    newline = NEWLINE.search(text, offset)
    return newline.end() if newline else len(text)
