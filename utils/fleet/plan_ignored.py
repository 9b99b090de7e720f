"""Findings that a plan ignores, and of which archives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from utils.findings.ignored import IgnoreRule
from utils.fleet.plan_text import Place, PlanFault, PlanText
from utils.wording import printable, short

ALL = "*"


@dataclass(frozen=True)
class IgnoredOf:
    """What is ignored of the archives whose file names match a pattern."""

    archives: str
    rule: IgnoreRule


def ignored_in(text: PlanText) -> Iterator[IgnoredOf]:
    """What the entries say, in their order.

    Parameters
    ----------
    text : a plan that its schema has been held against.

    Raises
    ------
    PlanFault : a last day is none.
    """
    for index, entry in enumerate(text.content.get("ignore", ())):
        place = text.place(("ignore", index, "until"))
        until = _day(entry["until"], place) if "until" in entry else None
        rule = IgnoreRule(entry["id"], printable(entry["reason"].strip()), until)
        yield IgnoredOf(entry.get("archives", ALL), rule)


def _day(said: str, place: Place) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        problem = f"until has to be a day, as in 2030-12-31, not {short(said, 60)}"
        raise PlanFault(place, problem) from error
