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
# Of the share of values that percentiles leave out of a range. What lies beyond it in other samples
# of the same kind varies by less.
_ALIKE = 3.0


def narrowing_lines(context: Context, spreads: Sequence[Spread]) -> dict[str, RangeLine]:
    """By layer, the line that decides last on a range which values pass.

    Either the calibration itself saw such values, so it did not choose this range, or the range
    ends where the line says, or no more values lie beyond it than the percentiles of a line leave
    out.
    """
    found = {}
    for spread in spreads:
        lines = range_lines(context.script, context.model.network, [spread.layer.name])
        blamed = [line for line in lines if spread.was_clipped or _makes(line, spread)]
        if blamed:
            found[spread.layer.name] = blamed[-1]
    return found


def _makes(line: RangeLine, spread: Spread) -> bool:
    return _ends_alike(line.span, spread) or _leaves_out_as_much(line.percentiles, spread)


def _leaves_out_as_much(percentiles: Range | None, spread: Spread) -> bool:
    """Whether percentiles explain how many values lie beyond either side."""
    if percentiles is None or not (spread.low.beyond or spread.high.beyond):
        return False
    left_out = (percentiles[0] / 100, 1 - percentiles[1] / 100)
    return all(
        side.beyond <= _ALIKE * share * spread.total
        for side, share in zip((spread.low, spread.high), left_out, strict=True)
    )


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
