"""Weights that quantization robbed of their bits, or that were damaged before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from inspectors.agreement.judgement import bounded, bounded_where_known
from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.finer_codes import FinerCodes
from inspectors.weights.alone import alone, lone_weights
from inspectors.weights.damage import not_finite
from inspectors.weights.dead import dead_channels
from inspectors.weights.finer import eight_bits, finer_weights
from inspectors.weights.lost import all_zero, lost_weights
from inspectors.weights.misfit import missed_shares, other_integers
from inspectors.weights.outliers import outlier_ratio, weight_sizes
from inspectors.weights.shares import counted, shares_above
from inspectors.weights.shrunk import shrunk_weights
from utils.findings import Finding, Recommendation, Severity
from utils.har.model import WEIGHT_TYPES, Model
from utils.har.network import Layer, Network
from utils.har.weight_channels import (
    COARSE_BELOW,
    COARSE_SHARE,
    Flags,
    WeightChannels,
    channels_by_layer,
)
from utils.har.weight_codes import channel_axis
from utils.measurements.own_noise import are_clear, hardly_count
from utils.wording import listed

COARSE = "Weights of some output channels use fewer than half of their bits"


class WeightsInspector(BaseInspector):
    """Did the weights keep their bits, their channels and their sense when they were quantized?

    A layer stores all its weights as integers over one common factor, so a single large weight,
    or a channel with small ones, decides what the others get. The integers, the float weights
    and what the compiler recorded while it chose the factor are in the archive: no data needed.
    Output channels are those of conv, dw, deconv and dense layers; where a deconv has as many
    inputs as outputs their axis is unknown. Channels that training itself switched off, or whose
    values stay within one code of the layer, are no concern and never count as coarse or dead.

    - `weights-not-finite` (error): NaN or infinity among the parameters, which the compiler
      rejects ("Unsupported NaN values were found in params"). Export the model again.
    - `weights-all-zero` (warning or error): all float weights of a layer are 0, so that nothing of
      a sample passes it. An error where an output sees no input past it, a warning where other
      paths carry the samples by. Single kernels of 0 are none: pruning leaves them.
    - `weight-alone` (warning or error): the largest float weight of a layer is 8 times the second
      or more, as in a damaged file; an error from 16 times on. It makes the others coarse, but
      16 bit do not mend the network.
    - `integers-differ` (info, warning or error): the integers of a layer miss more than 5 % of the
      energy of the float weights that they stand for, at weights that are off by more than rounding
      and clipping do: the archive was changed, or is damaged. At least a warning where that
      leaves the layer by itself an SNR below 10 dB. Quantize again.
    - `weights-shrunk` (info or warning): sums of products did not fit their accumulator even
      with the largest shift ("No shifts available for layer ..., using max shift instead.
      delta=0.78"), so the weights were made smaller by delta bits: warning above 0.5, info above
      0.1, where measured decisions stay as in float, and of 15-bit weights, which can spare that.
    - `coarse-channels` (info or warning): more than 10 % of a layer's output channels use fewer
      than half of their weight bits, at 8 bit codes of -7 to 7 only. A channel whose values stay
      within one code of the layer does not count, unless the layer behind weighs it so much that it
      brings a tenth of what others bring. An info where it was measured
      that these channels, half of them or more, have an SNR of 20 dB or more about their mean by
      themselves, as errors of many weights average out, that the decisions stay as in float, or
      that neither 16 bit for the layers nor anything else for their weights gains anything, unless
      they leave an output less than 20 dB by themselves and others make a quarter of its noise.
      Equalization, a scale for each channel of an output, or 16 bit for the layer give them
      finer weights: with data they are tried, and the cheapest that mends the outputs is named.
      Weights of 4 bit are told by themselves: give them 8 bit first. They are an info where no
      decision is known to be lost.
    - `dead-channels` (info, warning or error): calibration never saw a channel fire, so its integer
      weights are 0 though the float ones are not: warning above 10 % of a layer, error above 40 %,
      but where nothing is lost at outputs of a known kind on data that calibration did not see.
      Layers between the pool and the gate of squeeze-and-excite blocks do not count unless all of
      their channels are dead, and are an info where no other layer is concerned: they see one value
      of each sample, and training leaves many of them silent. Below an error it is an info where
      nothing is lost at outputs of a known kind, or decisions stay and at most 3 of each layer are
      dead, or data of the same kind that calibration did not see wake none of them, or at most 3 of
      each layer while the decisions stay, or so little that it is less than a tenth of the error of
      each layer. Calibrate on data like those of the device. If the weights were kept, as in dense
      layers, it is an info: for small heads with many channels it is normal. A warning where the
      data given show that the biases alone hold all channels of a layer below 0: compare these with
      the trained model, as no calibration changes that.
    - `weight-outliers` (info): the largest weight is more than 8 times the 99.9th percentile,
      which leaves all others less than 5 of 8 bits. Clipping it can help.
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.NOTHING

    COARSE_BELOW: ClassVar[Mapping[int, int]] = COARSE_BELOW  # codes, by weight bits
    COARSE_SHARE = COARSE_SHARE  # of a layer's output channels
    DEAD_WARNING = 0.1  # share of a layer's output channels
    DEAD_ERROR = 0.4  # share; good data left 7 % of a layer asleep, random numbers 25 and 45 %
    OUTLIER_RATIO = 8.0  # largest weight over the percentile: 3 bits
    OUTLIER_PERCENTILE = 99.9
    MINIMUM_WEIGHTS = 2000  # with fewer, not even two lie above the percentile

    @classmethod
    def look_ahead(cls, model: Model) -> None:
        """All weights have to be read."""
        for fact in (
            not_finite,
            all_zero,
            alone,
            missed_shares,
            channels_by_layer,
            cls._outlier_ratios,
        ):
            model.known(fact)

    def should_skip(self, context: Context) -> str:
        """Say so if there are no weights."""
        layers = _weighted(context.model.network)
        if not layers:
            return "no layer of the network has weights"
        if not any(_has_weights(context.model, layer) for layer in layers):
            return "the archive holds no weights of any layer"
        return ""

    def not_checked(self, context: Context) -> Iterator[str]:
        """Name the layers whose integers, channels or shifts could not be judged."""
        model = context.model
        layers = [x for x in _weighted(model.network) if not x.params.get("dynamic_weights")]
        lacking = [x.name for x in layers if "kernel" not in model.quantized.layer(x.name)]
        if lacking:
            yield f"the archive holds no integer weights of {listed(lacking)}"
        present = [x for x in layers if x.name not in lacking]
        unclear = [
            x.name for x in present if x.type in ("deconv", "dw") and _axis_unknown(model, x)
        ]
        if unclear:
            yield (
                f"which axis of the weights of {listed(unclear)} holds the output channels is not "
                "known, so coarse and dead channels were not looked for there"
            )
        shifts = [x.name for x in present if model.shift_delta(x.name) is None]
        if shifts:
            yield f"the archive does not record how far the weights of {listed(shifts)} were shrunk"

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield damage first, then what quantization cost, the worst first."""
        model = context.model
        yield from self._not_finite(model)
        yield from lost_weights(context)
        yield from lone_weights(context)
        yield from other_integers(context)
        yield from shrunk_weights(context)
        channels = [*model.known(channels_by_layer).values()]
        yield from dead_channels(context, channels, self.DEAD_WARNING, self.DEAD_ERROR)
        yield from self._coarse(context, channels)
        yield from self._outliers(model)

    def _not_finite(self, model: Model) -> Iterator[Finding]:
        damaged = model.known(not_finite)
        if damaged:
            layers = {**model.float_network.layers, **model.network.layers}
            said = [f"{layers[name].described()} ({listed(damaged[name])})" for name in damaged]
            yield Finding(
                id="weights-not-finite",
                severity=Severity.ERROR,
                headline="Parameters of layers are NaN or infinite",
                evidence=listed(said, 3),
                why="Nothing that is computed behind such a layer can be right.",
                remedy="Check the trained weights and divisions by 0, and export the model again.",
                quotation="Unsupported NaN values were found in params",
                layers=tuple(damaged),
                measured={"layers": float(len(damaged))},
            )

    def _coarse(self, context: Context, channels: Sequence[WeightChannels]) -> Iterator[Finding]:
        def flags(each: WeightChannels) -> Flags:
            return each.coarse(self.COARSE_BELOW.get(each.weight_bits, 8))

        coarse = shares_above(channels, flags, self.COARSE_SHARE)
        by_name = {each.layer.name: flags(each) for each in channels}
        measured = context.measurements
        clear = {name: s for name, s in coarse.items() if are_clear(measured, name, by_name[name])}
        compressed = {each.layer.name for each in channels if each.is_compressed}
        unclear = {name: share for name, share in coarse.items() if name not in clear}
        narrow = {name: share for name, share in unclear.items() if name in compressed}
        others = {name: share for name, share in unclear.items() if name not in narrow}
        if others:
            finer = finer_weights(context, tuple(others))
            yield _coarse_weights(context, channels, others, finer)
        if narrow:
            yield _coarse_weights(
                context, channels, narrow, eight_bits(context, tuple(narrow)), is_compressed=True
            )
        if clear:
            yield Finding(
                id="coarse-channels",
                severity=Severity.INFO,
                headline=COARSE,
                evidence=counted(channels, clear),
                why="The errors of these weights average out, so these channels are exact enough.",
                layers=tuple(clear),
                measured=clear,
            )

    def _outliers(self, model: Model) -> Iterator[Finding]:
        ratios = model.known(self._outlier_ratios)
        if ratios:
            said = [
                f"{ratios[name]:.1f} times the {self.OUTLIER_PERCENTILE}th percentile at "
                f"{model.network[name].described()}"
                for name in ratios
            ]
            yield Finding(
                id="weight-outliers",
                severity=Severity.INFO,
                headline="A few weights are far larger than the others of their layer",
                evidence=f"the largest is {listed(said, 3)}",
                why="They leave few codes to the others.",
                remedy="Clip these weights with this line, quantize again and compare.",
                layers=tuple(ratios),
                measured=ratios,
                recommendation=Recommendation(
                    (
                        "pre_quantization_optimization(weights_clipping, "
                        f"layers=[{', '.join(ratios)}], mode=mmse)",
                    ),
                    f"Clip the largest weights of {listed([*ratios])}? Measure before and after.",
                    default=False,
                ),
            )

    @classmethod
    def _outlier_ratios(cls, model: Model) -> dict[str, float]:
        """Layers whose largest weight is far from the others, with how far."""
        layers = _weighted(model.network)
        ratios = {
            layer.name: outlier_ratio(sizes, cls.OUTLIER_RATIO, cls.OUTLIER_PERCENTILE)
            for layer in layers
            if (sizes := weight_sizes(model, layer)) is not None
            if sizes.size >= cls.MINIMUM_WEIGHTS
        }
        return {name: ratio for name, ratio in ratios.items() if ratio > cls.OUTLIER_RATIO}


def _weighted(network: Network) -> list[Layer]:
    return [layer for layer in network if layer.type in WEIGHT_TYPES]


def _has_weights(model: Model, layer: Layer) -> bool:
    members = (model.quantized, model.float_parameters)
    return any("kernel" in member.layer(layer.name) for member in members)


def _axis_unknown(model: Model, layer: Layer) -> bool:
    return channel_axis(layer, model.quantized.layer(layer.name)["kernel"].shape) is None


def _coarse_weights(
    context: Context,
    channels: Sequence[WeightChannels],
    coarse: Mapping[str, float],
    finer: FinerCodes,
    *,
    is_compressed: bool = False,
) -> Finding:
    # Who compresses weights expects noise: what it costs decides.
    judged = bounded if is_compressed else bounded_where_known
    severity = judged(context, Severity.WARNING, tuple(coarse))
    is_vain = finer.is_in_vain or hardly_count(context.measurements, tuple(coarse))
    return Finding(
        id="coarse-channels",
        severity=Severity.INFO if is_vain else severity,
        headline=COARSE,
        evidence="; ".join(filter(None, (counted(channels, coarse), finer.evidence))),
        why="The largest weights of the layer leave them few codes."
        + (" The noise of the outputs comes from elsewhere." if is_vain else ""),
        remedy=finer.remedy,
        layers=tuple(coarse),
        measured=coarse,
        recommendation=finer.recommendation,
    )
