"""Pairs of bars for the top of the page: input ranges, and outputs before and after a plan."""

from __future__ import annotations

import math
from dataclasses import dataclass

from utils.causes.next_step import PLAN
from utils.causes.offers import reason_against
from utils.measurements.agreement.change import telling_measure
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.renderers.html.gauges import Gauge, decision_gauge, snr_gauge, worst_first
from utils.renderers.html.layers import NumberedLayer, NumberedLayers
from utils.renderers.html.numbers import percent, short_number
from utils.report import Report
from utils.wording import plural

MAX_INPUTS, MAX_OUTPUTS = 2, 2  # that are drawn
LEAST = 0.75  # percent of the width that the shortest bar takes

EXPECTED = "expected_high"  # number of a finding: up to it reaches what an input is to have

Range = tuple[float, float]


@dataclass(frozen=True)
class Bar:
    """A stretch of a scale: where it begins and how long it is, in percent."""

    name: str
    start: float
    length: float
    text: str


@dataclass(frozen=True)
class InputRanges:
    """The range that codes of an input cover, above the one that the data have, and above these
    the one that the normalization on the chip is for, where a finding says that.
    """

    layer: NumberedLayer
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class PlanBars:
    """The worst outputs as they are and with the plan: what they decide as in float where that was
    counted, else their SNR; and what the plan costs.
    """

    outputs: tuple[tuple[str, Gauge, Gauge], ...]
    cost: str


def input_ranges(layers: NumberedLayers) -> list[InputRanges]:
    """The first inputs of which both ranges are known."""
    pairs = []
    for layer in layers.report.model.network.input_layers:
        each = layers.by_name[layer.name]
        covered, measured = each.entry["calibrated_range"], each.entry.get("output")
        if covered and measured:
            seen = (measured["min"], measured["max"])
            if all(map(math.isfinite, (*covered, *seen))):
                expected = _expected(layers.report, layer.name)
                pairs.append(InputRanges(each, _beside(covered, seen, expected)))
    return pairs[:MAX_INPUTS]


def plan_bars(layers: NumberedLayers) -> PlanBars | None:
    """None where there is no plan that emulation tried, or where its lines are not offered."""
    plan = layers.report.measurements.plan if layers.report.measurements else None
    if plan is None or not plan.modes or _is_withheld(layers.report):
        return None
    known = [name for name in plan.before if name in plan.after and name in layers.by_name]
    # Lost decisions first: where they are counted, they say how bad an output is.
    worst = sorted(
        worst_first((name, plan.before[name].snr_db) for name in known),
        key=lambda name: plan.before[name].severity is None,
    )[:MAX_OUTPUTS]
    rows = tuple(
        (layers.by_name[name].label, *_before_and_after(plan.before[name], plan.after[name]))
        for name in worst
    )
    return PlanBars(rows, _cost(plan, len(layers.report.model.network))) if rows else None


def _is_withheld(report: Report) -> bool:
    """Whether calibration or data are wrong: what was tried with these says nothing of later."""
    plans = (finding for finding in report.findings() if finding.id == PLAN)
    return any(reason_against(finding, report.diagnosis) for finding in plans)


def _cost(plan: MixedPrecisionPlan, layers: int) -> str:
    said = []
    if plan.eight_bit:
        said.append(f"8-bit weights at {len(plan.eight_bit)} of {plural(layers, 'layer')}")
    if plan.sixteen_bit:
        work = percent(plan.mac_share)
        of = "" if said else f" of {plural(layers, 'layer')}"
        said.append(f"16 bit at {len(plan.sixteen_bit)}{of}, {work}% of the multiply-accumulates")
    return " and ".join(said)


def _before_and_after(before: Outcome, after: Outcome) -> tuple[Gauge, Gauge]:
    measure = telling_measure(before, after)
    labels = ("as it is", "with the plan")
    if not measure or measure == "psnr_db":
        return snr_gauge(labels[0], before.snr_db), snr_gauge(labels[1], after.snr_db)
    one, other = (
        decision_gauge(label, measure, outcome.measures[measure])
        for label, outcome in zip(labels, (before, after), strict=True)
    )
    return one, other


def _expected(report: Report, name: str) -> Range | None:
    """What the normalization on the chip is for, where a finding says that the input is not so."""
    for finding in report.findings():
        if name in finding.layers and EXPECTED in finding.measured:
            return 0.0, finding.measured[EXPECTED]
    return None


def _beside(covered: Range, seen: Range, expected: Range | None) -> tuple[Bar, ...]:
    spans = {"Archive": covered, "Your data": seen}
    if expected is not None:
        spans["The script"] = expected
    low, high = min(min(span) for span in spans.values()), max(max(span) for span in spans.values())
    return tuple(_bar(name, span, low, high) for name, span in spans.items())


def _bar(name: str, span: Range, low: float, high: float) -> Bar:
    width = high - low or 1.0
    length = max(100 * (span[1] - span[0]) / width, LEAST)
    start = min(100 * (span[0] - low) / width, 100 - length)
    return Bar(name, start, length, f"{short_number(span[0])} to {short_number(span[1])}")
