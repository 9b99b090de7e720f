"""First causes that several archives have: one pipeline makes one mistake often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from utils.fleet.rows import STATES, Row, worst_first
from utils.renderers.fleet.words import first_id, first_words, named

FINE = "fine"


@dataclass(frozen=True)
class Shared:
    """A first cause, with the archives that have it.

    Parameters
    ----------
    state : of all of them.
    first : what is wrong first, in words that name none of them.
    id : of the finding; "" where none says it.
    next : what is to be done at most of them; "" where nothing is.
    steps : at how many of them that is.
    commands : of that step, where it has the same at all of these.
    rows : the archives, the worst first.
    """

    state: str
    first: str
    id: str
    next: str
    steps: int
    commands: tuple[str, ...]
    rows: tuple[Row, ...]


def shared_causes(rows: Iterable[Row]) -> list[Shared]:
    """First causes of two archives or more, by state the worst first, then the most frequent first.

    What one archive has alone stands in the table of archives.
    """
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in worst_first(rows):
        if row.state != FINE:
            key = row.state, first_id(row), named(first_words(row), row, "the archive")
            groups.setdefault(key, []).append(row)
    found = [_shared(*key, group) for key, group in groups.items() if len(group) > 1]
    return sorted(found, key=lambda each: (STATES.index(each.state), -len(each.rows)))


def _shared(state: str, id: str, first: str, rows: list[Row]) -> Shared:
    ((step, often),) = Counter(row.next for row in rows).most_common(1)
    commands = {row.commands for row in rows if row.next == step}
    same = commands.pop() if len(commands) == 1 else ()
    return Shared(state, first, id, step, often, same, tuple(rows))
