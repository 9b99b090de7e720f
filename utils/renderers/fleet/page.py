"""The page of a fleet: all archives in a table that can be sorted and filtered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from markupsafe import Markup

from utils.fleet.history import Point
from utils.fleet.rows import STATES, Fleet, Row, worst_first
from utils.renderers.fleet.causes import Shared, shared_causes
from utils.renderers.fleet.trend_lines import HEIGHT, WIDTH, Trend, kept_trend, snr_trend
from utils.renderers.fleet.words import (
    MAX_NAMES,
    against_in_cell,
    changes,
    first_id,
    first_words,
    kept_in_words,
    snr_in_words,
    state_in_words,
    summary,
)
from utils.renderers.html import assets
from utils.renderers.html.templates_of import templates_of
from utils.tool import NAME, VERSION
from utils.wording import begun, plural, short

MAX_NAME, MAX_TEXT, MAX_PATH = 120, 300, 200
MAX_COMMANDS = 3  # lines of one step; the page of the archive has all
PAGE = "report.html"
OWN = "utils.renderers.fleet"
STYLES = ("colours.css", "page.css", "tables.css")


@dataclass(frozen=True)
class Line:
    """A row of the table.

    Parameters
    ----------
    link : address of its own page, from this one; "" where it has none.
    order : place among the states, the worst first.
    commands : what the next step says to type or to write, as much of it as a table has room for.
    snr, kept : what is sorted by; "" where it was not measured.
    """

    name: str
    link: str
    state: str
    order: int
    is_in_words: str
    snr: str
    snr_in_words: str
    kept: str
    kept_in_words: str
    agreement: str
    first: str
    id: str
    next: str
    commands: tuple[str, ...]
    against: str
    archive: str
    trends: tuple[Trend, ...]


@dataclass(frozen=True)
class CauseLine:
    """A row of the table of first causes, with the first of its archives and their pages."""

    count: int
    state: str
    is_in_words: str
    first: str
    id: str
    next: str
    commands: tuple[str, ...]
    archives: tuple[tuple[str, str], ...]
    others: str


def render(
    fleet: Fleet, base: str = "", trends: Mapping[str, Sequence[Point]] | None = None
) -> str:
    """The fleet as one HTML page; only the pages of the archives lie elsewhere.

    Parameters
    ----------
    base : address of the folder of results, from that of the page; "" where they are the same.
    trends : earlier runs and this one, by name of the archive.
    """
    lines = [_line(row, base, (trends or {}).get(row.name, ())) for row in worst_first(fleet.rows)]
    values = {
        "title": short(fleet.plan, MAX_NAME),
        "summary": summary(fleet),
        "finished": fleet.finished,
        "failures": [short(text, MAX_TEXT) for text in fleet.failures],
        "causes": [_cause_line(each, base) for each in shared_causes(fleet.rows)],
        "changes": changes(fleet),
        "lines": lines,
        "states": [(s, n) for s in STATES if (n := sum(line.state == s for line in lines))],
        "has_trends": any(line.trends for line in lines),
        "has_against": any(line.against for line in lines),
        "tool": f"{NAME} {VERSION}",
        "width": WIDTH,
        "height": HEIGHT,
        "style": _style(),
        "script": _script(),
        "policy": assets.content_security_policy([_script()]),
    }
    return templates_of(OWN).get_template("fleet.html").render(values)


def _line(row: Row, base: str, points: Sequence[Point]) -> Line:
    worst = row.worst
    drawn = (snr_trend(points), kept_trend(points))
    return Line(
        name=short(row.name, MAX_NAME),
        link=_link(row, base),
        state=row.state,
        order=STATES.index(row.state),
        is_in_words=state_in_words(row),
        snr="" if worst.snr_db is None else f"{worst.snr_db}",
        snr_in_words=snr_in_words(worst.snr_db),
        kept="" if worst.kept is None else f"{worst.kept}",
        kept_in_words=kept_in_words(row),
        agreement=short(worst.in_words, MAX_TEXT),
        first=begun(first_words(row), MAX_TEXT),
        id=first_id(row),
        next=begun(row.next, MAX_TEXT),
        commands=_few(row.commands),
        against=begun(against_in_cell(row), MAX_TEXT),
        archive=short(row.archive, MAX_PATH),
        trends=tuple(trend for trend in drawn if trend is not None),
    )


def _link(row: Row, base: str) -> str:
    return quote(f"{base}{row.folder}/{PAGE}", safe="/.") if row.folder else ""


def _few(commands: Sequence[str]) -> tuple[str, ...]:
    rest = len(commands) - MAX_COMMANDS
    more = (f"and {plural(rest, 'more line')}",) if rest > 0 else ()
    return (*(short(command, MAX_TEXT) for command in commands[:MAX_COMMANDS]), *more)


def _cause_line(cause: Shared, base: str) -> CauseLine:
    shown, rest = cause.rows[:MAX_NAMES], len(cause.rows) - MAX_NAMES
    return CauseLine(
        count=len(cause.rows),
        state=cause.state,
        is_in_words=state_in_words(cause.rows[0]),
        first=begun(cause.first, MAX_TEXT),
        id=cause.id,
        next=begun(f"{_at(cause)}{cause.next}", MAX_TEXT) if cause.next else "",
        commands=_few(cause.commands),
        archives=tuple((short(row.name, MAX_NAME), _link(row, base)) for row in shown),
        others=f"and {plural(rest, 'other')}" if rest > 0 else "",
    )


def _at(cause: Shared) -> str:
    """At how many archives the step is to be done, where it is not all."""
    return "" if cause.steps == len(cause.rows) else f"At {cause.steps:,} of them: "


@cache
def _style() -> Markup:
    return Markup("\n").join([assets.style(STYLES), assets.static(OWN, "fleet.css")])


@cache
def _script() -> Markup:
    return assets.static(OWN, "fleet.js")
