"""What one pass over the calibration set yields, for all inspectors together.

Everything here is mergeable: batches, and later machines, can be joined in any order, and
nothing grows with the number of samples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Flag, auto

import numpy as np
from numpy.typing import NDArray

from utils.har.statistics import ChannelStatistics
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.agreement.held_out import HeldOutTrial
from utils.measurements.bias_trial import BiasTrial
from utils.measurements.channel_order import ChannelOrder
from utils.measurements.left_out import FEWEST_SAMPLES
from utils.measurements.merging import merged_by_name, merged_or_none
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import NoiseMeasurements, Sensitivity
from utils.measurements.peaks import Peaks
from utils.measurements.recalibration import RecalibrationTrial
from utils.measurements.scale_trial import ScaleTrial
from utils.measurements.table_noise import TableNoise, TableTrial

HISTOGRAM_BINS = 100
# Layers that are measured before their activation, too.
PREACTIVATION_TYPES = ("conv", "dw", "dense")


class Need(Flag):
    """What an inspector wants measured; only what some chosen inspector needs is computed."""

    NOTHING = 0
    INPUT_STATISTICS = auto()  # per channel, of what enters the network
    OUTPUT_STATISTICS = auto()  # per channel, of what leaves each layer
    PREACTIVATION_STATISTICS = auto()  # per channel, of conv, dw and dense before activation
    HISTOGRAMS = auto()  # 100 bins over the calibrated range of each layer's output
    PREVIEWS = auto()  # some samples as they are, thinned out to thumbnails
    NOISE = auto()  # of the quantized network, at every layer and output
    SENSITIVITY = auto()  # what each layer does by itself, at the layer and at the outputs
    PRECISION_PLAN = auto()  # 16-bit layers that bring every output to the target, tried
    SAMPLE_DIGESTS = (
        auto()
    )  # of every sample: hashes, spread, neighbours; handed over as Context.samples
    CHANNEL_SWAPPED = auto()  # how sure the outputs are with the input's channels reversed
    TABLE_TRIALS = auto()  # outputs with their activation on the host, where its table is coarse
    SCALE_TRIALS = auto()  # outputs with finer codes for channels that have few
    BIAS_TRIAL = auto()  # outputs with corrected biases, where the compiler did not correct them
    UNTUNED_TRIAL = auto()  # outputs with the trained weights, where the optimizer moved them
    RECALIBRATION = auto()  # outputs with the ranges of the data given, where something is lost


@dataclass(frozen=True, eq=False)
class Histogram:
    """How a layer's values spread over its calibrated range.

    Parameters
    ----------
    low, high : the calibrated range.
    counts : int64 array of shape (100,), values per bin of equal width within [low, high]. The
        outermost bins are exact as far as fewer than 8 values lie in one of a sample; between
        them, large maps are counted in part, and scaled to the number of all values.
    below, above : number of values outside.
    samples_below, samples_above : number of samples with any value outside on that side.
    """

    low: float
    high: float
    counts: NDArray[np.int64]
    below: int = 0
    above: int = 0
    samples_below: int = 0
    samples_above: int = 0

    @property
    def total(self) -> int:
        """Number of values seen, inside and outside."""
        return int(self.counts.sum()) + self.below + self.above

    def merged(self, other: Histogram) -> Histogram:
        """Histogram of both sets of values.

        Raises
        ------
        ValueError : they cover different ranges.
        """
        if (self.low, self.high) != (other.low, other.high):
            raise ValueError("histograms of different ranges cannot be joined")
        return Histogram(
            self.low,
            self.high,
            self.counts + other.counts,
            self.below + other.below,
            self.above + other.above,
            self.samples_below + other.samples_below,
            self.samples_above + other.samples_above,
        )


@dataclass(frozen=True, eq=False)
class LayerMeasurement:
    """What was measured at one layer.

    Parameters
    ----------
    output : statistics of the layer's output, after its activation.
    preactivation : the same before the activation; conv, dw and dense only.
    histogram : spread over the calibrated range.
    peaks : samples that reach farthest; None where the layer was not run in codes, or hands on
        those of another.
    """

    output: ChannelStatistics
    preactivation: ChannelStatistics | None = None
    histogram: Histogram | None = None
    peaks: Peaks | None = None

    def merged(self, other: LayerMeasurement) -> LayerMeasurement:
        """Measurement over both sets of samples; only what both of them hold."""
        return LayerMeasurement(
            self.output.merged(other.output),
            merged_or_none(self.preactivation, other.preactivation),
            merged_or_none(self.histogram, other.histogram),
            merged_or_none(self.peaks, other.peaks),
        )


@dataclass(frozen=True, eq=False)
class Measurements:
    """Result of the data pass.

    Parameters
    ----------
    samples : number of samples that were run.
    layers : measurement by scoped layer name; layers that could not be emulated are absent.
    not_measured : reason by name, for exactly those layers.
    assumptions : sentences on what had to be assumed, each once.
    previews : some samples by input layer, evenly spread, (n, h, w, channels), raw values,
        thinned out.
    noise : the quantized run against the float run; None where it was not needed.
    plan : for mixed precision; None where it was not needed, or every output meets the target.
    channel_order : how sure the float network is with the channels of its images as they are, and
        reversed; None where it was not needed, or no input holds colour images.
    preactivation_not_measured : reason by name, for layers that were measured, but not before
        their activation.
    left_out : reason by what was asked for, and needed, but not measured; see `left_out`.
    agreement : whether the outputs decide as in float; None where noise was not needed.
    tables : how far the table of an activation is from its function, by layer; measured with noise.
    table_trials : outputs with their activation on the host, by output layer.
    scale_trials : outputs with finer codes where channels have few, by place the cheapest first.
    bias_trial : outputs with corrected biases; None where that was not tried.
    untuned_trial : outputs with the weights as they were trained; None where that was not tried.
    recalibration : outputs with the ranges of the data given; None where that was not tried.
    """

    samples: int
    layers: Mapping[str, LayerMeasurement]
    not_measured: Mapping[str, str] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    previews: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    noise: NoiseMeasurements | None = None
    plan: MixedPrecisionPlan | None = None
    channel_order: ChannelOrder | None = None
    preactivation_not_measured: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    agreement: AgreementMeasurements | None = None
    tables: Mapping[str, TableNoise] = field(default_factory=dict)
    table_trials: Mapping[str, TableTrial] = field(default_factory=dict)
    scale_trials: tuple[ScaleTrial, ...] = ()
    bias_trial: BiasTrial | None = None
    untuned_trial: HeldOutTrial | None = None
    recalibration: RecalibrationTrial | None = None

    @property
    def sensitivity(self) -> Sensitivity | None:
        """What single layers do to the outputs; None where that was not searched."""
        return self.noise.sensitivity if self.noise else None

    def merged(self, other: Measurements) -> Measurements:
        """What the data pass yields over both sets of samples, these before the others.

        What is measured behind the data pass (sensitivity, plan, trials, order of the channels) is
        of the whole set, so it is left out.
        """
        reasons = {**self.not_measured, **other.not_measured}
        names = dict.fromkeys((*self.previews, *other.previews))
        previews = {name: _one_after_another(name, self, other) for name in names}
        noise = merged_or_none(self.noise, other.noise)
        return Measurements(
            self.samples + other.samples,
            merged_by_name(self.layers, other.layers, reasons),
            reasons,
            tuple(dict.fromkeys((*self.assumptions, *other.assumptions))),
            previews,
            noise,
            preactivation_not_measured={
                **self.preactivation_not_measured,
                **other.preactivation_not_measured,
            },
            agreement=merged_or_none(self.agreement, other.agreement),
            tables=merged_by_name(
                self.tables, other.tables, noise.not_measured if noise is not None else ()
            ),
        )

    @property
    def show_too_little(self) -> bool:
        """Whether there are too few samples to conclude what to change in the network."""
        return self.samples < FEWEST_SAMPLES


def _one_after_another(name: str, one: Measurements, other: Measurements) -> NDArray[np.float32]:
    return np.concatenate([m.previews[name] for m in (one, other) if name in m.previews])
