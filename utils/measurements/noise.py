"""Noise of the quantized network against its float original, as numbers.

All energies are sums over samples and elements in float64, so ratios do not depend on batch
size, amplitude or shape. Everything is mergeable.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from utils.measurements.merging import merged_by_name, merged_or_none
from utils.wording import plural, tenths

# Share of the error's energy that is an offset: from here on more bits help little.
MOSTLY_BIAS = 0.5
# Samples kept by output; more than these few are not worth looking at.
WORST_SAMPLES = 100


def decibels(signal: float, noise: float) -> float:
    """``10 log10(signal / noise)`` of two energies.

    Infinite without noise, minus infinite where there is noise but no signal, NaN where one of
    them is no number.
    """
    if math.isnan(signal) or math.isnan(noise):
        return math.nan
    if noise <= 0:
        return math.inf
    ratio = signal / noise
    return 10 * math.log10(ratio) if ratio > 0 else -math.inf


def snr_in_words(snr_db: float | None, unknown: str = "none") -> str:
    """An SNR to a tenth of a dB, as sentences and lists say it; where it is no number, in words.

    Tables that have the unit in their heading, and charts, write it shorter in their own ways.

    Parameters
    ----------
    unknown : what to say where it was not measured, or is no number.
    """
    if snr_db is None or math.isnan(snr_db):
        return unknown
    if math.isinf(snr_db):
        return "no noise" if snr_db > 0 else "no signal"
    return f"{tenths(snr_db)} dB"


@dataclass(frozen=True, eq=False)
class TensorNoise:
    """What quantization adds to a tensor y, which becomes y_q.

    Parameters
    ----------
    signal : sum of y^2.
    noise : sum of (y_q - y)^2.
    error_sums : float64 array (channels,), sum of y_q - y.
    count : values per channel.
    by_channel : `noise` of every channel, float64 (channels,); None where it is not known.
    """

    signal: float
    noise: float
    error_sums: NDArray[np.float64]
    count: int
    by_channel: NDArray[np.float64] | None = None

    @property
    def snr_db(self) -> float:
        """Signal-to-noise ratio in dB."""
        return decibels(self.signal, self.noise)

    @property
    def bias_share(self) -> float:
        """Share of the noise that the mean error of every channel holds, 0 to 1; 0 without noise.

        The rest is noise in the narrow sense: it has no mean.
        """
        if self.noise <= 0:
            return 0.0
        bias = float(np.square(self.error_sums).sum()) / self.count
        return min(bias / self.noise, 1.0)

    def merged(self, other: TensorNoise) -> TensorNoise:
        """Noise over both sets of samples."""
        by_channel = None
        if self.by_channel is not None and other.by_channel is not None:
            by_channel = self.by_channel + other.by_channel
        return TensorNoise(
            self.signal + other.signal,
            self.noise + other.noise,
            self.error_sums + other.error_sums,
            self.count + other.count,
            by_channel,
        )


@dataclass(frozen=True)
class Exceeded:
    """How many values reached beyond a limit.

    Parameters
    ----------
    beyond : number of values beyond it.
    values : number of all values.
    samples : number of samples with any value beyond it.
    """

    beyond: int = 0
    values: int = 0
    samples: int = 0

    @property
    def share(self) -> float:
        """Share of the values that lie beyond, 0 to 1."""
        return self.beyond / self.values if self.values else 0.0

    def merged(self, other: Exceeded) -> Exceeded:
        """Count over both sets of samples."""
        return Exceeded(
            self.beyond + other.beyond, self.values + other.values, self.samples + other.samples
        )


@dataclass(frozen=True, eq=False)
class LayerNoise:
    """What was measured at a layer with the whole network quantized.

    Parameters
    ----------
    output : noise of the layer's output.
    clipped : output values that the codes of the output do not reach; None where the output is
        not coded anew.
    saturated : accumulators at their limit; None where no integers were run.
    """

    output: TensorNoise
    clipped: Exceeded | None = None
    saturated: Exceeded | None = None

    def merged(self, other: LayerNoise) -> LayerNoise:
        """Noise over both sets of samples."""
        return LayerNoise(
            self.output.merged(other.output),
            merged_or_none(self.clipped, other.clipped),
            merged_or_none(self.saturated, other.saturated),
        )


@dataclass(frozen=True)
class SampleNoise:
    """Noise of one sample at one output.

    Parameters
    ----------
    index : position of the sample in the data set, from 0.
    signal, noise : energies over the elements of this sample.
    """

    index: int
    signal: float
    noise: float

    @property
    def snr_db(self) -> float:
        """SNR of this sample by itself, in dB."""
        return decibels(self.signal, self.noise)


def worst_of(samples: Iterable[SampleNoise]) -> list[SampleNoise]:
    """The samples with the lowest SNR, worst first, as many as are kept."""
    return sorted(samples, key=lambda s: (s.snr_db, s.index))[:WORST_SAMPLES]


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What single layers do to the outputs; measured on `samples` samples, evenly spread.

    Parameters
    ----------
    samples : number of samples used.
    local : noise of every layer whose inputs are the float activations, coded as the archive
        codes them: what the layer itself adds.
    output_snr_db : dB at an output when this layer alone is quantized, by layer and output.
        Infinite where the layer adds no noise or does not reach the output.
    exact : layers whose effect on the outputs was measured; the budget did not reach for others.
    """

    samples: int
    local: Mapping[str, TensorNoise] = field(default_factory=dict)
    output_snr_db: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    exact: frozenset[str] = frozenset()

    def noise_shares(self, output: str) -> dict[str, float]:
        """Share that every layer has in the sum of all layers' noise at an output, 0 to 1."""
        noise = {
            name: 10 ** (-snr[output] / 10)
            for name, snr in self.output_snr_db.items()
            if output in snr and not math.isnan(snr[output])
        }
        total = sum(noise.values())
        if not 0 < total < math.inf:
            return {}
        return {name: value / total for name, value in noise.items()}

    def in_words(self) -> str:
        """How far the search went: layers that were measured, and what others add, as a clause."""
        added = {name: 10 ** (-noise.snr_db / 10) for name, noise in self.local.items()}
        total = math.fsum(added.values())
        rest = math.fsum(noise for name, noise in added.items() if name not in self.exact)
        others = len(added) - len(self.exact)
        left = ""
        if others and 0 < total < math.inf:
            left = f", the others hold {rest / total:.0%} of what all add to their own output"
        layers, samples = plural(len(added), "layer"), plural(self.samples, "sample")
        return f"{len(self.exact)} of {layers} on {samples}{left}"

    def largest_share(self, layers: Collection[str]) -> float:
        """What layers make together of the noise of an output, where that is most, 0 to 1.

        NaN where the effect of none of them is known.
        """
        outputs = dict.fromkeys(name for found in self.output_snr_db.values() for name in found)
        every = [self.noise_shares(output) for output in outputs]
        known = [[shares[name] for name in layers if name in shares] for shares in every if shares]
        return max((sum(shares) for shares in known if shares), default=math.nan)


@dataclass(frozen=True, eq=False)
class NoiseMeasurements:
    """The quantized run against the float run.

    Parameters
    ----------
    layers : by name of the layer in the quantized graph; where the float graph has no such layer
        (precision_change) the float values of what it passes on are compared.
    worst_samples : for every output layer, the samples with the lowest SNR, worst first.
    sensitivity : None where it was not needed.
    in_float : layers with weights that were not run as integers, with the reason.
    not_measured : layers whose noise was not measured, with the reason.
    """

    layers: Mapping[str, LayerNoise]
    worst_samples: Mapping[str, tuple[SampleNoise, ...]] = field(default_factory=dict)
    sensitivity: Sensitivity | None = None
    in_float: Mapping[str, str] = field(default_factory=dict)
    not_measured: Mapping[str, str] = field(default_factory=dict)

    def merged(self, other: NoiseMeasurements) -> NoiseMeasurements:
        """Noise over both sets of samples, without sensitivity; only what both of them hold."""
        reasons = {**self.not_measured, **other.not_measured}
        worst = {
            name: tuple(worst_of([*found, *other.worst_samples[name]]))
            for name, found in self.worst_samples.items()
            if name in other.worst_samples
        }
        return NoiseMeasurements(
            merged_by_name(self.layers, other.layers, reasons),
            {name: found for name, found in worst.items() if name not in reasons},
            in_float={**self.in_float, **other.in_float},
            not_measured=reasons,
        )
