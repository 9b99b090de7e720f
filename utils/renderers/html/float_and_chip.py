"""Single values of the outputs, in float and on the chip, as points of a chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from utils.measurements.agreement import OutputAgreement
from utils.measurements.agreement.decisions import Decisions
from utils.measurements.agreement.pairs import ValuePairs
from utils.renderers.html.gauges import worst_first
from utils.renderers.html.layers import NumberedLayers
from utils.renderers.html.numbers import code, codes
from utils.wording import plural

MAX_OUTPUTS = 6  # the worst of them
POINTS = 6_000  # of all outputs together, at about 15 bytes each


@dataclass(frozen=True)
class OutputPairs:
    """One output: what its points show, in words, and how many of its values are drawn."""

    label: str
    sentence: str
    drawn: str
    entry: Mapping[str, Any]


def float_and_chip(layers: NumberedLayers) -> list[OutputPairs]:
    """Outputs of which values are known, the worst first."""
    measurements = layers.report.measurements
    found = measurements.agreement.outputs if measurements and measurements.agreement else {}
    ratios = {
        name: layers.by_name[name].entry.get("snr_db", np.nan)
        for name, output in found.items()
        if output.pairs is not None and name in layers.by_name
    }
    names = worst_first(ratios.items())[:MAX_OUTPUTS]
    return [_view(layers.by_name[each].label, found[each], POINTS // len(names)) for each in names]


def _view(label: str, output: OutputAgreement, room: int) -> OutputPairs:
    assert output.pairs is not None
    floats, chip = _drawn(output.pairs, room)
    decided = _threshold_in_words(output) if output.pairs.fires else ""
    return OutputPairs(
        label,
        decided,
        _extent(output, len(floats)),
        {
            "float": codes(floats),
            "chip": codes(chip),
            "threshold": code(output.threshold) if output.pairs.fires else None,
            "sentence": decided,
            "drawn": _extent(output, len(floats)),
        },
    )


def _drawn(pairs: ValuePairs, room: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Values in float and on the chip, as many as there is room for; keys are random."""
    firing = pairs.firing.floats.size
    kept = min(firing, max(room // 2, room - pairs.others.floats.size))
    others = room - kept
    return (
        np.concatenate([pairs.firing.floats[:kept], pairs.others.floats[:others]]),
        np.concatenate([pairs.firing.chip[:kept], pairs.others.chip[:others]]),
    )


def _extent(output: OutputAgreement, drawn: int) -> str:
    values = output.values * len(output.samples.positions)
    if drawn == values:
        return f"All {plural(values, 'value')}" if values > 1 else "The one value there is"
    said = f"{plural(drawn, 'value')} of many"
    return f"{said}, more of those that exceed the threshold" if _is_uneven(output) else said


def _is_uneven(output: OutputAgreement) -> bool:
    return output.pairs is not None and bool(output.pairs.firing.floats.size)


def _threshold_in_words(output: OutputAgreement) -> str:
    """What becomes of values that exceed the threshold, over all samples and values."""
    cells = "cells_" if output.settled.kind == "detection" else ""
    still, rightly = (
        output.samples.decisions.get(f"{cells}{name}") for name in ("still_fire", "fired_rightly")
    )
    if still is None or rightly is None:
        return ""
    said = _kept_and_added(still, rightly, "cell" if cells else "value")
    return f"If these are scores: {said[0].lower()}{said[1:]}" if _is_guess(output) else said


def _is_guess(output: OutputAgreement) -> bool:
    return output.settled.kind == "unknown"


def _kept_and_added(still: Decisions, rightly: Decisions, noun: str) -> str:
    """A sentence on what crosses the threshold."""
    fire, kept = int(still.of.sum()), int(still.same.sum())
    added = int(rightly.of.sum()) - int(rightly.same.sum())
    if not fire and not added:
        return f"No {noun} exceeds the threshold, neither in float nor on the chip"
    return f"{_exceeding(fire, kept, noun)}; {f'{added:,}' if added else 'none'} on the chip alone"


def _exceeding(fire: int, kept: int, noun: str) -> str:
    if fire == 1:
        where = "in float and on the chip" if kept else "in float, but not on the chip"
        return f"1 {noun} exceeds the threshold {where}"
    found = f"{plural(fire, noun)} exceed the threshold in float"
    if not fire:
        return found
    return f"{found}, {'all' if kept == fire else f'{kept:,}'} of them on the chip"
