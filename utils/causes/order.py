"""The order of a table of explanations: causes before what they explain, and no circles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from utils.causes.explanations import Explanation


def ranks(table: Iterable[Explanation]) -> dict[str, int]:
    """Numbers by id: whatever explains something has a lower one than that.

    Where ids explain one another in a circle, one of the pairs is passed over.
    """
    causes = _causes(table)
    while found := _circle(causes):
        causes[found[1]].remove(found[0])
    return {name: rank for rank, name in enumerate(TopologicalSorter(causes).static_order())}


def circle(table: Iterable[Explanation]) -> list[str]:
    """Ids that explain one another in a circle, the first again at the end; empty if none do."""
    return _circle(_causes(table))


def _causes(table: Iterable[Explanation]) -> dict[str, list[str]]:
    """All that may explain an id, always in the same order."""
    causes: dict[str, dict[str, None]] = {}
    for entry in table:
        for consequence in sorted(entry.explains):
            causes.setdefault(consequence, {})[entry.cause] = None
    return {name: list(above) for name, above in causes.items()}


def _circle(causes: Mapping[str, Iterable[str]]) -> list[str]:
    try:
        TopologicalSorter(causes).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []
