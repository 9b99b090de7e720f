"""Lines of the model script that make ranges narrower than the values are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from inspectors.base_inspector import Context
from utils.findings import Recommendation
from utils.measurements.spread import Side, Spread
from utils.model_script.range_settings import (
    Range,
    RangeLine,
    clipping,
    forced_range,
    range_lines,
)

_SAME = 0.01  # share of a bound; codes of a range that a line asks for end there, but for rounding


def narrowing_lines(context: Context, spreads: Sequence[Spread]) -> dict[str, RangeLine]:
    """By layer, the line that decides last on a range which values pass.

    Either the calibration itself saw such values, so it did not choose this range, or the range
    ends where the line says.
    """
    found = {}
    for spread in spreads:
        lines = range_lines(context.script, context.model.network, [spread.layer.name])
        blamed = [line for line in lines if spread.was_clipped or _ends_alike(line.span, spread)]
        if blamed:
            found[spread.layer.name] = blamed[-1]
    return found


def _ends_alike(span: Range | None, spread: Spread) -> bool:
    """Whether the sides that values pass are those of a line."""
    return span is not None and all(
        math.isclose(side.bound, end, rel_tol=_SAME)
        for side, end in zip((spread.low, spread.high), span, strict=True)
        if side.beyond
    )


def widened(spreads: Sequence[Spread], lines: Mapping[str, RangeLine]) -> Recommendation | None:
    """Lines with ranges that hold all values, which a trial has to prove; None if not all can be.

    Settings of a layer by percentiles or a mode are not given new values: these would stay.
    """
    ranges = {spread.layer.name: (_end(spread.low), _end(spread.high)) for spread in spreads}
    commands = []
    for name, limits in ranges.items():
        settings = lines[name].settings
        if settings not in (("force_range_out",), ("activation_clipping",)):
            return None
        line = forced_range if "force_range_out" in settings else clipping
        commands.append(line(name, *limits))
    return Recommendation(tuple(commands), ranges=ranges)


def _end(side: Side) -> float:
    return side.farthest if side.beyond else side.bound
