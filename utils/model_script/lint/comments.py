"""Comments as other languages write them."""

from __future__ import annotations

import re

from utils.model_script.lint.problems import NOT_READ, Problem, one_line
from utils.model_script.statements import is_statement
from utils.model_script.tokens import NEWLINE

_MARK = re.compile(r"//+|/\*+|--+|;+|<!--|REM\b")
_CLOSERS = {"/*": "*/", "<!--": "-->"}
ADVICE = "Comments begin with #"


def foreign_comment(text: str, start: int, error: int) -> tuple[Problem, int] | None:
    """What is wrong with a comment of another language, and where to go on; None if it is none.

    Parameters
    ----------
    start : offset of the statement that cannot be read.
    error : offset at which reading it ended.
    """
    mark = _MARK.match(text, start)
    if mark is not None:
        content, end = _content(text, mark)
        lines = [f"# {line.strip()}".rstrip() for line in NEWLINE.split(content)]
        return _problem(start, mark, "\n".join(lines)), end
    mark = _MARK.match(text, error)
    statement = text[start:error]
    if mark is None or not is_statement(statement):
        return None
    content, end = _content(text, mark)
    words = " ".join(content.split())
    return _problem(error, mark, f"{one_line(statement)}  # {words}".rstrip()), end


def _problem(offset: int, mark: re.Match[str], suggestion: str) -> Problem:
    return NOT_READ.at(offset, ADVICE, suggestion, evidence=f"this one begins with {mark.group()}")


def _content(text: str, mark: re.Match[str]) -> tuple[str, int]:
    """What a comment says, and where it ends."""
    newline = NEWLINE.search(text, mark.end())
    end = newline.start() if newline else len(text)
    closer = _CLOSERS.get(mark.group()[:2], _CLOSERS.get(mark.group(), ""))
    closed = text.find(closer, mark.end()) if closer else -1
    if closed >= 0:
        return text[mark.end() : closed].strip(), closed + len(closer)
    return text[mark.end() : end].strip(), end
