"""What a change does to all outputs of a network, by what became of each before and after."""

from __future__ import annotations

from utils.measurements.agreement.change import change_in_words
from utils.measurements.agreement.outcome import Outcome, Outcomes
from utils.measurements.mixed_precision import DEFAULT_TARGET_DB


def helps(before: Outcomes, after: Outcomes) -> bool:
    """Whether some output gains decisions, a channel or a decibel, and none loses any."""
    pairs = _pairs(before, after)
    if len(pairs) < len(before):
        return False
    return any(map(_is_better, pairs)) and not any(map(_is_worse, pairs))


def mends(before: Outcomes, after: Outcomes) -> bool:
    """Whether it helps, and every output comes as it is wanted."""
    return helps(before, after) and all(is_wanted(found) for _, found in _pairs(before, after))


def described(before: Outcomes, after: Outcomes) -> str:
    """What changes, in words, at every output that the change reaches."""
    said = []
    for name, one in before.items():
        other = after.get(name)
        if other is None:
            said.append(f"{name} could not be run")
        elif other != one:
            clauses = (_silenced(one, other), change_in_words(one, other))
            said.append(f"{name} {', '.join(filter(None, clauses))}")
    return "; ".join(said) or "no output changes"


def _pairs(before: Outcomes, after: Outcomes) -> list[tuple[Outcome, Outcome]]:
    return [(before[name], after[name]) for name in before if name in after]


def _is_better(pair: tuple[Outcome, Outcome]) -> bool:
    before, after = pair
    return after.helps_over(before) or after.silenced < before.silenced


def _is_worse(pair: tuple[Outcome, Outcome]) -> bool:
    before, after = pair
    return after.is_worse_than(before) or after.silenced > before.silenced


def is_wanted(found: Outcome) -> bool:
    """Whether nothing is lost; what nobody can count has to be as clear as a plan makes it."""
    is_clear = found.is_counted or not found.median_db < DEFAULT_TARGET_DB
    return found.is_fine and is_clear and not found.silenced


def _silenced(before: Outcome, after: Outcome) -> str:
    if not before.silenced:
        return ""
    noun = "constant channel" if before.silenced == 1 else "constant channels"
    return f"{before.silenced} {noun} before, {after.silenced or 'none'} after"
