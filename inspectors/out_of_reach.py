"""Ranges so wide that the values of a layer are left with a few codes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from inspectors.agreement.judgement import bounded, bounded_where_known, is_known_to_be_kept
from inspectors.base_inspector import Context
from inspectors.beyond_range import described
from inspectors.quantizing_again import given_set, quantize_again
from utils.findings import Finding, Severity
from utils.measurements.own_noise import hardly_count
from utils.measurements.spread import Spread
from utils.model_script.range_settings import range_lines
from utils.wording import interval, itemized, plural

FEW_CODES = 16  # 4 of 8 bits; neighbouring values are a fifteenth of the whole apart
LOST_BITS = 3.0  # of the calibrated range; data of the same kind rarely stay an eighth below it
# What these give is known by definition, and data that fill little of it prove nothing.
OF_FUNCTIONS = ("sigmoid", "tanh", "softmax")


@dataclass(frozen=True)
class OutOfReach:
    """A layer whose values fill next to nothing of its calibrated range.

    Parameters
    ----------
    codes, of : how many codes the values use, of how many.
    bits : that are lost.
    """

    spread: Spread
    codes: float
    of: int
    bits: float

    @property
    def name(self) -> str:
        """The layer's scoped name."""
        return self.spread.layer.name

    def said(self) -> str:
        """The range, the values and the codes."""
        values = interval(min(self.spread.low.farthest, 0.0), max(self.spread.high.farthest, 0.0))
        return (
            f"{described(self.spread)}; its values span {values} and use {self.codes:.0f} of "
            f"{self.of:,} codes"
        )


def out_of_reach(context: Context, spread: Spread) -> OutOfReach | None:
    """A layer whose calibrated range lies out of reach; None for any other.

    Ranges that a line of the model script sets are judged where lines are.
    """
    layer, filled = spread.layer, spread.filled
    if layer.activation in OF_FUNCTIONS or not filled > 0.0:
        return None
    of = context.model.highest_code(layer.name) + 1
    codes = filled * (of - 1) + 1
    bits = -math.log2(filled)
    if codes >= FEW_CODES or bits < LOST_BITS:
        return None
    if range_lines(context.script, context.model.network, [layer.name]):
        return None
    return OutOfReach(spread, codes, of, bits)


def out_of_reach_finding(context: Context, found: Sequence[OutOfReach]) -> Finding:
    """One finding on all these layers."""
    names = tuple(each.name for each in found)
    samples = context.measurements.samples if context.measurements else 0
    severity = _severity(context, names)
    matters = severity > Severity.INFO
    return Finding(
        id="range-out-of-reach",
        severity=severity,
        headline="The data use only a few codes of the range that calibration gave",
        evidence=f"{itemized([each.said() for each in found])}; {plural(samples, 'sample')}",
        why="The inputs match those of the calibration, so a few of its samples, perhaps damaged "
        "ones, set this range. All other values share the few codes that are left."
        if matters
        else _of_no_matter(context, names),
        remedy="Quantize again on these data if they show all that the network will see."
        if matters
        else "",
        command=quantize_again(context, given_set(context)) if matters else "",
        layers=names,
        measured={f"codes at {each.name}": each.codes for each in found},
        removes_cause=matters,
    )


def _of_no_matter(context: Context, names: tuple[str, ...]) -> str:
    """Why nothing has to be done, as far as that is known."""
    if is_known_to_be_kept(context, names) or hardly_count(context.measurements, names):
        return "It costs the outputs nothing that matters."
    return "How much it costs depends on what the outputs stand for."


def _severity(context: Context, names: tuple[str, ...]) -> Severity:
    """An output counts where nobody knows what it is; a layer within only by what it costs."""
    if hardly_count(context.measurements, names):
        return Severity.INFO
    at_output = [name for name in names if name in context.model.network.feeds_output]
    if at_output:
        return bounded_where_known(context, Severity.WARNING, at_output)
    return bounded(context, Severity.WARNING, names)
