"""Trends as small drawings: SNR and agreement of an archive over the last runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from utils.fleet.history import Point
from utils.renderers.fleet.words import snr_in_words

WIDTH, HEIGHT, EDGE = 96.0, 24.0, 3.0  # pixels


@dataclass(frozen=True)
class Trend:
    """A line over the runs.

    Parameters
    ----------
    points : as SVG wants them, one polyline for each stretch without gaps.
    last : place of the last run, x and y.
    in_words : for those who do not see it.
    """

    stretches: tuple[str, ...]
    last: tuple[float, float]
    in_words: str


def snr_trend(points: Sequence[Point]) -> Trend | None:
    """The SNR over the runs; None where fewer than two of them have one."""
    values = [point.snr_db for point in points]
    return _trend(values, "SNR", [snr_in_words(value) for value in values])


def kept_trend(points: Sequence[Point]) -> Trend | None:
    """What is decided as in float, over the runs; None where fewer than two of them counted it."""
    values = [point.kept for point in points]
    said = ["" if value is None else f"{value:.3g}" for value in values]
    return _trend(values, "agreement", said)


def _trend(values: Sequence[float | None], what: str, said: Sequence[str]) -> Trend | None:
    known = [(at, min(max(value, -200.0), 200.0)) for at, value in _numbers(values)]
    if len(known) < 2:
        return None
    low, high = min(value for _, value in known), max(value for _, value in known)
    spread = high - low or 1.0
    step = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)

    def place(at: int, value: float) -> tuple[float, float]:
        y = (
            HEIGHT / 2
            if high == low
            else HEIGHT - EDGE - (value - low) / spread * (HEIGHT - 2 * EDGE)
        )
        return round(EDGE + at * step, 1), round(y, 1)

    stretches: list[list[tuple[float, float]]] = []
    before = -2
    for at, value in known:
        if at != before + 1:
            stretches.append([])
        stretches[-1].append(place(at, value))
        before = at
    lines = tuple(" ".join(f"{x},{y}" for x, y in stretch) for stretch in stretches)
    first, last = said[known[0][0]], said[known[-1][0]]
    words = f"{what} over {len(values)} runs: {first} at first, {last} at last"
    return Trend(lines, place(*known[-1]), words)


def _numbers(values: Sequence[float | None]) -> list[tuple[int, float]]:
    return [(at, value) for at, value in enumerate(values) if value is not None]
