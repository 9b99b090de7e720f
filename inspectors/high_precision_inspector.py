"""Layers that 8 bit does not suffice for, and the 16-bit set that was proven to help."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from inspectors.agreement.judgement import bounded
from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.bias_correction import by_bias_correction
from inspectors.noise.constants import has_constant_output
from inspectors.noise.origins import codes_anew
from inspectors.noise.plan import plan_findings
from inspectors.noise.remedies import (
    by_eight_bit_weights,
    by_quantizing_again,
    by_searching,
    by_training,
    by_trial,
)
from utils.findings import Finding, Recommendation, Severity
from utils.har.model import Model
from utils.har.quantization import precision_commands
from utils.measurements.left_out import PLAN
from utils.outputs.producers import SELECTING_TYPES
from utils.quantizer.sixteen_bit import obstacle, sixteen_bit_mode
from utils.wording import listed, plural, tenths

# Inputs and outputs only repeat what other layers did.
NOT_JUDGED = SELECTING_TYPES | {"input_layer", "output_layer"}
ANALYSIS = "hailo analyze-noise model.har --data-path calib.npy"


@dataclass(frozen=True)
class Ratios:
    """SNR in dB by layer, and the words that say where it was measured."""

    values: Mapping[str, float]
    source: str


class HighPrecisionInspector(BaseInspector):
    """Which layers are too noisy at 8 bit, and which set of them at 16 bit helps?

    With data, a plan is searched if an output loses decisions, or its median sample has less than
    12 dB, or, where decisions are not counted, if its SNR stays below 20 dB; with `--target-snr`
    for every output below that. The plan is the smallest set of 16-bit layers that brings the
    decisions back and every output there; where no set does, but comes within 3 dB of a target that
    nobody asked for, the smallest that is within 1 dB of that. Candidates are quantized anew and
    emulated, and only a set that did so over all samples is recommended. A large network has fewer
    samples and sets tried, so that the search takes no longer than the data; the message then says
    how many.
    Where layers with 4-bit weights make a tenth of the noise at an output, 8-bit weights are tried
    before any 16 bit, and every set has them: what they cost is memory.
    Layers are judged by the signal-to-noise ratio (SNR) that the compiler's own analysis stored,
    which it does from optimization level 1 on (at level 0 its log says `Layer Noise Analysis
    skipped`): over the whole network if the advanced analysis was run, else at the layer. Where
    it stored none, they are judged by the ratio measured at the layer with everything quantized.
    10 dB, noise a tenth of the signal's power, is what Hailo calls most sensitive. Input and
    output layers, nms and argmax are left out. Recommended modes are those that chip and layer
    accept: on the Hailo-8 family a matmul takes 16 bit at its output only, convolutions on
    hailo15l take 16 bit with 8-bit weights. Without data nothing proves a mode, so it goes into
    the script only if it is accepted on a terminal.

    - `mixed-precision-plan` (info): the set of layers with 16 bit, or with 8-bit instead of 4-bit
      weights, what every output decides as in float and its SNR before and after, and what share
      of the weights and multiply-accumulates then takes 16 bit. A setting of the script that let
      the compiler choose these layers for 4 bit is switched off. Take the lines if the frames per
      second that 16 bit costs can be spared. If no set suffices: the same with all layers at 16
      bit that accept it, and what is in the way; mend that instead. It counts as no help if no
      output gains 1 dB or a decision.
    - `low-snr` (info or warning): the SNR of a layer is 10 dB or less; an info where no output
      behind it loses decisions. With data, follow `mixed-precision-plan`. Where every output
      reaches the target there is no plan, as these layers cost the outputs little. Without data,
      give the layers 16 bit, nearest to the output first, and measure what it gains. Where chip or
      layer accept no more bits, the evidence has the rule that is in the way.
    - `low-snr-outlier` (info or warning): the SNR of a layer lies far below that of the others:
      under the first quartile by more than 1.5 times the distance between the quartiles, by more
      than 3 dB, and below 30 dB; judged from 8 layers on. An info as above. Look at these layers
      first.
    - `noise-not-analysed` (info): the archive holds no SNR of any layer, and none could be
      measured. Pass the calibration set with `-d`, run
      `hailo analyze-noise model.har --data-path calib.npy`, or optimize at level 1 or above.
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.NOISE | Need.SENSITIVITY | Need.PRECISION_PLAN

    LOW_SNR_DB = 10.0  # Hailo's own mark for its most sensitive layers
    OUTLIER_FENCE = 1.5  # interquartile ranges below the first quartile, as in a box plot
    OUTLIER_MINIMUM_GAP_DB = 3.0  # below that the noise is not even twice the usual
    OUTLIER_HIGHEST_DB = 30.0  # better layers do no harm, however much better the others are
    OUTLIER_MINIMUM_LAYERS = 8  # so that each quarter of the layers holds at least two

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield the plan, then what is too noisy by itself, then what is compared with others."""
        if context.measurements is not None and context.measurements.plan is not None:
            yield from plan_findings(context, context.measurements.plan)
        found = _stored_ratios(context.model) or _measured_ratios(context)
        if found is None:
            yield self._noise_not_analysed(context)
            return
        # Without noise the ratio is infinite, without signal it is minus infinite: a layer that
        # is exact or dead is no case for more bits.
        ratios = {name: ratio for name, ratio in found.values.items() if math.isfinite(ratio)}
        low = {name: ratio for name, ratio in ratios.items() if ratio <= self.LOW_SNR_DB}
        if low:
            yield self._low_snr(context, low, found.source)
        outliers = {
            name: ratio for name, ratio in self._outliers(ratios).items() if name not in low
        }
        if outliers:
            yield self._low_snr_outlier(context, outliers, _quartiles(ratios), found.source)

    def _outliers(self, ratios: Mapping[str, float]) -> dict[str, float]:
        if len(ratios) < self.OUTLIER_MINIMUM_LAYERS:
            return {}
        first, third = _quartiles(ratios)
        gap = max(self.OUTLIER_FENCE * (third - first), self.OUTLIER_MINIMUM_GAP_DB)
        limit = min(first - gap, self.OUTLIER_HIGHEST_DB)
        return {name: ratio for name, ratio in ratios.items() if ratio < limit}

    def _low_snr(self, context: Context, low: Mapping[str, float], source: str) -> Finding:
        names = tuple(low)
        recommendation = _unproven_recommendation(context, names)
        facts = [_with_ratios(context.model, low), source, *_obstacles_in_words(context, names)]
        if _costs_the_outputs_little(context):
            facts.append("all outputs are clean enough nevertheless")
        return Finding(
            id="low-snr",
            severity=bounded(context, Severity.WARNING, names),
            headline="Some layers carry much quantization noise",
            evidence="; ".join(facts),
            why="The layers behind them compute with imprecise values.",
            remedy=_remedy(context, names, recommendation),
            layers=names,
            measured=dict(low),
            recommendation=recommendation,
        )

    def _low_snr_outlier(
        self,
        context: Context,
        outliers: Mapping[str, float],
        quartiles: tuple[float, float],
        source: str,
    ) -> Finding:
        (first, third), names = quartiles, tuple(outliers)
        recommendation = _unproven_recommendation(context, names)
        return Finding(
            id="low-snr-outlier",
            severity=bounded(context, Severity.WARNING, names),
            headline="Some layers carry far more quantization noise than the others",
            evidence=f"{_with_ratios(context.model, outliers)}, half of the layers "
            f"{tenths(first)} to {tenths(third)} dB; {source}",
            why="The layers behind them compute with imprecise values.",
            remedy=_remedy(context, names, recommendation),
            layers=names,
            measured={**outliers, "first_quartile": first, "third_quartile": third},
            recommendation=recommendation,
        )

    def _noise_not_analysed(self, context: Context) -> Finding:
        level = context.model.optimization_level
        at_level = ", as optimization level 0 runs none" if level == 0 else ""
        reason, remedy, command = _how_to_measure(context)
        stored = f"the archive holds no noise analysis{at_level}"
        return Finding(
            id="noise-not-analysed",
            severity=Severity.INFO,
            headline="How much noise quantization adds at the layers is not known",
            evidence="; ".join(filter(None, (stored, reason))),
            why="Layers that need 16 bit cannot be named.",
            remedy=remedy,
            command=command,
        )


def _quartiles(ratios: Mapping[str, float]) -> tuple[float, float]:
    first, third = np.quantile(list(ratios.values()), [0.25, 0.75])
    return float(first), float(third)


def _stored_ratios(model: Model) -> Ratios | None:
    ratios = {
        layer.name: model.stored_snr(layer.name)
        for layer in model.network
        if layer.type not in NOT_JUDGED
    }
    known = {name: ratio for name, ratio in ratios.items() if ratio is not None}
    return Ratios(known, "from the noise analysis stored in the archive") if known else None


def _measured_ratios(context: Context) -> Ratios | None:
    """Ratios at the layers with everything quantized; None where no layer was measured."""
    measurements = context.measurements
    if measurements is None or measurements.noise is None:
        return None
    found = {
        layer.name: noise.output.snr_db
        for layer in context.model.network
        if layer.type not in NOT_JUDGED
        if (noise := measurements.noise.layers.get(layer.name)) is not None
        if codes_anew(layer, noise)
    }
    samples = plural(measurements.samples, "sample")
    source = f"measured over {samples} with everything quantized"
    return Ratios(found, source) if found else None


def _how_to_measure(context: Context) -> tuple[str, str, str]:
    """Why nothing was measured, what to do about it, and a line for the shell."""
    if context.measurements is None:
        failed = "the data given could not be measured" if context.data_failed else ""
        remedy = (
            "Pass data that fit the network." if failed else "Pass the calibration set with -d."
        )
        return failed, remedy, ""
    noise = context.measurements.noise
    reasons = list(dict.fromkeys(noise.not_measured.values())) if noise is not None else []
    reason = f"noise could not be measured with the data given: {listed(reasons, 1) or 'not run'}"
    return reason, "Let the compiler analyse the noise with this command.", ANALYSIS


def _with_ratios(model: Model, ratios: Mapping[str, float]) -> str:
    worst_first = sorted(ratios, key=ratios.__getitem__)
    named = [f"{model.network[name].described()} {tenths(ratios[name])} dB" for name in worst_first]
    return f"SNR at {listed(named, 3)}"


def _target(context: Context) -> str:
    return context.target or context.model.hw_arch


def _obstacles_in_words(context: Context, names: tuple[str, ...]) -> list[str]:
    model, target = context.model, _target(context)
    by_reason: dict[str, list[str]] = {}
    for name in names:
        if not sixteen_bit_mode(model.network[name], target, model.precision_mode(name)):
            by_reason.setdefault(obstacle(model.network[name], target), []).append(name)
    return [f"no more bits for {listed(each, 3)}: {why}" for why, each in by_reason.items()]


def _unproven_recommendation(context: Context, names: tuple[str, ...]) -> Recommendation | None:
    """Statements that give layers the most bits chip and layer accept, to be asked for.

    None if nothing would change, or where noise was measured: then the plan has what is proven.
    """
    if _has_measured_noise(context):
        return None
    model, target = context.model, _target(context)
    modes = {
        name: sixteen_bit_mode(model.network[name], target, model.precision_mode(name))
        for name in names
    }
    commands = precision_commands({name: mode for name, mode in modes.items() if mode})
    if not commands:
        return None
    question = (
        f"Give {listed([name for name, mode in modes.items() if mode])} 16 bit? What it gains was "
        "not tried, for want of data."
    )
    return Recommendation(commands, question, default=False)


def _has_measured_noise(context: Context) -> bool:
    return context.measurements is not None and context.measurements.noise is not None


def _costs_the_outputs_little(context: Context) -> bool:
    """Whether no plan was searched for, since every output reaches the target as it is."""
    found = context.measurements
    if found is None or found.noise is None or found.plan is not None or PLAN in found.left_out:
        return False
    # What mends the outputs in another way leaves no plan to search for, either.
    is_mended = by_bias_correction(context) or by_quantizing_again(context)
    return not is_mended and not has_constant_output(context)


def _remedy(context: Context, names: tuple[str, ...], recommendation: Recommendation | None) -> str:
    """What follows for noisy layers from the outputs; without data, the lines to be tried."""
    if _costs_the_outputs_little(context):
        return "Leave these layers as they are, since the outputs are good enough."
    if _has_measured_noise(context):
        if has_constant_output(context):
            return "Pass samples for which the float network gives different results."
        return (
            by_trial(context)
            or by_quantizing_again(context)
            or by_eight_bit_weights(context.model, names)
            or by_searching(context)
            or by_training(context.model)
        )
    if recommendation is None:
        return "Pass the calibration set with -d to see what these layers cost the outputs."
    return f"Give {listed(names)} more bits with these lines and quantize again."
