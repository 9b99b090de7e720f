"""The stages from left to right, each held against the one before it, and where most is lost."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from utils.findings import Severity
from utils.measurements.agreement import OutputAgreement
from utils.measurements.agreement.limits import LEAST_MEDIAN_DB
from utils.measurements.agreement.outcome import Outcome
from utils.outputs.producers import class_number_outputs
from utils.report import Report
from utils.stages import STAGES, StageName, Step

# From here on a network has been quantized.
QUANTIZED: StageName = "quantized"
# What the user gives; the others are the archive's.
GIVEN: tuple[StageName, ...] = ("original", "device")


@dataclass(frozen=True)
class StageOutput:
    """One output of a stage against the stage before it.

    Parameters
    ----------
    snr_db : pooled; infinite where both are equal, NaN where an SNR says nothing.
    agreement : whether both decide the same; None where nothing was counted.
    """

    snr_db: float
    agreement: OutputAgreement | None = None


@dataclass(frozen=True)
class StageInChain:
    """One stage.

    Parameters
    ----------
    name : of the stage.
    before : the stage that it is held against; "" for the first.
    is_equal : whether it computes, or decides, as that one.
    is_decided : whether decisions of all its outputs were counted; of what quantization does, an
        SNR alone does not say whether it matters.
    outputs : by name of the output layer.
    first_difference : first layer where both part; "" where they do nowhere, or nobody knows.
    original_name : of that layer, in the original model; "" where it is not known.
    reasons : words for why, as trials showed.
    notes : sentences on what was assumed, or found out.
    source : file of the user; "" where the stage is the archive's.
    is_severe : whether what it loses is an error; of what quantization does, little is a warning.
    not_compared : outputs of the archive that it has nothing for.
    """

    name: StageName
    before: StageName | None = None
    is_equal: bool = True
    outputs: Mapping[str, StageOutput] = field(default_factory=dict)
    first_difference: str = ""
    original_name: str = ""
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    source: str = ""
    is_decided: bool = True
    is_severe: bool = True
    not_compared: tuple[str, ...] = ()

    @property
    def worst_db(self) -> float:
        """The lowest SNR; minus infinity where decisions change of which an SNR says nothing."""
        ratios = [-math.inf if math.isnan(o.snr_db) else o.snr_db for o in self.outputs.values()]
        return min(ratios, default=-math.inf)


@dataclass(frozen=True)
class StageChain:
    """All stages that there are.

    Parameters
    ----------
    stages : from left to right.
    samples : on how many those were run that the user gave, and those before quantization.
    missing : why a stage was not compared, by its name.
    """

    stages: tuple[StageInChain, ...]
    samples: int
    missing: tuple[tuple[StageName, str], ...] = ()

    @cached_property
    def lost(self) -> StageInChain | None:
        """The stage that loses most against the one before it; None where none loses anything."""
        losing = [stage for stage in self.stages if stage.before and not stage.is_equal]
        return min(losing, key=lambda stage: stage.worst_db, default=None)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of all outputs that were compared anywhere, in the order of the network."""
        return tuple(dict.fromkeys(name for stage in self.stages for name in stage.outputs))


def stage_chain(report: Report) -> StageChain | None:
    """The stages of a report; None where nobody asked for them and nothing is to be seen."""
    found = report.stages
    if found is None:
        return None
    # Where nothing was compared, nothing is known to be lost: it is among what is missing.
    held = {step.later: _of_step(report, step) for step in found.steps if step.is_compared}
    asked = {*held, *(step.earlier for step in found.steps), *(name for name, _ in found.missing)}
    if asked.isdisjoint(GIVEN) and all(stage.is_equal for stage in held.values()):
        return None
    if (quantized := _quantized(report)) is not None:
        held[QUANTIZED] = quantized
    firsts = {stage.before for stage in held.values() if stage.before} - held.keys()
    names = [name for name in STAGES if name in held or name in firsts]
    stages = tuple(held.get(name) or StageInChain(name) for name in names)
    return StageChain(stages, found.samples, found.missing)


def _of_step(report: Report, step: Step) -> StageInChain:
    return StageInChain(
        step.later,
        step.earlier,
        step.is_equal,
        {match.layer: StageOutput(match.snr_db, match.agreement) for match in step.outputs},
        step.parts_at,
        _original_name(report, step),
        tuple(reason.word for reason in step.reasons),
        step.notes,
        step.source,
        not_compared=step.not_matched,
    )


def _original_name(report: Report, step: Step) -> str:
    """What the original model calls the layer where two stages part."""
    if step.earlier == "original":
        named = [m.other for m in (*step.inner, *step.outputs) if m.layer == step.parts_at]
        if named:
            return named[0]
    model = report.model
    layer = model.float_network.layers.get(step.parts_at) or model.network.layers.get(step.parts_at)
    return layer.original_names[0] if layer is not None and layer.original_names else ""


def _quantized(report: Report) -> StageInChain | None:
    """The step that every run with data measures; None where the quantized network was not run."""
    if report.noise is None:
        return None
    outputs = dict(_measured(report))
    if not outputs:
        return None
    numbered = class_number_outputs(report.model.network)
    outcomes = [
        Outcome.of(output.agreement, has_signal=name not in numbered)
        for name, output in outputs.items()
        if output.agreement is not None
    ]
    is_decided = len(outcomes) == len(outputs) and all(each.is_counted for each in outcomes)
    is_fine = all(each.is_fine for each in outcomes)
    is_severe = any(map(_loses_much, outcomes))
    return StageInChain(
        QUANTIZED, "optimized", is_fine, outputs, is_decided=is_decided, is_severe=is_severe
    )


def _loses_much(outcome: Outcome) -> bool:
    """Whether a loss is more than some, as noise is that nobody can read anything in."""
    is_drowned = not outcome.is_counted and outcome.median_db < LEAST_MEDIAN_DB
    return outcome.severity is Severity.ERROR or is_drowned


def _measured(report: Report) -> Iterator[tuple[str, StageOutput]]:
    noise, measurements = report.noise, report.measurements
    if noise is None or measurements is None:
        return
    agreements = measurements.agreement.outputs if measurements.agreement else {}
    numbered = class_number_outputs(report.model.network)
    for layer in report.model.network.output_layers:
        if layer.name in noise.layers:
            snr = noise.layers[layer.name].output.snr_db
            yield (
                layer.name,
                StageOutput(
                    math.nan if layer.name in numbered else snr, agreements.get(layer.name)
                ),
            )
