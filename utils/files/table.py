"""Numbers in columns, as a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from utils.files.glimpse import Glimpse

SEPARATORS: dict[str, str | None] = {",": ",", ";": ";", "\t": "\t", " ": None}
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|[-+]?(nan|inf)", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """The lines of a text as rows of cells.

    Parameters
    ----------
    separator : what stands between two cells; None for white space.
    rows : the first ones.
    """

    separator: str | None
    rows: tuple[tuple[str, ...], ...]

    @property
    def names(self) -> int:
        """How many rows of names, 0 or 1, stand above the numbers."""
        return 0 if _is_of_numbers(self.rows[0]) else 1

    @property
    def columns(self) -> int:
        """Cells of a row."""
        return len(self.rows[-1])

    @property
    def is_of_numbers(self) -> bool:
        """Whether there are numbers in columns, maybe below a row of names."""
        if not self.rows:
            return False
        below = self.rows[self.names :]
        is_even = len({len(row) for row in below}) == 1
        return is_even and all(map(_is_of_numbers, below))


def table_of(file: Glimpse) -> Table:
    """The table that a text would be."""
    last = file.lines[-1] if file.lines else ""
    separator = SEPARATORS[max(SEPARATORS, key=last.count)]
    rows = (tuple(cell.strip() for cell in line.split(separator)) for line in file.lines)
    return Table(separator, tuple(rows))


def _is_of_numbers(row: Sequence[str]) -> bool:
    return all(map(NUMBER.fullmatch, row))
