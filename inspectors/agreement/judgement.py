"""How bad it is: whether the outputs still decide as in float."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from inspectors.base_inspector import Context
from utils.findings import Severity
from utils.har.reach import reached_from
from utils.measurements.agreement import OutputAgreement
from utils.measurements.agreement.limits import limited, lost_by_median, worst_measure
from utils.measurements.agreement.readings import agreement
from utils.measurements.agreement.wording import in_words
from utils.measurements.output_kind import OutputKind
from utils.wording import tenths

Level = TypeVar("Level", Severity, "Severity | None")

FIRING = ("scores", "detection")


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
    """Every output whose agreement was measured, by name; ask for it by `Context.known`."""
    found = context.measurements.agreement if context.measurements else None
    return {name: _judged(output) for name, output in found.outputs.items()} if found else {}


def _judged(output: OutputAgreement) -> Judged:
    kind = output.settled.kind
    if kind == "unknown":
        return _by_median(output)
    measures = limited(agreement(output))
    numbers = tuple((name, each.value) for name, each in measures.items())
    worst = worst_measure(measures)
    nothing = kind in FIRING and bool(measures) and all(not each.of for each in measures.values())
    if worst is None:
        return Judged(kind, None, decides_nothing=nothing, measured=numbers)
    severity, name = worst
    return Judged(kind, severity, in_words(name, measures[name]), measured=numbers)


def _by_median(output: OutputAgreement) -> Judged:
    """Where nobody knows what an output is, only a loss that spares no reading counts."""
    median = output.samples.snr_db_at(0.5)
    severity = lost_by_median(median)
    if severity is None:
        return Judged("unknown", None, measured=(("median_snr_db", median),))
    samples = len(output.samples.positions)
    said = f"half of {samples} samples have an SNR of {tenths(median)} dB or less"
    return Judged("unknown", severity, said, measured=(("median_snr_db", median),))


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


def silent_channels(output: OutputAgreement, silenced: np.ndarray) -> tuple[int, ...]:
    """Channels that vary in float and are constant on the chip, where channels count one by one."""
    counts = output.settled.kind in ("regression", "scores", "unknown")
    return tuple(int(channel) for channel in np.flatnonzero(silenced)) if counts else ()
