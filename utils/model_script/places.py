"""Arguments that the compiler knows by their place, where scripts name them by keywords."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from operator import itemgetter

from utils.facts.script_mistakes import WITHOUT_KEYWORD
from utils.model_script.statements import Argument, Statement


def by_place(statement: Statement, words: Mapping[str, int] | None = None) -> list[Argument]:
    """Arguments that need no keyword, in the order of the command; without one, where room is.

    Parameters
    ----------
    words : places by keyword; by default those that people write for this command.
    """
    known = WITHOUT_KEYWORD.get(statement.command, {}) if words is None else words
    written = {each.name for each in statement.args}
    taken = {place for word, place in known.items() if word in written}
    free = (place for place in count() if place not in taken)
    places = [
        (next(free) if each.name is None else known[each.name], each)
        for each in statement.args
        if each.name is None or each.name in known
    ]
    return [each for _, each in sorted(places, key=itemgetter(0))]
