"""The page of a fleet: all archives in a table that can be sorted and filtered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from markupsafe import Markup

from utils.fleet.history import Point
from utils.fleet.rows import STATES, Fleet, Row, worst_first
from utils.renderers.fleet.trend_lines import HEIGHT, WIDTH, Trend, kept_trend, snr_trend
from utils.renderers.fleet.words import (
    first_id,
    first_words,
    kept_in_words,
    snr_in_words,
    state_in_words,
    summary,
)
from utils.renderers.html import assets
from utils.renderers.html.templates_of import templates_of
from utils.version import NAME, VERSION
from utils.wording import begun, short

MAX_NAME, MAX_TEXT, MAX_PATH = 120, 300, 200
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
    against: str
    archive: str
    trends: tuple[Trend, ...]


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
        link=quote(f"{base}{row.folder}/{PAGE}", safe="/.") if row.folder else "",
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
        against=begun(row.against, MAX_TEXT),
        archive=short(row.archive, MAX_PATH),
        trends=tuple(trend for trend in drawn if trend is not None),
    )


@cache
def _style() -> Markup:
    return Markup("\n").join([assets.style(STYLES), assets.static(OWN, "fleet.css")])


@cache
def _script() -> Markup:
    return assets.static(OWN, "fleet.js")
