"""Layers that 8 bit does not suffice for, by the compiler's own noise analysis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from utils.findings import Finding, Recommendation, Severity
from utils.har.model import WEIGHT_TYPES, Model
from utils.har.network import Layer
from utils.har.quantization import PrecisionMode, parse_precision_mode, precision_commands
from utils.wording import listed

# Signal-to-noise ratio says nothing where an index or a selection leaves the layer, and inputs
# and outputs only repeat what other layers did.
NOT_JUDGED = frozenset(
    "input_layer output_layer nms argmax postprocess bbox_decoder proposal_generator".split()
)
HAILO8_FAMILY = frozenset({"hailo8", "hailo8l", "hailo8r"})


class HighPrecisionInspector(BaseInspector):
    """Which layers are too noisy at 8 bit, and would gain from 16 bit?

    From optimization level 1 on, the compiler measures the signal-to-noise ratio (SNR) of every
    layer and stores it in the archive; at level 0 its log says `Layer Noise Analysis skipped`.
    10 dB, noise a tenth of the signal's power, is what Hailo calls most sensitive. This inspector
    reads the stored ratios: over the whole network if the advanced analysis was run, else at the
    layer. Input and output layers, nms and argmax are left out. Recommended modes are those
    that chip and layer accept: on the Hailo-8 family a matmul takes 16 bit at its output only,
    convolutions on hailo15l take 16 bit with 8-bit weights.

    - `low-snr` (warning): the SNR is 10 dB or less. Give the layers 16 bit, nearest to the output
      first, and measure what it gains: 16 bit costs time. Where chip or layer accept no more
      bits, the message says which rule is in the way.
    - `low-snr-outlier` (warning): the SNR lies far below that of the other layers: under the
      first quartile by more than 1.5 times the distance between the quartiles, and by more than
      3 dB; judged from 8 layers on. Look at these layers first.
    - `noise-not-analysed` (info): the archive holds no ratios, and none were measured. Run
      `hailo analyze-noise model.har --data-path calib.npy`, or optimize at level 1 or above.
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.NOTHING

    LOW_SNR_DB = 10.0  # Hailo's own mark for its most sensitive layers
    OUTLIER_FENCE = 1.5  # interquartile ranges below the first quartile, as in a box plot
    OUTLIER_MINIMUM_GAP_DB = 3.0  # below that the noise is not even twice the usual
    OUTLIER_MINIMUM_LAYERS = 8  # so that each quarter of the layers holds at least two

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what is too noisy by itself, then what is compared with the others."""
        stored = _stored_ratios(context.model)
        if not stored:
            yield self._noise_not_analysed(context.model)
            return
        # Without noise the ratio is infinite, without signal it is minus infinite: a layer that
        # is exact or dead is no case for more bits.
        ratios = {name: ratio for name, ratio in stored.items() if math.isfinite(ratio)}
        low = {name: ratio for name, ratio in ratios.items() if ratio <= self.LOW_SNR_DB}
        if low:
            yield self._low_snr(context, low)
        outliers = {
            name: ratio for name, ratio in self._outliers(ratios).items() if name not in low
        }
        if outliers:
            yield self._low_snr_outlier(context, outliers, ratios)

    def _outliers(self, ratios: Mapping[str, float]) -> dict[str, float]:
        if len(ratios) < self.OUTLIER_MINIMUM_LAYERS:
            return {}
        first, third = _quartiles(ratios)
        gap = max(self.OUTLIER_FENCE * (third - first), self.OUTLIER_MINIMUM_GAP_DB)
        return {name: ratio for name, ratio in ratios.items() if ratio < first - gap}

    def _low_snr(self, context: Context, low: Mapping[str, float]) -> Finding:
        return Finding(
            id="low-snr",
            severity=Severity.WARNING,
            message="By the noise analysis stored in the archive the SNR is "
            f"{self.LOW_SNR_DB:g} dB or less at {_with_ratios(context.model, low)}"
            f"{_obstacles_in_words(context, tuple(low))}",
            layers=tuple(low),
            measured=dict(low),
            recommendation=sixteen_bit_recommendation(context, tuple(low)),
        )

    def _low_snr_outlier(
        self, context: Context, outliers: Mapping[str, float], ratios: Mapping[str, float]
    ) -> Finding:
        first, third = _quartiles(ratios)
        return Finding(
            id="low-snr-outlier",
            severity=Severity.WARNING,
            message="By the noise analysis stored in the archive the SNR lies far below that of "
            f"the other layers, half of which have {first:.1f} to {third:.1f} dB, at "
            f"{_with_ratios(context.model, outliers)}",
            layers=tuple(outliers),
            measured={**outliers, "first_quartile": first, "third_quartile": third},
            recommendation=sixteen_bit_recommendation(context, tuple(outliers)),
        )

    def _noise_not_analysed(self, model: Model) -> Finding:
        level = model.optimization_level
        reason = " (optimization level 0 stores none)" if level == 0 else ""
        return Finding(
            id="noise-not-analysed",
            severity=Severity.INFO,
            message=f"The archive holds no layer noise analysis{reason} and none was measured "
            "here, so layers that need 16 bit cannot be named; run `hailo analyze-noise model.har "
            "--data-path calib.npy`, or optimize at level 1 or above",
        )


def _quartiles(ratios: Mapping[str, float]) -> tuple[float, float]:
    first, third = np.quantile(list(ratios.values()), [0.25, 0.75])
    return float(first), float(third)


def _stored_ratios(model: Model) -> dict[str, float]:
    ratios = {
        layer.name: model.stored_snr(layer.name)
        for layer in model.network
        if layer.type not in NOT_JUDGED
    }
    return {name: ratio for name, ratio in ratios.items() if ratio is not None}


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
            by_reason.setdefault(_obstacle(model.network[name], target), []).append(name)
    return "".join(
        f"; no more bits for {listed(layers)}: {reason}" for reason, layers in by_reason.items()
    )


def _obstacle(layer: Layer, target: str) -> str:
    if _hands_codes_on(layer):
        return f"{layer.type} layers hand on the codes that they receive"
    mode = _accepted_mode(layer, target)
    chip = target or "an unknown chip"
    if mode:
        return f"the archive has all that {layer.type} layers accept on {chip} already ({mode})"
    return (
        f"{layer.type} layers are kept at 8 bit on {chip}, where 16-bit attention is reported to "
        "crash the compiler's allocator"
    )


def sixteen_bit_recommendation(context: Context, names: tuple[str, ...]) -> Recommendation | None:
    """Statements that give layers the most bits chip and layer accept; None if none would."""
    model, target = context.model, _target(context)
    modes = {
        name: sixteen_bit_mode(model.network[name], target, model.precision_mode(name))
        for name in names
    }
    commands = precision_commands({name: mode for name, mode in modes.items() if mode})
    return Recommendation(commands) if commands else None


def sixteen_bit_mode(layer: Layer, target: str, current: PrecisionMode | None) -> str:
    """Precision mode that gives a layer 16 bit; "" if there is none, or it has it already."""
    mode = _accepted_mode(layer, target)
    wanted = parse_precision_mode(mode)
    if wanted is None or current is None:
        return mode
    already = current.input_bits >= wanted.input_bits and current.weight_bits >= wanted.weight_bits
    # The output's width follows from what comes next, unless it is all that a mode changes.
    if wanted.output_bits > wanted.input_bits:
        already = already and current.output_bits >= wanted.output_bits
    return "" if already else mode


def _accepted_mode(layer: Layer, target: str) -> str:
    if _hands_codes_on(layer):
        return ""
    if layer.type == "matmul" and target in HAILO8_FAMILY:
        return "a8_w8_a16"  # DFC answers to a16_w16: "Unsupported value"
    if layer.type in ("matmul", "softmax") and target not in HAILO8_FAMILY:
        return ""  # 16-bit attention is reported to crash the allocator, community thread 19530
    if layer.type in WEIGHT_TYPES and target == "hailo15l":
        return "a16_w8"  # Hailo's scripts for this chip use it where others say a16_w16
    return "a16_w16"


def _hands_codes_on(layer: Layer) -> bool:
    return layer.is_pass_through or layer.type == "concat"
