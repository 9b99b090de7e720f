"""The layer whose values tell most of the first cause, for the histogram of the first screen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from utils.findings import Finding, Severity
from utils.measurements import Histogram
from utils.renderers.html.grouping import Group
from utils.renderers.html.layers import NumberedLayer, NumberedLayers
from utils.renderers.html.numbers import percent

NOTICEABLE = 0.001  # share of values that are cut off which a network may notice
HALF = 0.5  # of a range unused costs a bit


@dataclass(frozen=True)
class Telling:
    """A layer, and what its histogram shows of its values, as a clause."""

    layer: NumberedLayer
    clause: str


def telling(layers: NumberedLayers, found: Sequence[Group]) -> Telling | None:
    """A layer of the first cause, else of what it explains, whose range does not fit its values.

    Of several the one with the largest share of values beyond its range is taken, else the one
    that uses the least of it. Where all ranges fit, a layer of the first cause is shown, since that
    is worth knowing, too; None where no layer has a histogram.
    """
    first = next(iter(found), None)
    if first is None or first.severity == Severity.INFO:
        return None
    explained = [finding for group in first.consequences for finding in group.findings]
    own, others = (_with_histogram(layers, findings) for findings in (first.findings, explained))
    misfits = [each for each in own if _is_misfit(each[1])]
    candidates = misfits or [each for each in others if _is_misfit(each[1])] or own or others
    if not candidates:
        return None
    layer, histogram = max(candidates, key=lambda each: (_beyond(each[1]), -_used(each[1])))
    return Telling(layer, _clause(histogram))


def _is_misfit(histogram: Histogram) -> bool:
    return _beyond(histogram) > NOTICEABLE or _used(histogram) < HALF


def _with_histogram(
    layers: NumberedLayers, findings: Iterable[Finding]
) -> list[tuple[NumberedLayer, Histogram]]:
    named = {name for finding in findings for name in finding.layers}
    measured = layers.report.measurements.layers if layers.report.measurements else {}
    pairs = (
        (each, measured[each.layer.name].histogram)
        for each in layers.all
        if each.layer.name in named and each.layer.name in measured
    )
    return [
        (each, histogram)
        for each, histogram in pairs
        if histogram is not None and _can_be_drawn(histogram)
    ]


def _can_be_drawn(histogram: Histogram) -> bool:
    return bool(histogram.total) and 0 < histogram.high - histogram.low < math.inf


def _beyond(histogram: Histogram) -> float:
    """Share of the values that the range does not hold."""
    return (histogram.below + histogram.above) / histogram.total


def _used(histogram: Histogram) -> float:
    """Share of the range between the smallest and the largest of its values."""
    filled = np.flatnonzero(histogram.counts)
    return (int(filled[-1]) - int(filled[0]) + 1) / len(histogram.counts) if filled.size else 0.0


def _clause(histogram: Histogram) -> str:
    beyond = _beyond(histogram)
    if beyond > NOTICEABLE:
        return f"{percent(beyond)}% lie beyond the range that the codes cover"
    return f"they use {percent(_used(histogram))}% of the range that the codes cover"
