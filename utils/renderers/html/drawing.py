"""Where the layers of a neighbourhood are drawn: rows from top to bottom, edges in between.

An edge that passes rows takes a place of its own in each of them, so that it runs beside the
layers there and not behind them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from utils.renderers.html.layers import NumberedLayer
from utils.renderers.html.neighbourhood import Neighbourhood
from utils.renderers.html.numbers import snr_with_unit
from utils.renderers.html.snr_class import snr_class
from utils.wording import listed, short

BOX_WIDTH, BOX_HEIGHT = 156, 40
GAP, ROW_GAP, MARGIN = 14, 26, 6
LANE = 14  # width of a place that an edge takes
MAX_TEXT = 22  # characters that fit into a box

Edge = tuple[str, str]
# A layer by its name, or the place of an edge in a row.
Slot = tuple[str, ...]


@dataclass(frozen=True)
class Box:
    """One layer: upper left corner, two lines of text, class of its colour."""

    x: float
    y: float
    name: str
    title: str
    detail: str
    style: str
    is_centre: bool


@dataclass(frozen=True)
class Drawing:
    """A picture of a neighbourhood.

    Parameters
    ----------
    edges : paths of SVG.
    described : what the picture shows, for those who do not see it.
    """

    width: float
    height: float
    boxes: tuple[Box, ...]
    edges: tuple[str, ...]
    described: str
    left_out: int


def draw(part: Neighbourhood) -> Drawing:
    """Lay out a neighbourhood."""
    rank = _ranks(part)
    rows = _ordered(_rows(part, rank), part, rank)
    centres = _places(rows)
    width = max(map(_row_width, rows)) + 2 * MARGIN
    return Drawing(
        width=width,
        height=len(rows) * (BOX_HEIGHT + ROW_GAP) - ROW_GAP + 2 * MARGIN,
        boxes=tuple(_box(each, part, centres[(each.layer.name,)]) for each in part.layers),
        edges=tuple(_path(edge, rank, centres) for edge in part.edges),
        described=_described(part),
        left_out=part.left_out,
    )


def _ranks(part: Neighbourhood) -> dict[str, int]:
    """Row of every layer: one below the lowest of its producers."""
    rank = {each.layer.name: 0 for each in part.layers}
    by_source: dict[str, list[str]] = {}
    for source, target in part.edges:
        by_source.setdefault(source, []).append(target)
    for source in rank:  # in graph order, so producers come first
        for target in by_source.get(source, ()):
            rank[target] = max(rank[target], rank[source] + 1)
    return rank


def _rows(part: Neighbourhood, rank: Mapping[str, int]) -> list[list[Slot]]:
    rows: list[list[Slot]] = [[] for _ in range(max(rank.values()) + 1)]
    for name, row in rank.items():
        rows[row].append((name,))
    for source, target in part.edges:
        for row in range(rank[source] + 1, rank[target]):
            rows[row].append((source, target))
    return rows


def _ordered(
    rows: list[list[Slot]], part: Neighbourhood, rank: Mapping[str, int]
) -> list[list[Slot]]:
    """Rows in which everything stands below what it comes from, as far as possible."""
    sources: dict[str, list[str]] = {}
    for source, target in part.edges:
        sources.setdefault(target, []).append(source)

    def above(slot: Slot, row: int, position: Mapping[Slot, float]) -> float:
        if len(slot) == 2:
            came_from = [slot if rank[slot[0]] < row - 1 else (slot[0],)]
        else:
            came_from = [
                (s, slot[0]) if rank[s] < row - 1 else (s,) for s in sources.get(slot[0], ())
            ]
        return sum(position[s] for s in came_from) / len(came_from) if came_from else 0.0

    ordered = [rows[0]]
    for row, slots in enumerate(rows[1:], start=1):
        position = {slot: place[0] for slot, place in _places(ordered).items()}
        # Edges that pass give way to layers, to the right.
        key = [(above(slot, row, position), len(slot), slot) for slot in slots]
        ordered.append([slot for _, _, slot in sorted(key)])
    return ordered


def _row_width(row: Sequence[Slot]) -> float:
    return sum(map(_width, row)) + GAP * (len(row) - 1)


def _width(slot: Slot) -> float:
    return BOX_WIDTH if len(slot) == 1 else LANE


def _places(rows: Sequence[Sequence[Slot]]) -> dict[tuple[str, ...], tuple[float, float]]:
    """Middle of the upper side of every slot; slots of an edge are told apart by their row."""
    widest = max(map(_row_width, rows))
    places: dict[tuple[str, ...], tuple[float, float]] = {}
    for number, row in enumerate(rows):
        x = MARGIN + (widest - _row_width(row)) / 2
        y = MARGIN + number * (BOX_HEIGHT + ROW_GAP)
        for slot in row:
            key = slot if len(slot) == 1 else (*slot, str(number))
            places[key] = (x + _width(slot) / 2, y)
            if len(slot) == 2:
                places[slot] = places[key]  # the latest row, from which the next one continues
            x += _width(slot) + GAP
    return places


def _box(each: NumberedLayer, part: Neighbourhood, place: tuple[float, float]) -> Box:
    said = f" · {_snr(each)}" if _snr(each) else ""
    return Box(
        x=place[0] - BOX_WIDTH / 2,
        y=place[1],
        name=short(each.label, MAX_TEXT),
        title=each.name,
        detail=f"{short(each.layer.type, MAX_TEXT - len(said))}{said}",
        style=snr_class(each.entry.get("snr_db")),
        is_centre=each.layer.name in part.centres,
    )


def _snr(each: NumberedLayer) -> str:
    return snr_with_unit(each.entry.get("snr_db"))


def _path(edge: Edge, rank: Mapping[str, int], places: Mapping[Slot, tuple[float, float]]) -> str:
    source, target = edge
    x, y = places[(source,)]
    y += BOX_HEIGHT
    path = f"M{x:.0f} {y:.0f}"
    for row in range(rank[source] + 1, rank[target] + 1):
        is_end = row == rank[target]
        next_x, next_y = places[(target,) if is_end else (source, target, str(row))]
        middle = (y + next_y) / 2
        path += f"C{x:.0f} {middle:.0f} {next_x:.0f} {middle:.0f} {next_x:.0f} {next_y:.0f}"
        x, y = next_x, next_y
        if not is_end:
            y += BOX_HEIGHT
            path += f"V{y:.0f}"
    return path


def _described(part: Neighbourhood) -> str:
    centres = [each for each in part.layers if each.layer.name in part.centres]
    said = [f"{each.label} ({_snr(each) or 'not measured'})" for each in centres]
    return f"Graph of {len(part.layers)} layers around {listed(said)}"
