"""Ranges that the model script makes far wider than the values are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from inspectors.agreement.judgement import bounded, bounded_where_known
from inspectors.base_inspector import BaseInspector, Context, Need, NotChecked, Priority
from inspectors.output_contract.script_wishes import PROBABILITY_RANGE, computing_layers
from inspectors.script_lines import blame
from inspectors.searched_plan import has_proven_plan
from utils.findings import Finding, Recommendation, Severity
from utils.har.network import Layer
from utils.measurements.left_out import TOO_FEW, remedy_of
from utils.measurements.spread import has_forced_range
from utils.model_script.range_settings import (
    Range,
    RangeLine,
    clipping,
    forced_range,
    measured_instead,
    range_lines,
    taken_back,
)
from utils.wording import interval, itemized, tenths

# What these functions give by definition: a script may force it, however little of it data fill.
_OF_FUNCTIONS: Mapping[str, Range] = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}


@dataclass(frozen=True)
class Wide:
    """A layer whose values fill little of the range that a line asks for.

    Parameters
    ----------
    addressed : the layer that the line names; the codes of this one reach it.
    used : what its values span, with 0.
    source : where these values come from.
    codes, of : how many codes they use, of how many.
    bits : that are lost.
    """

    layer: Layer
    addressed: str
    line: RangeLine
    used: Range
    source: str
    codes: float
    of: int
    bits: float

    def described(self) -> str:
        """The range, the values and the codes."""
        span = self.line.span or self.used
        return (
            f"line {self.line.statement.line} asks for {interval(*span)} at "
            f"{self.layer.described()}, the values span {interval(*self.used)} ({self.source}) and "
            f"use {self.codes:.0f} of {self.of:,} codes, which loses {tenths(self.bits)} bits"
        )


class WideRangeInspector(BaseInspector):
    """Does the model script ask for ranges that the values do not fill?

    A line with `force_range_out`, or with `activation_clipping` by given values, replaces what
    calibration saw. One that was left from another training, or has a digit too many, spreads the
    codes over numbers that never come. 16 bit make up for it at a price; without the line it costs
    nothing. Ranges of probabilities and what a sigmoid or tanh gives by definition are not judged,
    nor are inputs. Without data, what calibration stored in the archive is compared.

    - `forced-range-too-wide` (info, warning or error): the values of a layer span a quarter of the
      range that the line asks for, or less, and use fewer than 64 codes; an info where no
      decision is lost behind it, or a trial of the measured range shows no gain, an error where
      channels of an output are left with one code. Delete the line, or write the measured range in
      it.
    """

    PRIORITY = Priority.LOW
    NEEDS = Need.OUTPUT_STATISTICS

    LOST_BITS = 2.0  # of the range that is asked for; people leave room of up to twice the values
    CODES = 64  # with more, as with 16 bit, the values are still told apart

    def should_skip(self, context: Context) -> NotChecked | str:
        """Say so where no line gives a range."""
        return "" if _asked(context) else "no line of the model script gives a layer its range"

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Say so where there are too few samples to tell."""
        if context.measurements and context.measurements.show_too_little:
            yield NotChecked("whether ranges of the model script are too wide", remedy_of(TOO_FEW))

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield one finding for each line."""
        if context.measurements and context.measurements.show_too_little:
            return
        by_line: dict[int, list[Wide]] = {}
        for name, (line, addressed) in _asked(context).items():
            wide = self._wide(context, context.model.network[name], line, addressed)
            if wide is not None:
                by_line.setdefault(line.statement.line, []).append(wide)
        for found in by_line.values():
            yield _finding(context, found)

    def _wide(self, context: Context, layer: Layer, line: RangeLine, addressed: str) -> Wide | None:
        seen, encoding = context.output_statistics(layer.name), context.model.encoding(layer.name)
        if seen is None or encoding is None or line.span is None:
            return None
        used = min(seen.values.low, 0.0), max(seen.values.high, 0.0)
        width, coded = used[1] - used[0], encoding.high - encoding.low
        if not (0 < width < math.inf and 0 < coded < math.inf):
            return None
        # What the line asks for is to blame only if the archive was given such a range.
        bits = math.log2(min(coded, _width(line.span)) / width)
        of = context.model.highest_code(layer.name) + 1
        codes = min(width / coded * (of - 1) + 1, float(of))
        if bits < self.LOST_BITS or codes >= self.CODES:
            return None
        lost = math.log2(coded / width)
        return Wide(layer, addressed, line, used, seen.source, codes, of, lost)


def _asked(context: Context) -> dict[str, tuple[RangeLine, str]]:
    """The line that gives a layer its range last, and the layer that it names, by name."""
    network = context.model.network
    found: dict[str, tuple[RangeLine, str]] = {}
    for line in range_lines(context.script, network, network.layers):
        names = network.layers if line.layers is None else sorted(line.layers)
        for addressed in names if line.span and line.span != PROBABILITY_RANGE else ():
            for layer in computing_layers(network, network[addressed]):
                if _is_free(context, layer, line.span):
                    found[layer.name] = line, addressed
    return {name: found[name] for name in network.layers if name in found}


def _is_free(context: Context, layer: Layer, span: Range | None) -> bool:
    """Whether the values of a layer, and nothing else, say which range it needs."""
    if layer.type in ("input_layer", "const_input"):
        return False
    return not has_forced_range(context.model.network, layer) and span != _OF_FUNCTIONS.get(
        str(layer.activation)
    )


def _finding(context: Context, found: Sequence[Wide]) -> Finding:
    names = [wide.layer.name for wide in found]
    # Nobody should pay in 16 bit for what the line costs.
    judged = bounded_where_known if has_proven_plan(context) else bounded
    severity = judged(context, Severity.WARNING, names)
    matters = severity > Severity.INFO
    if matters and _silences(context, names):
        severity = Severity.ERROR
    line = found[0].line
    instead = measured_instead([wide.used for wide in found])
    return Finding(
        id="forced-range-too-wide",
        severity=severity,
        headline="A line of the model script makes a range far wider than its values",
        evidence=itemized([wide.described() for wide in found]),
        why="Codes for values that never occur are wasted.",
        remedy=taken_back([line], [w.addressed for w in found], instead) if matters else "",
        layers=tuple(names),
        measured={f"bits lost at {wide.layer.name}": wide.bits for wide in found},
        recommendation=_measured_ranges(found) if matters else None,
        **(blame(context, [line], [wide.addressed for wide in found]) if matters else {}),
    )


def _silences(context: Context, names: Sequence[str]) -> bool:
    """Whether channels that one of these layers hands to an output have one code there."""
    agreement = context.measurements.agreement if context.measurements else None
    if agreement is None:
        return False
    network = context.model.network
    return any(
        bool(agreement.judged_codes(output).silenced.any())
        for output in agreement.outputs
        if {producer.name for producer in network.producers(network[output])} & set(names)
    )


def _measured_ranges(found: Sequence[Wide]) -> Recommendation:
    """Lines with the measured ranges, which a trial has to prove."""
    is_forced = "force_range_out" in found[0].line.settings
    commands = tuple(
        (forced_range if is_forced else clipping)(wide.addressed, *wide.used) for wide in found
    )
    return Recommendation(commands, ranges={wide.layer.name: wide.used for wide in found})


def _width(span: Range) -> float:
    return max(span[1], 0.0) - min(span[0], 0.0)
