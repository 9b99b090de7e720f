"""Whether the quantized network decides as the float one, sample by sample, channel by channel.

Everything here can be joined: batches, and later machines, in any order. Memory holds a few numbers
for every sample and every channel of an output, the vectors of 256 samples of an embedding, and
2,000 pairs of values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from utils.measurements.agreement.channels import ChannelCodes, Extremes
from utils.measurements.agreement.decisions import Decisions
from utils.measurements.agreement.embedding import Embedding
from utils.measurements.agreement.grouped import BoxErrors, BoxOverlaps, ClassCounts
from utils.measurements.agreement.pairs import ValuePairs
from utils.measurements.agreement.regression import Regression
from utils.measurements.merging import merged_by_name, merged_or_none
from utils.measurements.output_kind import SettledKind

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SampleFigures:
    """What is known of single samples at one output, in the order of their positions.

    Parameters
    ----------
    positions : places among the samples that were run, counted from 0, (samples,).
    signal, noise : energy of the float values, and of the error, (samples,).
    decisions : what can be counted, by the name of the measure.
    """

    positions: Integers
    signal: Floats
    noise: Floats
    decisions: Mapping[str, Decisions] = field(default_factory=dict)

    def merged(self, other: SampleFigures) -> SampleFigures:
        """Both sets of samples."""
        positions = np.concatenate([self.positions, other.positions])
        order = np.argsort(positions, kind="stable")
        return SampleFigures(
            positions[order],
            np.concatenate([self.signal, other.signal])[order],
            np.concatenate([self.noise, other.noise])[order],
            {
                name: found.merged(other.decisions[name]).taken(order)
                for name, found in self.decisions.items()
            },
        )

    @property
    def snr_db(self) -> Floats:
        """SNR of every sample by itself, in dB; NaN where there is neither signal nor noise."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return 10 * np.log10(self.signal / self.noise)

    def snr_db_at(self, share: float) -> float:
        """The SNR that so large a share of the samples does not exceed, in dB; that of a sample.

        Samples without signal and noise are left out; NaN where no other is there.
        """
        ratios = np.sort(self.snr_db[~np.isnan(self.snr_db)])
        if not ratios.size:
            return float("nan")
        return float(ratios[int(share * (len(ratios) - 1))])


@dataclass(frozen=True, eq=False)
class OutputAgreement:
    """What one output says in float and on the chip.

    Parameters
    ----------
    settled : its kind, and the reason.
    samples : of single samples.
    codes : of single channels.
    means_in_float, means_on_chip : smallest and largest mean of a sample, by channel; pixels have
        different weights, so that what only moves changes it as well.
    values : numbers that leave for each sample.
    threshold : what a number has to exceed to fire, a probability or a logit.
    classes : of outputs that name a class at every pixel; None where they do not.
    wins : how often each class comes first in float, (classes,); None of outputs that cannot be
        read as one class for each sample.
    regression, embedding, boxes, box_errors : of outputs that may be read so; None for others.
    pairs : some values in float and on the chip; None of class numbers.
    """

    settled: SettledKind
    samples: SampleFigures
    codes: ChannelCodes
    means_in_float: Extremes
    means_on_chip: Extremes
    values: int
    threshold: float
    classes: ClassCounts | None = None
    wins: Integers | None = None
    regression: Regression | None = None
    embedding: Embedding | None = None
    boxes: BoxOverlaps | None = None
    box_errors: BoxErrors | None = None
    pairs: ValuePairs | None = None

    def merged(self, other: OutputAgreement) -> OutputAgreement:
        """Over both sets of samples."""
        return OutputAgreement(
            self.settled,
            self.samples.merged(other.samples),
            self.codes.merged(other.codes),
            self.means_in_float.merged(other.means_in_float),
            self.means_on_chip.merged(other.means_on_chip),
            self.values,
            self.threshold,
            merged_or_none(self.classes, other.classes),
            None if self.wins is None or other.wins is None else self.wins + other.wins,
            merged_or_none(self.regression, other.regression),
            merged_or_none(self.embedding, other.embedding),
            merged_or_none(self.boxes, other.boxes),
            merged_or_none(self.box_errors, other.box_errors),
            merged_or_none(self.pairs, other.pairs),
        )

    @property
    def is_constant_in_float(self) -> bool:
        """Whether no channel differs from sample to sample, in float: then it decides nothing."""
        return self._has_several_samples and not self.means_in_float.differ.any()

    @property
    def is_constant_on_chip(self) -> bool:
        """Whether no channel differs from sample to sample, on the chip."""
        return self._has_several_samples and not self.means_on_chip.differ.any()

    @property
    def _has_several_samples(self) -> bool:
        return len(self.samples.positions) > 1


@dataclass(frozen=True, eq=False)
class AgreementMeasurements:
    """The outputs of a network, and what decides in front of them.

    Parameters
    ----------
    outputs : by name of the output layer; those that could not be compared are absent.
    fronts : codes of what a softmax or an argmax at the output takes, by name of the layer.
    front_of : name of that layer, by output layer.
    """

    outputs: Mapping[str, OutputAgreement] = field(default_factory=dict)
    fronts: Mapping[str, ChannelCodes] = field(default_factory=dict)
    front_of: Mapping[str, str] = field(default_factory=dict)

    def judged_layer(self, output: str) -> str:
        """The layer whose channels show what an output loses: that in front, if there is one."""
        front = self.front_of.get(output, "")
        return front if front in self.fronts else output

    def judged_codes(self, output: str) -> ChannelCodes:
        """The codes of that layer."""
        front = self.fronts.get(self.front_of.get(output, ""))
        return self.outputs[output].codes if front is None else front

    def merged(self, other: AgreementMeasurements) -> AgreementMeasurements:
        """Over both sets of samples; only what both of them hold."""
        return AgreementMeasurements(
            merged_by_name(self.outputs, other.outputs),
            merged_by_name(self.fronts, other.fronts),
            self.front_of,
        )
