"""Texts and tables as lines of a terminal of a given width."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from termcolor import colored

from utils.findings import Severity
from utils.terminal.shown import Column, Shown, Table, Text
from utils.wording import begun, printable, short

NARROWEST = 40  # columns; narrower terminals get lines that they break themselves
_COLORS = {Severity.INFO: "cyan", Severity.WARNING: "yellow", Severity.ERROR: "red"}
# Between words, but not between a number and its unit, nor within a shape such as (64, 64, 3).
_BREAK = re.compile(r" (?!(?:dB|%|bits?)\b)(?!(?<=\d, )\d)")
_TABLE_INDENT, _GAP = 2, 2
_SHORTEST_NAME = 12


def laid_out(shown: Shown, width: int | None, is_coloured: bool = False) -> list[str]:
    """Lines of a text or table, without line ends.

    Names of archives are made harmless here: control characters are spelled out.

    Parameters
    ----------
    width : columns of the terminal; None for what is no terminal, where nothing is broken or left
        out. A word that is wider than the terminal is kept whole.
    is_coloured : whether to add escape sequences.
    """
    columns = None if width is None else max(width, NARROWEST)
    if isinstance(shown, Table):
        return _table_lines(shown, columns, is_coloured)
    return _text_lines(shown, columns, is_coloured)


def display_width(text: str) -> int:
    """Columns that a text takes: East Asian characters take two, combining ones none."""
    return sum(_character_width(c) for c in text)


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _text_lines(text: Text, width: int | None, is_coloured: bool) -> list[str]:
    tag = f"[{text.severity.label}] " if text.severity else ""
    first = " " * text.indent + tag
    words = printable(text.text)
    if width is None or not text.is_breakable:
        lines = [first + words]
    else:
        rest = " " * (text.indent + len(tag) + text.hanging)
        lines = list(_wrapped(words, width, first, rest))
    if is_coloured:
        lines = list(_coloured(lines, text, tag.rstrip()))
    return [line.rstrip() for line in lines]


def _wrapped(text: str, width: int, first: str, rest: str) -> Iterator[str]:
    line, is_empty = first, True
    for word in _BREAK.split(text):
        if not is_empty and display_width(line) + 1 + display_width(word) > width:
            yield line
            line, is_empty = rest, True
        line += word if is_empty else f" {word}"
        is_empty = False
    yield line


def _coloured(lines: Sequence[str], text: Text, tag: str) -> Iterator[str]:
    first, *others = lines
    if text.is_heading:
        first, *others = (_bold(line) for line in lines)
    if text.severity:
        painted = colored(tag, _COLORS[text.severity], force_color=True)
        first = first.replace(tag, painted, 1)
    yield first
    yield from others


def _bold(text: str) -> str:
    return colored(text, attrs=["bold"], force_color=True) if text.strip() else text


def _table_lines(table: Table, width: int | None, is_coloured: bool) -> list[str]:
    filled = [_harmless(c) for c in table.columns if any(c.cells)]
    columns = filled if width is None else _fitting(filled, width)
    rows = zip(*(_padded(column) for column in columns), strict=True)
    lines = [" " * _TABLE_INDENT + (" " * _GAP).join(row).rstrip() for row in rows]
    if is_coloured and lines:
        lines[0] = colored(lines[0], attrs=["underline"], force_color=True)
    shown = {column.heading for column in columns}
    left_out = [column.heading for column in filled if column.heading not in shown]
    return [*lines, *_left_out_lines(left_out, width)]


def _left_out_lines(headings: Sequence[str], width: int | None) -> list[str]:
    if not headings:
        return []
    said = f"(not shown, as the terminal is too narrow: {', '.join(headings)})"
    return _text_lines(Text(said, indent=_TABLE_INDENT, hanging=1), width, False)


def _harmless(column: Column) -> Column:
    cells = [printable(cell) for cell in column.cells]
    return replace(column, cells=cells)


def _fitting(columns: list[Column], width: int) -> list[Column]:
    while (excess := _total(columns) - width) > 0:
        if sum(map(_spare, columns)) >= excess:
            return _cut(columns, excess)
        highest = max(column.rank for column in columns)
        if highest == 0:
            return [_narrowed(column, excess) for column in columns]
        # Of several the rightmost goes first.
        last = max(i for i, column in enumerate(columns) if column.rank == highest)
        columns = columns[:last] + columns[last + 1 :]
    return columns


def _spare(column: Column) -> int:
    """By how much a column can be cut."""
    return max(_column_width(column) - column.shortest, 0) if column.shortest else 0


def _cut(columns: Sequence[Column], excess: int) -> list[Column]:
    """Columns that are so much narrower together; what matters least is cut first."""
    found = list(columns)
    for at in sorted(range(len(found)), key=lambda at: -found[at].rank):
        less = min(_spare(found[at]), excess)
        if less:
            limit, excess = _column_width(found[at]) - less, excess - less
            found[at] = replace(found[at], cells=[begun(c, limit) for c in found[at].cells])
    return found


def _total(columns: Sequence[Column]) -> int:
    return _TABLE_INDENT + sum(map(_column_width, columns)) + _GAP * (len(columns) - 1)


def _column_width(column: Column) -> int:
    return max(map(display_width, (column.heading, *column.cells)))


def _narrowed(column: Column, excess: int) -> Column:
    if column.is_number:
        return column
    limit = max(_column_width(column) - excess, _SHORTEST_NAME)
    cells = [short(cell, limit) for cell in column.cells]
    return replace(column, cells=cells)


def _padded(column: Column) -> Iterator[str]:
    width = _column_width(column)
    for cell in (column.heading, *column.cells):
        space = " " * (width - display_width(cell))
        yield space + cell if column.is_number else cell + space
