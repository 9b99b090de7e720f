"""What the terminal is given: texts and tables as data, which know neither width nor colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from utils.findings import Severity


@dataclass(frozen=True)
class Text:
    """A paragraph; an empty one separates.

    Parameters
    ----------
    text : on one line; it is broken between words where the terminal ends.
    severity : shown in brackets in front of it; None where it is no message.
    indent : columns in front of the first line.
    hanging : columns in front of the others, on top of `indent` and the severity.
    is_heading : whether all of it is to stand out.
    is_breakable : False for what is to be copied, such as a line of a model script.
    """

    text: str
    severity: Severity | None = None
    indent: int = 0
    hanging: int = 0
    is_heading: bool = False
    is_breakable: bool = True


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    heading : its first row.
    cells : one text for each row.
    rank : where the terminal is too narrow, columns are left out, those of the highest rank first;
        0 is never left out, but its cells may be shortened.
    is_number : whether it is aligned at its right end.
    shortest : columns of the terminal to which its cells may be cut, from their end, before any
        column is left out; 0 where they may not.
    """

    heading: str
    cells: Sequence[str]
    rank: int = 0
    is_number: bool = True
    shortest: int = 0


@dataclass(frozen=True)
class Table:
    """Columns of equally many rows; what stands in no row of a column is left out with it."""

    columns: Sequence[Column]


Shown = Text | Table
BLANK = Text("")
