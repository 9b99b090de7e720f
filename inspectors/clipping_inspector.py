"""Calibrated ranges against the data: parts that stay empty, and values that do not fit in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from inspectors.agreement.judgement import bounded, is_known_to_be_kept
from inspectors.base_inspector import BaseInspector, Context, Need, Priority, Question
from inspectors.beyond_range import (
    CALIBRATE_AGAIN,
    CALIBRATE_ON_MORE,
    COMPARE,
    FIND_OUT,
    OTHER_DATA,
    WAS_CLIPPED,
    Advice,
    beyond_range,
    by_lines,
    described,
)
from inspectors.calibration.identity import differing, explained_otherwise, is_error
from inspectors.narrow_ranges import narrowing_lines
from inspectors.optimization_flow.remedies import calibrated_again
from inspectors.out_of_reach import out_of_reach, out_of_reach_finding
from utils.findings import Finding, NotChecked, Recommendation, Severity
from utils.har.network import Layer
from utils.measurements.left_out import TOO_FEW, remedy_of
from utils.measurements.spread import Side, Spread, count_by_chance, has_forced_range, spread_of
from utils.model_script.range_settings import clipping
from utils.wording import interval, listed


class ClippingInspector(BaseInspector):
    """Do the data fill the calibrated ranges, and do they stay inside?

    All codes of a layer are spread over the range that calibration saw. A few outliers stretch
    it and leave fewer codes to the other values; what lies outside is cut off. This inspector
    puts the values of every layer into 100 bins over its calibrated range, so it needs data:
    archives hold no histograms. Bins at the ends are exact; between them, up to every eighth pixel
    of large maps stands for its neighbours. Pass-through layers and ranges forced to [0, 1]
    (softmax, a sigmoid at an output) are not judged. Unused range is judged on each side by itself,
    not at inputs, only from 10,000 values on and only where the data come to 95 % of the bound.
    Values count as outside if they pass the bound by more than half a code, and if more samples
    have any than other samples of the same kind show by chance: among 64 new samples some, up to 9,
    exceed the extremes of the 64 that the compiler calibrates on by default.

    - `unused-range` (info or warning): the outer part of a calibrated range holds at most 3 values,
      info from 5 % of the range on, warning from 20 % on where decisions are lost behind it, or not
      counted. Clipping the activation there may help if these values are outliers; a trial makes it
      an info where no output gains decisions or a decibel. Also one info for all layers that cannot
      be judged: where the data do not reach the calibrated range, pass the calibration set itself;
      where they are few, always below 8, pass more.
    - `range-out-of-reach` (info or warning): inputs are like those of the calibration, but a layer
      uses fewer than 16 codes and an eighth of its calibrated range, so that a few samples of
      the calibration set it. A warning at an output, unless its decisions are known to stay, and
      within the network where decisions are lost behind it; an info where the layer makes
      next to nothing of the noise. Quantize again on data without such samples.
    - `values-beyond-range` (info, warning or error): more than 0.1 % of a layer's values lie beyond
      its calibrated range; above 5 % an error where outputs behind lose much, or were not compared,
      and below an info where the kind of all outputs behind is known and no decision is lost.
      The data given are not of the kind that the archive was calibrated with, or are prepared
      differently, or the range was clipped. It is clearest at an input, where no weights stand
      between. If the data fill less than half of what an input was calibrated for, check how they
      are prepared: calibrating on them would spoil the archive. If they fill it, calibrate again
      on data like those that the network will see. Where
      a line of the model script sets such a range, take it out: that comes before 16 bit.
      Inputs of which `dataset-differs` says it already are left out, and all layers where it is
      an error, or where the data are said to be swapped, cast to 0 and 1, or normalized twice:
      that explains the rest.
    """

    PRIORITY = Priority.LOW
    NEEDS = Need.HISTOGRAMS

    TAIL_VALUES = 3  # a part of the range that holds no more values is as good as empty
    MINIMUM_VALUES = 10_000  # with fewer, 3 values are no negligible share
    MINIMUM_REACH = 0.95  # of a bound; data that stay below are tamer than those of calibration
    UNUSED_INFO = 0.05  # share of the range on one side
    UNUSED_WARNING = 0.20  # share of the range on one side; costs a third of a bit
    BEYOND_WARNING = 0.001  # share of a layer's values
    BEYOND_ERROR = 0.05  # share of a layer's values
    CALIBRATION_SAMPLES = 64  # the compiler's default, however many are supplied
    CHANCE = 1e-3  # probability of a false alarm with other samples of the same kind
    FOREIGN_FILLED = 0.5  # share of an input's range; data that fill less are prepared differently
    ALIKE_FILLED = 0.95  # share of an input's range; below, the archive saw more than these data
    CHOICES = ("none", "warning", "all")

    def should_skip(self, context: Context) -> NotChecked | str:
        """Say so without histograms."""
        if context.measurements is None:
            return NotChecked("the network has to be run on data", context.without_data)
        if not any(layer.histogram for layer in context.measurements.layers.values()):
            return "no histogram was measured at any layer"
        return ""

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what lies outside first: data of the wrong kind explain the rest."""
        network = context.model.network
        spreads = [
            spread
            for layer in network
            if not layer.is_pass_through and not has_forced_range(network, layer)
            if (spread := self._spread(context, layer)) is not None
        ]
        yield from self._values_beyond_range(context, spreads)
        spreads = [s for s in spreads if s.layer.type not in ("input_layer", "const_input")]
        if context.measurements and not context.measurements.show_too_little:
            yield from self._unused_ranges(context, spreads)
            yield from self._out_of_reach(context, spreads)
            yield from self._not_judged(spreads)

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Say where values beyond the range are left to a finding about the data."""
        if _explained_by_the_data(context):
            yield "values beyond the calibrated range, as another finding faults these data"
        if context.measurements and context.measurements.show_too_little:
            yield NotChecked("whether calibrated ranges are used", remedy_of(TOO_FEW))

    def _spread(self, context: Context, layer: Layer) -> Spread | None:
        return spread_of(
            context.model, layer, context.measured(layer.name), tail_values=self.TAIL_VALUES
        )

    def _values_beyond_range(
        self, context: Context, spreads: Sequence[Spread]
    ) -> Iterator[Finding]:
        samples = max(context.measurements.samples, 1) if context.measurements else 1
        by_chance = count_by_chance(samples, self.CALIBRATION_SAMPLES, self.CHANCE)
        shares = {s.layer.name: s.share_beyond(by_chance) for s in spreads}
        inputs = [s for s in spreads if s.layer.type == "input_layer"]
        emptiest = min(inputs, key=lambda spread: spread.filled, default=None)
        explained = _explained_by_the_data(context)
        for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO):
            beyond = [
                s
                for s in spreads
                if s.layer.name not in explained
                and self._severity(context, s, shares[s.layer.name]) is severity
            ]
            is_foreign = emptiest is not None and emptiest.filled < self.FOREIGN_FILLED
            lines = {} if is_foreign else narrowing_lines(context, beyond)
            by_line = [s for s in beyond if s.layer.name in lines]
            others = [s for s in beyond if s.layer.name not in lines]
            if by_line:
                yield beyond_range(severity, by_line, shares, by_lines(context, by_line, lines))
            if others:
                yield beyond_range(
                    severity, others, shares, self._advice(context, others, emptiest)
                )

    def _severity(self, context: Context, spread: Spread, share: float) -> Severity | None:
        """What lies outside is an error where the outputs behind lose decisions, or may.

        A little is an info where it is known to cost no decision.
        """
        if share <= self.BEYOND_WARNING:
            return None
        if share <= self.BEYOND_ERROR:
            is_kept = is_known_to_be_kept(context, [spread.layer.name])
            return Severity.INFO if is_kept else Severity.WARNING
        return max(Severity.WARNING, bounded(context, Severity.ERROR, [spread.layer.name]))

    def _advice(
        self, context: Context, beyond: Sequence[Spread], emptiest: Spread | None
    ) -> Advice:
        if emptiest and emptiest.filled < self.FOREIGN_FILLED:
            return Advice(
                "Calibrating on such data would spoil the archive.",
                "Check how these data are prepared.",
                f"the data fill {emptiest.filled:.1%} of what {emptiest.layer.described()} was "
                "calibrated for",
            )
        # Calibrating on data that are narrower than the archive's would only move the mistake.
        is_filled = emptiest is not None and emptiest.filled >= self.ALIKE_FILLED
        if any(s.layer.type == "input_layer" for s in beyond):
            return (
                _calibrated(context, CALIBRATE_AGAIN) if is_filled else Advice(OTHER_DATA, COMPARE)
            )
        if all(s.was_clipped for s in beyond):
            return Advice(WAS_CLIPPED, FIND_OUT)
        return _calibrated(context, CALIBRATE_ON_MORE) if is_filled else Advice(OTHER_DATA, COMPARE)

    def _unused_ranges(self, context: Context, spreads: Sequence[Spread]) -> Iterator[Finding]:
        unused = {s.layer.name: self._unused_sides(s) for s in spreads}
        concerned = [s for s in spreads if unused[s.layer.name]]
        answer = self._choice(context, concerned, unused) if concerned else "none"
        for spread in concerned:
            sides = unused[spread.layer.name]
            large = any(side.tail >= self.UNUSED_WARNING for side in sides)
            own = Severity.WARNING if large else Severity.INFO
            low, high = spread.range_without_tails(sides)
            is_tried = answer == "all" or (answer == "warning" and large)
            yield Finding(
                id="unused-range",
                severity=bounded(context, own, [spread.layer.name]),
                headline="Part of a calibrated range is almost unused",
                evidence=f"at most {self.TAIL_VALUES} of {spread.total:,} values lie "
                f"{_tails_in_words(sides)} of the range of {described(spread)}",
                why="All values share the codes, and those of an unused part are wasted.",
                remedy=_clip(spread.layer, low, high, is_tried) if large or is_tried else "",
                layers=(spread.layer.name,),
                measured={
                    "low": spread.low.bound,
                    "high": spread.high.bound,
                    **{f"unused_{side.name}": side.tail for side in sides},
                },
                recommendation=_clipping(spread.layer, low, high) if is_tried else None,
            )

    def _choice(
        self, context: Context, concerned: Sequence[Spread], unused: Mapping[str, Sequence[Side]]
    ) -> str:
        """Which of the layers get a recommendation, to be tried and then written."""
        shares = [
            f"{s.layer.name} ({max(side.tail for side in unused[s.layer.name]):.0%})"
            for s in concerned
        ]
        question = (
            f"Parts of the calibrated range are almost unused at {listed(shares)}. Which shall be "
            f"tried for clipping: none, those from {self.UNUSED_WARNING:.0%} on (warning), or all?"
        )
        return context.ask(Question(question, self.CHOICES, "warning"))

    def _unused_sides(self, spread: Spread) -> tuple[Side, ...]:
        if spread.total < self.MINIMUM_VALUES:
            return ()
        return tuple(s for s in spread.sides if self._reaches(s) and s.tail >= self.UNUSED_INFO)

    def _out_of_reach(self, context: Context, spreads: Sequence[Spread]) -> Iterator[Finding]:
        """Say of which ranges hardly anything is used, if the data are like the calibration's."""
        if any(differing(context)) or context.known(explained_otherwise):
            return
        reached = (out_of_reach(context, spread) for spread in spreads)
        found = [far for far in reached if far is not None]
        if found:
            yield out_of_reach_finding(context, found)

    def _reaches(self, side: Side) -> bool:
        return side.reach >= self.MINIMUM_REACH

    def _not_judged(self, spreads: Sequence[Spread]) -> Iterator[Finding]:
        few = [s for s in spreads if s.sides and s.total < self.MINIMUM_VALUES]
        tame = [
            s
            for s in spreads
            if s.total >= self.MINIMUM_VALUES and not all(map(self._reaches, s.sides))
        ]
        facts, missing = [], []
        if tame:
            names = [f"{s.layer.described()} ({s.least_reach:.0%} of the bound)" for s in tame]
            facts.append(f"the data do not reach the calibrated range at {listed(names, 3)}")
            missing.append("Only the calibration set itself shows which part of a range is unused.")
        if few:
            names = [s.layer.described() for s in few]
            facts.append(
                f"fewer than {self.MINIMUM_VALUES:,} values were seen at {listed(names, 3)}"
            )
            missing.append("More samples would show it where too few values were seen.")
        if facts:
            concerned = [s for s in spreads if s in few or s in tame]
            yield Finding(
                id="unused-range",
                severity=Severity.INFO,
                headline="These data do not show at every layer whether its range is used",
                evidence="; ".join(facts),
                why=" ".join(missing),
                layers=tuple(s.layer.name for s in concerned),
                measured={"not_reached": float(len(tame)), "too_few_values": float(len(few))},
            )


def _calibrated(context: Context, how: str) -> Advice:
    remedy, recommendation = calibrated_again(context, how)
    return Advice(OTHER_DATA, remedy, recommendation=recommendation)


def _explained_by_the_data(context: Context) -> frozenset[str]:
    """Layers at which values beyond the range follow from what other findings say of the data."""
    found = list(differing(context))
    if any(map(is_error, found)) or context.known(explained_otherwise):
        return frozenset(context.model.network.layers)
    return frozenset(each.layer.name for each in found)


def _tails_in_words(sides: Sequence[Side]) -> str:
    return " and ".join(f"in the {side.name} {side.tail:.0%}" for side in sides)


def _clip(layer: Layer, low: float, high: float, with_line: bool) -> str:
    how = f"to the range {interval(low, high)}{' with this line' if with_line else ''}"
    return f"Clip {layer.name} {how} if the values beyond are outliers."


def _clipping(layer: Layer, low: float, high: float) -> Recommendation:
    return Recommendation((clipping(layer.name, low, high),), ranges={layer.name: (low, high)})
