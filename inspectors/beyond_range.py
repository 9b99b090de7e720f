"""Values that lie outside of calibrated ranges, as a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inspectors.base_inspector import Context
from inspectors.narrow_ranges import widened
from inspectors.script_lines import blame
from utils.findings import Finding, Recommendation, Severity
from utils.measurements.spread import Spread
from utils.model_script.range_settings import RangeLine, measured_instead, taken_back
from utils.wording import interval, itemized

OTHER_DATA = "These data reach further than those of the calibration."
WAS_CLIPPED = "The calibration saw such values as well, so its range was clipped."
BY_A_LINE = "A line of the model script sets this range, whatever the calibration saw."
FIND_OUT = "Find out what clipped the range, and calibrate again without it."
CALIBRATE_AGAIN = "Calibrate again on samples like those that the network will see."
CALIBRATE_ON_MORE = "Calibrate again on more samples like these."
COMPARE = "Compare how these data and those of the calibration are prepared, and what they show."


@dataclass(frozen=True)
class Advice:
    """What values beyond a range mean, what to do about them, what shows it and what made it."""

    why: str
    remedy: str
    evidence: str = ""
    recommendation: Recommendation | None = None
    blame: Mapping[str, Any] = field(default_factory=dict)


def beyond_range(
    severity: Severity, spreads: Sequence[Spread], shares: Mapping[str, float], advice: Advice
) -> Finding:
    """The finding about these layers.

    Parameters
    ----------
    shares : of a layer's values that lie outside, by layer.
    """
    beyond = {s.layer.name: s for s in spreads}
    at_inputs = all(s.layer.type == "input_layer" for s in spreads)
    return Finding(
        id="values-beyond-range",
        severity=severity,
        headline=f"{'Input values' if at_inputs else 'Values'} lie outside the calibrated range",
        evidence="; ".join(filter(None, (_worst_first(beyond, shares), advice.evidence))),
        why=advice.why,
        remedy=advice.remedy,
        layers=tuple(beyond),
        measured={name: shares[name] for name in beyond},
        recommendation=advice.recommendation,
        **advice.blame,
    )


def by_lines(
    context: Context, beyond: Sequence[Spread], by_layer: Mapping[str, RangeLine]
) -> Advice:
    """What to do where lines of the script made the ranges, by layer."""
    names = [s.layer.name for s in beyond]
    lines = list({id(by_layer[name].statement): by_layer[name] for name in names}.values())
    recommendation = widened(beyond, by_layer)
    ranges = list(recommendation.ranges.values()) if recommendation else []
    return Advice(
        BY_A_LINE,
        taken_back(lines, names, measured_instead(ranges)),
        recommendation=recommendation,
        blame=blame(context, lines, names),
    )


def _worst_first(beyond: Mapping[str, Spread], shares: Mapping[str, float]) -> str:
    # Inputs come first: nothing but the data decides what is seen there.
    order = sorted(
        beyond, key=lambda name: (beyond[name].layer.type != "input_layer", -shares[name])
    )
    return itemized(
        [
            f"{shares[name]:.2%} of {beyond[name].total:,} values of {described(beyond[name])}, "
            f"which reach from {interval(beyond[name].low.farthest, beyond[name].high.farthest)}"
            for name in order
        ]
    )


def described(spread: Spread) -> str:
    """A layer with its calibrated range."""
    limits = interval(spread.low.bound, spread.high.bound)
    return f"{spread.layer.described()}, calibrated for {limits}"
