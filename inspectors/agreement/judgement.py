"""How bad it is: whether the outputs still decide as in float."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from inspectors.base_inspector import Context
from utils.findings import Finding, Severity
from utils.har.reach import reached_from
from utils.measurements.agreement import OutputAgreement
from utils.measurements.agreement.limits import (
    FEWEST_DECISIONS,
    LIMITS,
    limited,
    lost_by_median,
    lost_in_every_reading,
    worst_measure,
)
from utils.measurements.agreement.outcome import DECIDING_KINDS
from utils.measurements.agreement.readings import Agreements, agreement, readings
from utils.measurements.agreement.wording import in_words
from utils.measurements.output_kind import KNOWN_KINDS, OutputKind
from utils.measurements.own_noise import CLEAR_DB
from utils.wording import tenths

# What is said beside a measure, and judged by that.
BESIDE: Mapping[str, tuple[str, ...]] = {"box_iou": ("box_error_pixels",)}
MEASURED = {*LIMITS, *(name for others in BESIDE.values() for name in others)}
Level = TypeVar("Level", Severity, "Severity | None")

FIRING = ("scores", "detection", "heatmap")
DECIDED = DECIDING_KINDS  # there is a right answer, or a wrong one
# Fewer samples do not show that nothing is lost; a single decision is one of sixteen.
FEWEST_SAMPLES = 16


@dataclass(frozen=True)
class Judged:
    """What agreement says of one output.

    Parameters
    ----------
    kind : of the output.
    severity : None where no decision is lost.
    evidence : the measure that decides, in words; "" where nothing does.
    decides_nothing : whether the float network decides nothing on these data.
    is_kept : whether it shows that nothing is lost; of unknown kind, whatever it may stand for.
    measured : the numbers behind that.
    is_doubtful : whether too few decisions changed to tell a fault from chance.
    """

    kind: OutputKind
    severity: Severity | None
    evidence: str = ""
    decides_nothing: bool = False
    is_kept: bool = False
    measured: tuple[tuple[str, float], ...] = ()
    is_doubtful: bool = False


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
    measures = limited(every)
    numbers = tuple((name, each.value) for name, each in every.items() if name in MEASURED)
    worst = worst_measure(measures, output.samples.snr_db_at(0.5))
    nothing = kind in FIRING and bool(measures) and all(not each.of for each in measures.values())
    if worst is None:
        return Judged(kind, None, decides_nothing=nothing, is_kept=not nothing, measured=numbers)
    severity, name = worst
    is_doubtful = kind in DECIDED and measures[name].of < FEWEST_DECISIONS
    severity = Severity.WARNING if is_doubtful else severity
    said = _said(name, every)
    return Judged(kind, severity, said, measured=numbers, is_doubtful=is_doubtful)


def _said(name: str, every: Agreements) -> str:
    """A measure in words, with what makes it easier to imagine."""
    beside = [other for other in BESIDE.get(name, ()) if other in every]
    return ", ".join(in_words(each, every[each]) for each in (name, *beside))


def _by_median(output: OutputAgreement) -> Judged:
    """Where nobody knows what an output is, only a loss that spares no reading counts."""
    median = output.samples.snr_db_at(0.5)
    severity = lost_by_median(median, readings(output))
    if severity is None:
        return _by_readings(output, ("median_snr_db", median))
    samples = len(output.samples.positions)
    said = f"half of {samples} samples have an SNR of {tenths(median)} dB or less"
    return Judged("unknown", severity, said, measured=(("median_snr_db", median),))


def _by_readings(output: OutputAgreement, median: tuple[str, float]) -> Judged:
    """Whatever it is: what is lost in every kind of output that it may be, is lost."""
    every = readings(output)
    worst = lost_in_every_reading(every)
    if not worst:
        numbers = every.get("regression", {})
        # Every channel for itself, so that a wide one hides none.
        is_kept = median[1] >= CLEAR_DB and bool(numbers) and worst_measure(numbers) is None
        return Judged("unknown", None, is_kept=is_kept, measured=(median,))
    said = [f"as {kind}, {in_words(worst[kind], every[kind][worst[kind]])}" for kind in every]
    measured = {name: every[kind][name].value for kind, name in worst.items()}
    return Judged(
        "unknown", Severity.WARNING, "; ".join(said), measured=(median, *measured.items())
    )


def bounded(context: Context, severity: Level, layers: Collection[str]) -> Level:
    """The severity of noise at layers, no higher than what it costs the outputs behind them.

    Noise that changes no decision is no fault. Where an output behind was not compared, nothing
    is known, and the severity stays.
    """
    behind = _behind(context, layers)
    if severity is None or not behind:
        return severity
    costs = max(judged.severity or Severity.INFO for judged in behind)
    return costs if costs < severity else severity


def bounded_where_known(context: Context, severity: Level, layers: Collection[str]) -> Level:
    """The same for what can be proven without data, and harms outputs in ways of their own.

    Where the kind of an output behind is unknown, a high SNR says too little, and the severity
    stays.
    """
    judged = context.known(judged_decisions)
    reached = judged.keys() & reached_from(context.model.network, layers)
    is_known = all(judged[name].kind != "unknown" for name in reached)
    return bounded(context, severity, layers) if is_known else severity


def is_all_kept(context: Context, layers: Collection[str] | None = None) -> bool:
    """Whether measuring shows that nothing is lost at any output behind layers.

    An output of unknown kind has to be clear for that, in each of its channels, and one at which
    nothing fires shows nothing.

    Parameters
    ----------
    layers : None for all of the network.
    """
    samples = context.measurements.samples if context.measurements else 0
    behind = _behind(context, layers) if samples >= FEWEST_SAMPLES else []
    return bool(behind) and all(judged.is_kept for judged in behind)


def is_known_to_be_kept(context: Context, layers: Collection[str]) -> bool:
    """Whether the kind of every output behind layers is known, and nothing is lost there."""
    kinds = {judged.kind for judged in _behind(context, layers)}
    return "unknown" not in kinds and is_all_kept(context, layers)


def is_nothing_lost(context: Context, layers: Collection[str]) -> bool:
    """Whether measuring shows no loss at the outputs behind layers, clear or not."""
    samples = context.measurements.samples if context.measurements else 0
    behind = _behind(context, layers) if samples >= FEWEST_SAMPLES else []
    return bool(behind) and all(judged.severity is None for judged in behind)


def are_decisions_kept(context: Context, layers: Collection[str]) -> bool:
    """Whether all outputs behind layers are decisions, and measuring shows that they are kept.

    Numbers, pictures and vectors are the better the closer they are, within their limits as well.
    """
    kinds = {judged.kind for judged in _behind(context, layers)}
    return kinds <= DECIDED and is_all_kept(context, layers)


def _behind(context: Context, layers: Collection[str] | None) -> list[Judged]:
    """The outputs behind layers; [] where one of them was not compared, so that little is known."""
    judged, network = context.known(judged_decisions), context.model.network
    outputs = {output.name for output in network.output_layers}
    reached = outputs if layers is None else outputs & reached_from(network, layers)
    return [judged[name] for name in reached] if reached <= judged.keys() else []


def spared(finding: Finding, why: str) -> Finding:
    """A finding as something worth knowing, of which nothing has to be done.

    Parameters
    ----------
    why : what is said in place of the harm that it may do elsewhere.
    """
    return replace(finding, severity=Severity.INFO, why=why, remedy="", recommendation=None)


def kind_wanted(outputs: Sequence[str]) -> str:
    """To say what an output stands for, where nobody knows."""
    *kinds, last = KNOWN_KINDS
    return (
        f"Run again with --output-kind {outputs[0]}=KIND, where KIND is {', '.join(kinds)} or "
        f"{last}."
    )
