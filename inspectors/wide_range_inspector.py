"""Ranges that the model script makes far wider than the values are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

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
_ONE = "A line of the model script makes a range far wider than its values"
_SEVERAL = "Lines of the model script make ranges far wider than their values"


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

    @property
    def is_forced(self) -> bool:
        """Whether the line forces a range, and does not clip to it."""
        return "force_range_out" in self.line.settings

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
      channels of an output are left with one code. Delete the lines, or write the measured ranges
      in them: all that cost something are one finding, since one of them costs as much as all.
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
        """Yield one finding for all lines that matter, and one for each of the others."""
        if context.measurements and context.measurements.show_too_little:
            return
        by_line: dict[int, list[Wide]] = {}
        for name, (line, addressed) in _asked(context).items():
            wide = self._wide(context, context.model.network[name], line, addressed)
            if wide is not None:
                by_line.setdefault(line.statement.line, []).append(wide)
        costly = [found for found in by_line.values() if _severity(context, found) > Severity.INFO]
        if costly:
            # What one line costs is hardly less as long as another costs as much.
            yield _costly(context, costly)
        yield from (_harmless(found) for found in by_line.values() if found not in costly)

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


def _severity(context: Context, found: Sequence[Wide]) -> Severity:
    names = [wide.layer.name for wide in found]
    # Nobody should pay in 16 bit for what the line costs.
    judged = bounded_where_known if has_proven_plan(context) else bounded
    severity = judged(context, Severity.WARNING, names)
    return Severity.ERROR if severity > Severity.INFO and _silences(context, names) else severity


def _costly(context: Context, by_line: Sequence[Sequence[Wide]]) -> Finding:
    lines = [found[0].line for found in by_line]
    every = [wide for found in by_line for wide in found]
    addressed = [wide.addressed for wide in every]
    instead = "put the measured ranges in them" if len(lines) > 1 else ""
    return replace(
        _harmless(every),
        severity=max(_severity(context, found) for found in by_line),
        headline=_SEVERAL if len(lines) > 1 else _ONE,
        remedy=taken_back(lines, addressed, instead or measured_instead([w.used for w in every])),
        recommendation=_measured_ranges(every),
        **blame(context, lines, addressed),
    )


def _harmless(found: Sequence[Wide]) -> Finding:
    return Finding(
        id="forced-range-too-wide",
        severity=Severity.INFO,
        headline=_ONE,
        evidence=itemized([wide.described() for wide in found]),
        why="Codes for values that never occur are wasted.",
        layers=tuple(wide.layer.name for wide in found),
        measured={f"bits lost at {wide.layer.name}": wide.bits for wide in found},
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
    commands = tuple(
        (forced_range if wide.is_forced else clipping)(wide.addressed, *wide.used) for wide in found
    )
    return Recommendation(commands, ranges={wide.layer.name: wide.used for wide in found})


def _width(span: Range) -> float:
    return max(span[1], 0.0) - min(span[0], 0.0)
