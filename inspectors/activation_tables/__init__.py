"""Activations that the chip computes by a table of lines, where the network uses them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from inspectors.activation_tables.harm import Harm, harms
from inspectors.activation_tables.wording import (
    gain_of_the_worst,
    harm_in_words,
    headline,
    linear_lines,
    numbers,
    remedy,
    table_in_words,
    why,
)
from inspectors.base_inspector import BaseInspector, Context, Need, NotChecked, Priority
from utils.findings import Finding, Recommendation, Severity
from utils.har.network import Layer
from utils.measurements import Measurements
from utils.wording import itemized


class ActivationTableInspector(BaseInspector):
    """Do the lines that stand for an activation fit it where the network uses it?

    The chip computes sigmoid, tanh, SiLU, GELU and the like by a table of a few straight lines.
    Over the whole range of the function they are close. Where a network uses a small part of it,
    such as a sigmoid that never exceeds 0.1, they can be off by a fifth, the same at 16 bit as at
    8. Every table of the archive is held against the function, on what the float network computes
    in front of it and without any integers, and so is known apart from all other noise. Where the
    activation is the last thing that the chip computes, it is tried in emulation to take it to the
    host: the layer gets a linear output, and the host computes the function.

    - `activation-table` (info, warning or error): the tables of some layers hold at least half of
      the noise at an output that loses decisions, or has less than 20 dB. It is an error or a
      warning as far as decisions are lost; of an output of unknown kind a warning where every way
      to read it loses some. Nothing is found where the trial gains neither a decision nor 1 dB.
      End the network at a linear output and apply the function on the host; inside of a network
      train it with an activation that is made of lines.
    """

    PRIORITY = Priority.HIGH
    NEEDS = Need.NOISE | Need.SENSITIVITY | Need.TABLE_TRIALS

    def should_skip(self, context: Context) -> NotChecked | str:
        """Say so where no table was compared."""
        if context.measurements is None:
            return NotChecked("the network has to be run on data", context.without_data)
        if context.measurements.noise is None:
            return "the quantized network was not run"
        return "" if context.measurements.tables else "no layer has a table for a curved activation"

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield one finding for all outputs that are alike, the worst first."""
        if context.measurements is None:
            return

        def alike(harm: Harm) -> tuple[int, bool, bool]:
            return -harm.severity, not harm.is_at_output, harm.trial is None

        for _, found in groupby(sorted(harms(context), key=alike), alike):
            yield self._finding(context, context.measurements, list(found))

    def _finding(self, context: Context, measured: Measurements, found: Sequence[Harm]) -> Finding:
        concerned = {name for harm in found for name in harm.shares}
        layers = [layer for layer in context.model.network if layer.name in concerned]
        tables = [table_in_words(layer, measured) for layer in layers]
        return Finding(
            id="activation-table",
            severity=found[0].severity,
            headline=headline(layers),
            evidence="; ".join([itemized(tables), itemized([*map(harm_in_words, found)])]),
            why=why(context, found),
            remedy=remedy(context, layers, is_at_output=found[0].is_at_output),
            layers=tuple(layer.name for layer in layers),
            measured=numbers(measured, found),
            recommendation=_recommended(layers, found),
        )


def _recommended(layers: Sequence[Layer], found: Sequence[Harm]) -> Recommendation | None:
    """The lines that a trial has proven; the code on the host has to change with them.

    Where no decision is lost nobody needs to change it.
    """
    if found[0].trial is None or found[0].severity == Severity.INFO:
        return None
    return Recommendation(
        linear_lines(layers),
        question="Let the chip hand out linear values, and compute the function on the host?",
        default=False,
        proven=True,
        gain=gain_of_the_worst(found),
    )
