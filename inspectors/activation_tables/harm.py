"""Where tables of activations hold most of the noise at an output, and how bad that is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from inspectors.agreement.judgement import FIRING, Judged, judged_decisions, judgement_of
from inspectors.base_inspector import Context
from inspectors.noise import NoiseInspector
from inspectors.noise.outputs import JudgedOutput, judged_outputs
from utils.findings import Severity
from utils.har.network import Network
from utils.har.reach import reached_from
from utils.measurements import Measurements
from utils.measurements.agreement.limits import LIMITS, worst_measure
from utils.measurements.agreement.readings import readings
from utils.measurements.noise import NoiseMeasurements
from utils.measurements.table_noise import MAIN_SHARE, TableTrial

HELPS_DB = 1.0  # what a fifth less noise gains


@dataclass(frozen=True, eq=False)
class Harm:
    """An output of whose noise tables hold most.

    Parameters
    ----------
    output : with its noise.
    shares : of the noise at the output, 0 to 1, by layer whose table it is.
    severity : what the noise costs.
    is_unknown : whether nothing settles what the output stands for.
    is_at_output : whether what the table makes leaves the chip, and nothing else takes it.
    trial : the output with its activation on the host; None where that was not tried.
    """

    output: JudgedOutput
    shares: Mapping[str, float]
    severity: Severity
    is_unknown: bool = False
    is_at_output: bool = False
    trial: TableTrial | None = None


def harms(context: Context) -> Iterator[Harm]:
    """Outputs that the tables cost something, in the order the user sees.

    An output whose trial shows that the table does not matter is left out.
    """
    measured = context.measurements
    if measured is None or measured.noise is None:
        return
    for output in judged_outputs(context.model.network, measured.noise):
        shares = _shares(measured, measured.noise, output)
        severity = _severity(context, output) if shares else None
        trial = measured.table_trials.get(output.layer.name)
        if severity is None or (trial is not None and not has_gained(trial)):
            continue
        judged = context.known(judged_decisions).get(output.layer.name)
        is_unknown = judged is not None and judged.kind == "unknown"
        leaves = _leave(context.model.network, shares)
        yield Harm(output, shares, severity, is_unknown, leaves, trial)


def _leave(network: Network, names: Collection[str]) -> bool:
    """Whether nothing but outputs takes what layers compute."""
    behind = reached_from(network, names).difference(names)
    return all(network[name].is_pass_through for name in behind)


def _shares(
    measured: Measurements, noise: NoiseMeasurements, output: JudgedOutput
) -> dict[str, float]:
    """Tables that hold most of the noise of an output, together; none where they do not."""
    held = {name for name, table in measured.tables.items() if table.share >= MAIN_SHARE}
    producers = [producer.name for producer in output.producers]
    if len(producers) == 1 and producers[0] in held:
        return {producers[0]: measured.tables[producers[0]].share}
    if noise.sensitivity is None:
        return {}
    by_layer = noise.sensitivity.noise_shares(output.layer.name)
    shares = {
        name: by_layer[name] * measured.tables[name].share
        for name in measured.tables
        if name in held and name in by_layer
    }
    return shares if sum(shares.values()) >= MAIN_SHARE else {}


def _severity(context: Context, output: JudgedOutput) -> Severity | None:
    """What the noise of an output costs: decisions where they are known, else its SNR tells."""
    by_ratio = NoiseInspector.WANTED.severity(output) or Severity.INFO
    is_low = by_ratio > Severity.INFO
    judged = context.known(judged_decisions).get(output.layer.name)
    if judged is None:
        return min(by_ratio, Severity.WARNING) if is_low else None
    severity = judged.severity
    if judged.kind == "unknown":
        severity = _of_every_reading(context, judged, output.layer.name)
    return severity or (Severity.INFO if is_low else None)


def _of_every_reading(context: Context, judged: Judged, name: str) -> Severity | None:
    """Of an output that may be read in many ways: a warning where each of them loses something.

    Ways in which nothing is decided in float count for nothing.
    """
    found = context.measurements.agreement if context.measurements else None
    if judged.severity is not None or found is None:
        return judged.severity
    worst = [
        worst_measure(measures)
        for kind, measures in readings(found.outputs[name]).items()
        if kind not in FIRING or any(each.of for n, each in measures.items() if n in LIMITS)
    ]
    return Severity.WARNING if worst and all(worst) else None


def has_gained(trial: TableTrial) -> bool:
    """Whether the function on the host helps an output: in decisions, or else in dB."""
    before, after = (
        judgement_of(found).severity or Severity.INFO for found in (trial.before, trial.after)
    )
    if before != after:
        return after < before
    medians = [found.samples.snr_db_at(0.5) for found in (trial.before, trial.after)]
    return trial.after_db - trial.before_db >= HELPS_DB and medians[1] - medians[0] >= HELPS_DB
