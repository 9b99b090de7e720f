"""How bad it is: whether the outputs still decide as in float, with first numbers for each kind."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from inspectors.base_inspector import Context
from utils.findings import Severity
from utils.har.reach import reached_from
from utils.measurements.agreement import OutputAgreement
from utils.measurements.agreement.readings import Agreement, Agreements, agreement
from utils.measurements.agreement.wording import in_words
from utils.measurements.output_kind import KNOWN_KINDS, OutputKind
from utils.wording import tenths


@dataclass(frozen=True)
class Limit:
    """Below which value a measure is a warning, and an error; above which, if less is better."""

    warning: float
    error: float
    less_is_better: bool = False

    def severity(self, found: Agreement) -> Severity | None:
        """None where the numbers may come from enough agreement: the better end of it counts."""
        best = found.low if self.less_is_better else found.high
        best = found.value if math.isnan(best) else best
        if math.isnan(best):
            return None
        sign = -1.0 if self.less_is_better else 1.0
        if sign * best < sign * self.error:
            return Severity.ERROR
        return Severity.WARNING if sign * best < sign * self.warning else None


_SHARE = Limit(0.95, 0.85)
_CELLS = Limit(0.92, 0.80)
LIMITS: Mapping[str, Limit] = {
    "same_top1": _SHARE,
    "still_fire": _SHARE,
    "fired_rightly": _SHARE,
    "same_class": _SHARE,
    "mean_iou": Limit(0.85, 0.70),  # a pixel that changes leaves one class and spoils another
    "cells_still_fire": _CELLS,
    "cells_fired_rightly": _CELLS,
    "box_iou": Limit(0.9, 0.75),
    "same_neighbour": _SHARE,
    "cosine": Limit(0.99, 0.95),
    # A quarter of the values may be off by a tenth, or by three tenths, of their spread.
    "beyond_0.1": Limit(0.25, math.inf, less_is_better=True),
    "beyond_0.3": Limit(math.inf, 0.25, less_is_better=True),
    "psnr_db": Limit(35.0, 25.0),
}
# What is said beside a measure, and judged by that.
BESIDE: Mapping[str, tuple[str, ...]] = {"box_iou": ("box_error_pixels",)}
MEASURED = {*LIMITS, *(name for others in BESIDE.values() for name in others)}
Level = TypeVar("Level", Severity, "Severity | None")

FIRING = ("scores", "detection")

# A median sample below this has lost so much that any reading of the output suffers.
LEAST_MEDIAN_DB = 10.0


@dataclass(frozen=True)
class Judged:
    """What agreement says of one output.

    Parameters
    ----------
    kind : of the output.
    severity : None where no decision is lost.
    evidence : the measure that decides, in words; "" where nothing does.
    decides_nothing : whether the float network decides nothing on these data.
    measured : the numbers behind that.
    """

    kind: OutputKind
    severity: Severity | None
    evidence: str = ""
    decides_nothing: bool = False
    measured: tuple[tuple[str, float], ...] = ()


def judged_decisions(context: Context) -> dict[str, Judged]:
    """Every output whose agreement was measured, by name; ask for it by `Context.known`.

    Of what is constant in float nothing is known: there is no decision to lose.
    """
    found = context.measurements.agreement if context.measurements else None
    return {
        name: judgement_of(output)
        for name, output in (found.outputs.items() if found else ())
        if not output.is_constant_in_float
    }


def judgement_of(output: OutputAgreement) -> Judged:
    """What the agreement of one output says."""
    kind = output.settled.kind
    if kind == "unknown":
        return _by_median(output)
    every = agreement(output)
    measures = {name: each for name, each in every.items() if name in LIMITS}
    numbers = tuple((name, each.value) for name, each in every.items() if name in MEASURED)
    worst = worst_measure(measures)
    nothing = kind in FIRING and bool(measures) and all(not each.of for each in measures.values())
    if worst is None:
        return Judged(kind, None, decides_nothing=nothing, measured=numbers)
    return Judged(kind, worst[0], _said(worst[1], every), measured=numbers)


def worst_measure(measures: Mapping[str, Agreement]) -> tuple[Severity, str] | None:
    """The worst severity among measures that have limits, and the first of that severity."""
    worst: tuple[Severity, str] | None = None
    for name, each in measures.items():
        severity = LIMITS[name].severity(each) if name in LIMITS else None
        if severity is not None and (worst is None or severity > worst[0]):
            worst = severity, name
    return worst


def _said(name: str, every: Agreements) -> str:
    """A measure in words, with what makes it easier to imagine."""
    beside = [other for other in BESIDE.get(name, ()) if other in every]
    return ", ".join(in_words(each, every[each]) for each in (name, *beside))


def _by_median(output: OutputAgreement) -> Judged:
    """Where nobody knows what an output is, only a loss that spares no reading counts."""
    median = output.samples.snr_db_at(0.5)
    if not median < LEAST_MEDIAN_DB:
        return Judged("unknown", None, measured=(("median_snr_db", median),))
    samples = len(output.samples.positions)
    said = f"half of {samples} samples have an SNR of {tenths(median)} dB or less"
    return Judged("unknown", Severity.WARNING, said, measured=(("median_snr_db", median),))


def bounded(context: Context, severity: Level, layers: Collection[str]) -> Level:
    """The severity of noise at layers, no higher than what it costs the outputs behind them.

    Noise that changes no decision is no fault. Where an output behind was not compared, nothing
    is known, and the severity stays.
    """
    judged = context.known(judged_decisions)
    network = context.model.network
    outputs = {output.name for output in network.output_layers}
    reached = outputs & reached_from(network, layers)
    if severity is None or not reached or not reached <= judged.keys():
        return severity
    costs = max(judged[name].severity or Severity.INFO for name in reached)
    return costs if costs < severity else severity


def kind_wanted(outputs: Sequence[str]) -> str:
    """To say what an output stands for, where nobody knows."""
    kinds = "|".join(KNOWN_KINDS)
    return f"Say what the output is with --output-kind {outputs[0]}={kinds}, and run again."
