"""Which known word somebody meant, if it was meant at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

MAX_EDITS = 2  # letters that a misspelling gets wrong; with more it is another word
SHORT = 6  # words below this length may differ by one letter only,
SHORTEST = 4  # and below this one by none
_LONGEST = 80  # no known word is longer


def nearest(word: str, known: Iterable[str]) -> str:
    """The one known word of which this is a misspelling; "" if there is none or several.

    Words that differ in their numbers only are different words: conv42 and conv43, yolov8 and
    yolov9.
    """
    return _nearest(word, tuple(known)) if len(word) <= _LONGEST else ""


@lru_cache(maxsize=1024)
def _nearest(word: str, known: tuple[str, ...]) -> str:
    folded = _folded(word)
    allowed = 0 if len(folded) < SHORTEST else 1 if len(folded) < SHORT else MAX_EDITS
    if any(_without_numbers(folded) == _without_numbers(_folded(other)) for other in known):
        same = [other for other in known if _folded(other) == folded]
        return same[0] if len(same) == 1 else ""
    edits = {
        other: edit_distance(folded, _folded(other), allowed)
        for other in known
        if abs(len(other) - len(word)) <= allowed
    }
    best = min(edits.values(), default=allowed + 1)
    closest = [other for other, distance in edits.items() if distance == best]
    return closest[0] if best <= allowed and len(closest) == 1 else ""


def _folded(word: str) -> str:
    return word.casefold().replace("-", "_")


def _without_numbers(word: str) -> str:
    return re.sub(r"\d+", "", word)


def edit_distance(one: str, other: str, limit: int) -> int:
    """Letters to insert, delete, replace or swap with their neighbour; above the limit, any."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        current = [i]
        for j, b in enumerate(other, start=1):
            cost = min(row[j] + 1, current[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, row = row, current
    return row[-1]
