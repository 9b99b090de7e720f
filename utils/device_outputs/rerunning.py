"""The quantized network on samples with every fault that inputs may have."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.apart import bounded, correlation
from utils.device_outputs.trials.changed_samples import ChangedSamples, InputFacts
from utils.device_outputs.trials.input_axes import input_axes
from utils.device_outputs.trials.input_bytes import (
    input_alpha,
    input_signed,
    input_stride,
    input_wide,
)
from utils.device_outputs.trials.input_channels import input_channels
from utils.device_outputs.trials.input_colours import input_grey, input_range
from utils.device_outputs.trials.input_cropped import input_cropped
from utils.device_outputs.trials.input_layout import input_layout
from utils.device_outputs.trials.input_raw import input_raw
from utils.device_outputs.trials.input_resized import input_resized
from utils.device_outputs.trials.input_turned import input_turned
from utils.device_outputs.trials.input_units import input_units
from utils.device_outputs.trials.input_values import (
    input_black,
    input_cast,
    input_normalized_twice,
    input_scale,
)
from utils.device_outputs.trials.pairs import Pairs
from utils.device_outputs.trials.several_inputs import input_empty, inputs_alike, inputs_exchanged
from utils.stages.runs import Samples

InputTrial = Callable[[Samples, Mapping[str, InputFacts]], Iterator[ChangedSamples]]
INPUT_TRIALS: tuple[InputTrial, ...] = (
    input_scale,
    input_black,
    input_cast,
    input_raw,
    input_channels,
    input_normalized_twice,
    input_layout,
    input_range,
    input_grey,
    input_turned,
    inputs_exchanged,
    inputs_alike,
    input_empty,
    input_resized,
    input_cropped,
    input_signed,
    input_wide,
    input_stride,
    input_alpha,
    input_units,
    input_axes,
)
MOST_TRIALS = 38  # that these are together
# What seeing what a value of a frame may have become takes, in all orders and by all functions, in
# multiply-accumulates; measured with the heads of a detector.
EXPLAINING = 1.2e4
# Of what correlation lacks, so much is gone once the fault of the input is undone.
LEAST_GONE = 0.5


@dataclass(frozen=True, eq=False)
class Rerun:
    """The quantized network, to be run on changed samples.

    Parameters
    ----------
    samples : as they were run, by name of the input layer.
    facts : of the inputs.
    outputs : values of some outputs for samples, in the order in which they are named.
    frame_work : of the network for a frame, in multiply-accumulates.
    work : what all trials may take.
    """

    samples: Samples
    facts: Mapping[str, InputFacts]
    outputs: Callable[[Samples, Sequence[str]], Sequence[NDArray[np.float32]]]
    frame_work: float = 0.0
    work: float = math.inf

    def changed(
        self, frames: int, trials: Sequence[InputTrial] = INPUT_TRIALS
    ) -> Iterator[ChangedSamples]:
        """The first samples with every fault that inputs may have."""
        few = {name: values[:frames] for name, values in self.samples.items()}
        for trial in trials:
            yield from trial(few, self.facts)

    def with_samples(self, samples: Samples) -> Rerun:
        """The same with other samples as they were run."""
        return replace(self, samples=samples)

    def is_affordable(self, pairs: Pairs) -> bool:
        """Whether every trial may run on as many frames as the pairs have."""
        return self._work_of(pairs) * MOST_TRIALS <= self.work

    def _work_of(self, pairs: Pairs) -> float:
        """What one trial takes."""
        values = sum(pair.given[0].size for pair in pairs)
        return float(len(pairs[0].given) * (self.frame_work + EXPLAINING * values))

    def promising(
        self, pairs: Pairs, of: Sequence[InputTrial] = INPUT_TRIALS
    ) -> Iterator[ChangedSamples]:
        """Of these with as many frames as the pairs, those that are worth trying in full.

        All of them where they may take as much. Otherwise each runs on one frame before, and those
        are left that bring the emulation clearly nearer to what the file holds, the nearest of
        them where there are too many.
        """
        frames = len(pairs[0].given)
        each = self._work_of(pairs)
        if self.is_affordable(pairs):
            yield from self.changed(frames, of)
            return
        as_it_is = _likeness(pairs, [pair.expected.values for pair in pairs])
        layers = [pair.expected.layer for pair in pairs]
        trials = list(self.changed(frames, of))
        found = [
            (_likeness(pairs, self.outputs(changed.first_frame, layers)), place)
            for place, changed in enumerate(trials)
        ]
        near = [one for one in found if 1 - one[0] <= (1 - LEAST_GONE) * (1 - as_it_is)]
        most = max(int((self.work - len(found) * self.frame_work) / each), 1)
        chosen = {place for _, place in sorted(near, reverse=True)[:most]}
        yield from (changed for place, changed in enumerate(trials) if place in chosen)


def _likeness(pairs: Pairs, values: Sequence[NDArray[np.float32]]) -> float:
    """Mean correlation of the first frame of all outputs with what the dump holds."""
    found = [
        correlation(bounded(pair.given[:1]), own[:1])
        for pair, own in zip(pairs, values, strict=True)
    ]
    return float(np.mean(np.nan_to_num(found)))
