"""Tables of activations, and what was tried against them, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from inspectors.activation_tables.harm import Harm
from inspectors.agreement.judgement import judgement_of
from inspectors.base_inspector import Context
from inspectors.noise.remedies import by_plan
from utils.findings import Gain, Severity
from utils.har.network import Layer
from utils.measurements import LayerMeasurement, Measurements
from utils.measurements.agreement.change import APART_DB
from utils.measurements.agreement.limits import worst_measure
from utils.measurements.agreement.readings import agreement
from utils.measurements.agreement.wording import in_words
from utils.measurements.noise import snr_in_words
from utils.measurements.table_noise import TableNoise, TableTrial
from utils.wording import listed, plural, tenths

# What is made of lines and does much the same.
MADE_OF_LINES = {"sigmoid": "hard sigmoid", "tanh": "clipped linear function"}


# Measures that are no shares.
_NUMBERS = ("mean_iou", "box_iou", "cosine", "psnr_db")


def headline(layers: Sequence[Layer]) -> str:
    """What is wrong, by the activation that these layers have."""
    names = {layer.activation for layer in layers}
    if len(names) == 1:
        return f"The chip's {names.pop()} is a few straight lines, too coarse where it is used"
    return "The chip's activations are a few straight lines, too coarse where they are used"


def table_in_words(layer: Layer, measured: Measurements) -> str:
    """One table with its numbers."""
    table = measured.tables[layer.name]
    return (
        f"{layer.described()} has {plural(table.lines, 'line')} for {layer.activation}; between "
        f"{table.low:.3g} and {table.high:.3g}, where the network uses it, they are off by "
        f"{_error_in_words(table, measured.layers.get(layer.name))} and leave "
        f"{_ratio(table.snr_db)} by themselves, {table.share:.0%} of the noise there, "
        f"measured over {plural(measured.samples, 'sample')}"
    )


def _error_in_words(table: TableNoise, layer: LayerMeasurement | None) -> str:
    """The error against what varies: a constant in the values makes no error harmless."""
    spread = math.sqrt(float(np.square(layer.output.std).mean())) if layer else 0.0
    if spread > 0:
        return f"{table.typical_error / spread:.0%} of the spread of the values"
    return f"{table.typical_error:.3g}"


def why(context: Context, found: Sequence[Harm]) -> str:
    """What it does, and what decides whether it matters."""
    if by_plan(context) and not found[0].is_at_output:
        return "What the lines miss reaches the outputs."
    said = "More bits do not help: they leave the lines as they are."
    unknown = [harm.output.layer.name for harm in found if harm.is_unknown]
    if not unknown or found[0].severity == Severity.INFO:
        return said
    return (
        f"{said} Scores that still fire lose nothing: --output-kind {unknown[0]}=scores says that "
        "they are scores."
    )


def _ratio(snr_db: float) -> str:
    """``an SNR of 18.5 dB``; ``no signal`` where there is none."""
    return f"{'an SNR of ' if math.isfinite(snr_db) else ''}{snr_in_words(snr_db)}"


def harm_in_words(harm: Harm) -> str:
    """What tables cost an output, and what a trial shows."""
    name, snr_db = harm.output.layer.name, _ratio(harm.output.snr_db)
    if harm.trial is not None:
        return _trial_in_words(name, harm.trial)
    if harm.is_at_output:
        return f"{name} has {snr_db}"
    return f"they hold {sum(harm.shares.values()):.0%} of the noise at {name}, which has {snr_db}"


def _trial_in_words(output: str, trial: TableTrial) -> str:
    numbers = (
        f"an SNR of {tenths(trial.after_db)} dB at {output} in emulation, before "
        f"{tenths(trial.before_db)}"
    )
    was_db, is_db = (found.samples.snr_db_at(0.5) for found in (trial.before, trial.after))
    if max(abs(was_db - trial.before_db), abs(is_db - trial.after_db)) >= APART_DB:
        numbers += f", and the median sample has {tenths(is_db)} dB, before {tenths(was_db)}"
    before, after = agreement(trial.before), agreement(trial.after)
    worst = worst_measure(before)
    if worst is not None and judgement_of(trial.before).severity:
        measure, was = worst[1], before[worst[1]].value
        in_short = f"{was:.3g}" if measure in _NUMBERS else f"{was:.0%}"
        numbers += f", and {in_words(measure, after[measure])}, before {in_short}"
    return f"with a linear output and the function on the host {numbers}"


def remedy(context: Context, layers: Sequence[Layer], *, is_at_output: bool) -> str:
    """What to do, as one sentence."""
    names, functions = listed([layer.name for layer in layers]), _functions(layers)
    if is_at_output:
        if all(layer.type != "activation" for layer in layers):
            return (
                f"End the network at {names} with a linear output, apply the {functions} on the "
                "host, and quantize again."
            )
        return f"End the network in front of {names} and apply the {functions} on the host."
    if plan := by_plan(context):
        return plan
    made = {MADE_OF_LINES.get(layer.activation, "ReLU") for layer in layers}
    return f"Train the network with a {' or '.join(sorted(made))} at {names}."


def _functions(layers: Sequence[Layer]) -> str:
    return listed(sorted({layer.activation for layer in layers}))


def linear_lines(layers: Sequence[Layer]) -> tuple[str, ...]:
    """Lines of the model script that take the activations away."""
    return tuple(f"change_output_activation({layer.name}, linear)" for layer in layers)


def gain_of_the_worst(found: Sequence[Harm]) -> Gain | None:
    """What a trial gains at the output that is noisiest without it."""
    trials = {harm.output.layer.name: harm.trial for harm in found if harm.trial is not None}
    if not trials:
        return None
    name = min(trials, key=lambda output: trials[output].before_db)
    return Gain(f"SNR in dB at {name}", trials[name].before_db, trials[name].after_db)


def numbers(measured: Measurements, found: Sequence[Harm]) -> dict[str, float]:
    """The numbers behind the text; a layer's is the share of the noise there that its table is."""
    told: dict[str, float] = {}
    for harm in found:
        for name in harm.shares:
            table = measured.tables[name]
            told[name] = table.share
            told[f"SNR of the lines of {name}"] = table.snr_db
        if harm.trial is not None:
            output = harm.output.layer.name
            told[f"SNR of {output} before"] = harm.trial.before_db
            told[f"SNR of {output} after"] = harm.trial.after_db
    return told
