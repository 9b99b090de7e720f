"""Layers that 8 bit does not suffice for, and the 16-bit set that was proven to help."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.noise.origins import codes_anew
from inspectors.noise.plan import plan_findings
from utils.findings import Finding, Recommendation, Severity
from utils.har.model import Model
from utils.har.quantization import precision_commands
from utils.measurements.left_out import PLAN, remedy_of
from utils.outputs.producers import SELECTING_TYPES
from utils.quantizer.sixteen_bit import obstacle, sixteen_bit_mode
from utils.wording import listed, plural

# Inputs and outputs only repeat what other layers did.
NOT_JUDGED = SELECTING_TYPES | {"input_layer", "output_layer"}


@dataclass(frozen=True)
class Ratios:
    """SNR in dB by layer, and the words that say where it comes from."""

    values: Mapping[str, float]
    source: str


class HighPrecisionInspector(BaseInspector):
    """Which layers are too noisy at 8 bit, and which set of them at 16 bit helps?

    With data, a plan is searched if an output stays below `--target-snr`, 20 dB by default: the
    smallest set of 16-bit layers that brings every output there. Candidates are quantized anew
    and emulated, and only a set that reached the target over all samples is recommended. A large
    network has fewer samples and sets tried, so that the search takes no longer than the data; the
    message then says how many.
    Layers are judged by the signal-to-noise ratio (SNR) that the compiler's own analysis stored,
    which it does from optimization level 1 on (at level 0 its log says `Layer Noise Analysis
    skipped`): over the whole network if the advanced analysis was run, else at the layer. Where
    it stored none, they are judged by the ratio measured at the layer with everything quantized.
    10 dB, noise a tenth of the signal's power, is what Hailo calls most sensitive. Input and
    output layers, nms and argmax are left out. Recommended modes are those that chip and layer
    accept: on the Hailo-8 family a matmul takes 16 bit at its output only, convolutions on
    hailo15l take 16 bit with 8-bit weights. Without data nothing proves a mode, so it goes into
    the script only if it is accepted on a terminal.

    - `mixed-precision-plan` (info): the set of layers, the SNR of every output before and after,
      and what share of the weights and multiply-accumulates then takes 16 bit. Take the lines if
      the frames per second that 16 bit costs can be spared. If no set reaches the target: the
      best SNR, and what is in the way; mend that instead.
    - `low-snr` (warning): the SNR is 10 dB or less. With data, follow `mixed-precision-plan`; there
      is none where every output reaches the target all the same: then it costs the outputs
      little. Without data, give the layers 16 bit, nearest to the output first, and measure what it
      gains. Where chip or layer accept no more bits, the message says which rule is in the way.
    - `low-snr-outlier` (warning): the SNR lies far below that of the other layers: under the
      first quartile by more than 1.5 times the distance between the quartiles, by more than 3 dB,
      and below 30 dB; judged from 8 layers on. Look at these layers first.
    - `noise-not-analysed` (info): the archive holds no ratios, and none could be measured. Pass
      the calibration set with `-d`, run `hailo analyze-noise model.har --data-path calib.npy`, or
      optimize at level 1 or above.
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
        return Finding(
            id="low-snr",
            severity=Severity.WARNING,
            headline=f"{source} the SNR is {self.LOW_SNR_DB:g} dB or less at "
            f"{_with_ratios(context.model, low)}{_obstacles_in_words(context, tuple(low))}"
            f"{_what_then(context)}",
            layers=tuple(low),
            measured=dict(low),
            recommendation=_unproven_recommendation(context, tuple(low)),
        )

    def _low_snr_outlier(
        self,
        context: Context,
        outliers: Mapping[str, float],
        quartiles: tuple[float, float],
        source: str,
    ) -> Finding:
        first, third = quartiles
        return Finding(
            id="low-snr-outlier",
            severity=Severity.WARNING,
            headline=f"{source} the SNR lies far below that of the other layers, half of which have "
            f"{first:.1f} to {third:.1f} dB, at {_with_ratios(context.model, outliers)}",
            layers=tuple(outliers),
            measured={**outliers, "first_quartile": first, "third_quartile": third},
            recommendation=_unproven_recommendation(context, tuple(outliers)),
        )

    def _noise_not_analysed(self, context: Context) -> Finding:
        level = context.model.optimization_level
        reason = " (optimization level 0 stores none)" if level == 0 else ""
        return Finding(
            id="noise-not-analysed",
            severity=Severity.INFO,
            headline=f"The archive holds no layer noise analysis{reason} and none was measured "
            f"here, so layers that need 16 bit cannot be named; {_why_not_measured(context)}, or "
            "run `hailo analyze-noise model.har --data-path calib.npy`, or optimize at level 1 or "
            "above",
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
    return Ratios(known, "By the noise analysis stored in the archive") if known else None


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
    source = f"Measured at the layer over {samples}, everything quantized,"
    return Ratios(found, source) if found else None


def _why_not_measured(context: Context) -> str:
    if context.measurements is None:
        return context.without_data
    noise = context.measurements.noise
    reasons = list(dict.fromkeys(noise.not_measured.values())) if noise is not None else []
    return f"with the data given noise could not be measured ({listed(reasons, 1) or 'not run'})"


def _with_ratios(model: Model, ratios: Mapping[str, float]) -> str:
    worst_first = sorted(ratios, key=ratios.__getitem__)
    return listed(
        [f"{model.network[name].described()} ({ratios[name]:.1f} dB)" for name in worst_first]
    )


def _target(context: Context) -> str:
    return context.target or context.model.hw_arch


def _obstacles_in_words(context: Context, names: tuple[str, ...]) -> str:
    model, target = context.model, _target(context)
    by_reason: dict[str, list[str]] = {}
    for name in names:
        if not sixteen_bit_mode(model.network[name], target, model.precision_mode(name)):
            by_reason.setdefault(obstacle(model.network[name], target), []).append(name)
    return "".join(
        f"; no more bits for {listed(layers)}: {reason}" for reason, layers in by_reason.items()
    )


def _unproven_recommendation(context: Context, names: tuple[str, ...]) -> Recommendation | None:
    """Statements that give layers the most bits chip and layer accept, to be asked for.

    None if nothing would change, or where noise was measured: then the plan has what is proven.
    """
    if context.measurements is not None and context.measurements.noise is not None:
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


def _what_then(context: Context) -> str:
    """What measured noise at a layer means for the outputs, as the end of a message."""
    if context.measurements is None or context.measurements.noise is None:
        return ""
    if context.measurements.plan is not None:
        return "; mixed-precision-plan says what 16 bit gains at the outputs"
    if reason := context.measurements.left_out.get(PLAN):
        return f"; what 16 bit gains at the outputs was not searched: {remedy_of(reason)}"
    return "; every output reaches the SNR that is wanted all the same, so it costs them little"
