"""The one correction that makes a statement readable, where there is one."""

from __future__ import annotations

import re

from utils.model_script.lint.features import takers
from utils.model_script.lint.problems import LONGEST_CORRECTED, one_line
from utils.model_script.lookalikes import plain
from utils.model_script.statements import is_statement

BRACKETS = re.compile(r'"[^"\r\n]*"|\'[^\'\r\n]*\'|#[^\r\n]*|[()\[\]{}]')
PAIRS = {"(": ")", "[": "]", "{": "}"}
# As other languages write the end of a line inside a text.
WRITTEN_NEWLINE = re.compile(r"(?:\\r)?\\n")
# Numbers of lines, prompts, and the marks of a difference.
_IN_FRONT = re.compile(r"^\s*(?:\d{1,5}(?:[:.)|]\s*|\s+)|(?:>>>|\$|>)\s+|\+\s*)(?=[A-Za-z_{])")
_CONTINUED = re.compile(r"\\[ \t]*(?=\r?\n)")
_NUMBER = r"\d{1,12}(?:\.\d{0,12})?"
_PRODUCT = re.compile(rf"(?<![\w.])({_NUMBER})\s*\*\s*({_NUMBER})(?![\w.])")
_REPEATED = re.compile(r"\[([^\[\]]{1,200})\]\s*\*\s*(\d{1,2})(?!\d)")
# Patterns as shells write them, without the braces of scripts, and as texts of Python with two.
_PATTERN = r"[A-Za-z_*][\w/.\-*]{0,80}"
_STARRED = re.compile(rf"(?<=[(=,\s])(?=[\w/.\-]{{0,80}}\*)({_PATTERN})(?=\s*[,)])")
_STARRED_LIST = re.compile(rf"\[(?=[^\]]{{0,500}}\*)(\s*{_PATTERN}[\w/.\-*,\s]{{0,500}})\]")
_IN_TWO_BRACES = re.compile(r"\{\{([^{}\r\n]{0,500}\*[^{}\r\n]{0,500})\}\}")
# A feature with brackets of its own, as functions of Python have them.
_CALLED = re.compile(r"(\w+\(\s*\w+)\s*\((.*)\)\s*\)\s*", re.DOTALL)
_SETTING = re.compile(r"\s*(\w{1,60})\s*=\s*([\w.]{1,60})\s*")
_OPEN_QUOTE = re.compile(r"([\"'])([^\"',\s]{1,300}),")
_TEXT = re.compile(r"[fFrR]?(?:\"([^\"\r\n]*)\"|'([^'\r\n]*)')")


def mended(statement: str, error: int) -> str:
    """The statement with the one correction that makes it readable; "" if none is known."""
    if len(statement) > LONGEST_CORRECTED:
        return ""
    return (
        _as_lines(statement)
        or next(map(one_line, filter(is_statement, _corrections(statement, error))), "")
        or _as_two(statement[:error], statement[error:])
        or closed(statement)
    )


def _as_lines(statement: str) -> str:
    """The statements that stand in one line, a line for each; "" if that is not it."""
    for lines in (
        WRITTEN_NEWLINE.split(statement),
        statement.split(";"),
        _quoted_lines(statement),
    ):
        filled = [line for line in lines if line.strip()]
        if filled and filled != [statement] and all(map(is_statement, filled)):
            return "\n".join(map(one_line, filled))
    return ""


def _corrections(statement: str, error: int) -> tuple[str, ...]:
    """The statement with every correction that is known, in the order of trying."""
    return (
        _IN_FRONT.sub("", statement),
        _CONTINUED.sub("", statement),
        _with_lists(statement),
        _REPEATED.sub(_written_out, statement),
        _PRODUCT.sub(_multiplied, statement),
        _STARRED_LIST.sub(r"{\1}", statement),
        _STARRED.sub(r"{\1}", statement),
        _IN_TWO_BRACES.sub(r"{\1}", statement),
        _CALLED.sub(r"\1, \2)", statement),
        _as_argument(statement),
        _OPEN_QUOTE.sub(r"\1\2\1,", statement, count=1),
        plain(statement),
        # Between arguments alone: names in front of a command have no commas but their own.
        f"{statement[:error].rstrip()}, {statement[error:]}" if "(" in statement[:error] else "",
        re.sub(r",\s*,", ",", statement),
        # A list that is not closed before the next keyword.
        re.sub(r",\s*(\w+\s*)$", r"], \1", statement[:error]) + statement[error:],
    )


def _as_two(first: str, second: str) -> str:
    """Two statements without a line between them; "" if that is not it."""
    are_both = is_statement(first) and is_statement(second)
    return f"{one_line(first)}\n{one_line(second)}" if are_both else ""


def closed(statement: str) -> str:
    """The statement with the brackets closed that are open at its end; "" if that is not it."""
    if len(statement) > LONGEST_CORRECTED:
        return ""
    bare = re.sub(r"#[^\r\n]*$", "", statement).rstrip().rstrip(";,").rstrip()
    candidate = bare + "".join(PAIRS[c] for c in reversed(open_brackets(bare)))
    return one_line(candidate) if is_statement(candidate) else ""


def open_brackets(text: str) -> list[str]:
    """Brackets that are open where a text ends, the outermost first."""
    opened: list[str] = []
    for token in BRACKETS.findall(text):
        if token in PAIRS:
            opened.append(token)
        elif token in ")]}" and opened:
            opened.pop()
    return opened


def _quoted_lines(statement: str) -> list[str]:
    """What stands in the quotation marks of a line, as a program hands it to the compiler."""
    return [
        WRITTEN_NEWLINE.sub("", double or single) for double, single in _TEXT.findall(statement)
    ]


def _with_lists(statement: str) -> str:
    """The statement with lists in place of the tuples of Python among its arguments."""
    head, bracket, rest = statement.partition("(")
    inside, closer, tail = rest.rpartition(")")
    return f"{head}{bracket}{inside.replace('(', '[').replace(')', ']')}{closer}{tail}"


def _as_argument(statement: str) -> str:
    """The line that sets what stands alone as name = value; "" if no or several commands do."""
    match = _SETTING.fullmatch(statement)
    places = takers(match[1]) if match else ()
    return places[0].line([f"{match[1]}={match[2]}"]) if match and len(places) == 1 else ""


def _written_out(match: re.Match[str]) -> str:
    return f"[{', '.join([match[1]] * int(match[2]))}]"


def _multiplied(match: re.Match[str]) -> str:
    return f"{float(match[1]) * float(match[2]):.10g}"
