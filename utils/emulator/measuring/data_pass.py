"""One pass over the data that serves all inspectors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property, partial
from operator import attrgetter
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch, sample_count
from utils.emulator.floats.engine import LayerTensors
from utils.emulator.floats.failures import failures_in_words
from utils.emulator.measuring.background import ahead, in_background
from utils.emulator.measuring.batch_statistics import (
    HistogramRange,
    Values,
    channel_statistics,
    histogram,
    histogram_range,
    non_zero,
    reduced_histogram,
    reduced_statistics,
)
from utils.emulator.measuring.measured_networks import MeasuredFloats, MeasuredQuantized
from utils.emulator.measuring.noise_pass import NoisePass
from utils.emulator.measuring.peaks_pass import reduced_peaks
from utils.emulator.measuring.previews import Previews
from utils.emulator.measuring.steps import Step, all_at_once
from utils.har.statistics import ChannelStatistics
from utils.measurements import (
    PREACTIVATION_TYPES,
    Histogram,
    LayerMeasurement,
    Measurements,
    Need,
)
from utils.measurements.merging import merge_into
from utils.measurements.noise import NoiseMeasurements
from utils.measurements.output_kind import WhatIsJudged
from utils.measurements.peaks import Peaks

NOT_FINITE = "its values are not finite: weights are damaged, or numbers too large for float32"

Steps = Callable[[Mapping[str, tf.Tensor]], Iterable[Step]]


class DataPass:
    """Reduces batches to measurements, layer by layer, and merges these."""

    def __init__(
        self,
        emulator: MeasuredFloats,
        need: Need,
        ranges: Mapping[str, tuple[float, float]],
        quantized: MeasuredQuantized | None = None,
        steps: Steps | None = None,
        judged: WhatIsJudged | None = None,
        indices: NDArray[np.int64] | None = None,
        first: int = 0,
    ) -> None:
        """Say what is to be measured.

        Parameters
        ----------
        need : output statistics are always measured, all else only if it is needed.
        ranges : calibrated range of a layer's output; layers without get no histogram.
        quantized : runs beside the float network, for its noise; None to leave noise out.
        steps : runs both; by default all layers at once.
        judged, indices : of outputs and samples; see `NoisePass`.
        first : position among `indices` of the first sample that comes: a slice of the set, whose
            measurements are joined with those of the other slices.
        """
        self._emulator = emulator
        self._steps = steps or partial(all_at_once, emulator, quantized)
        self._noise = NoisePass(quantized, judged, indices) if quantized is not None else None
        self._need = need
        self._indices = indices
        self._bounds: dict[str, HistogramRange] = {}
        for name, (low, high) in ranges.items():
            bounds = histogram_range(low, high)
            if bounds is not None and Need.HISTOGRAMS in need:
                self._bounds[name] = bounds
        self._layers: dict[str, LayerMeasurement] = {}
        self._first = self._samples = first
        previewed = emulator.input_shapes if Need.PREVIEWS in need else ()
        self._previews = Previews(previewed, None if indices is None else len(indices))

    def run(
        self, batches: Iterable[Batch], on_batch: Callable[[int], object] = lambda samples: None
    ) -> Measurements:
        """Measure all batches, each once; memory does not grow with their number.

        Parameters
        ----------
        batches : samples (n, height, width, channels) by input layer; n may differ.
        on_batch : called after each batch with its number of samples.

        Raises
        ------
        DatasetError : a batch does not fit the network.
        DiagnosticError : the memory does not suffice, or TensorFlow fails.
        """
        for samples in self._through(batches):
            on_batch(samples)
        return self.measured()

    def add(self, batch: Batch) -> None:
        """Measure one more batch; raises what `run` does."""
        for _ in self._through([batch]):
            pass

    def _through(self, batches: Iterable[Batch]) -> Iterator[int]:
        """Numbers of samples, each once they are measured; the next batch begins before that."""
        # Reductions keep one processor busy at most; meanwhile the next layers are computed.
        works, held_bytes = self._computed(batches), attrgetter("held_bytes")
        for samples in in_background(lambda work: work.run(), works, held_bytes=held_bytes):
            if samples:
                yield samples

    def _computed(self, batches: Iterable[Batch]) -> Iterator[_Work]:
        """What is to be reduced, layer by layer; the last of a batch gives its size."""
        first = self._samples
        for batch, inputs in ahead(self._entering(batches)):
            size = sample_count(batch)
            if inputs is not None:
                reductions = _Reductions(self._need, self._bounds, self._places(first, size))
                with failures_in_words(size):
                    for step in self._steps(inputs):
                        add = partial(self._add_step, reductions, step, first, size)
                        yield _Work(add, step.held_bytes)
            yield _Work(partial(self._end_batch, batch, first, was_run=inputs is not None))
            first += size

    def _entering(
        self, batches: Iterable[Batch]
    ) -> Iterator[tuple[Batch, dict[str, tf.Tensor] | None]]:
        """Batches with their tensors; None where no layer could be run on them."""
        for batch in batches:
            inputs = None
            if self._emulator.layers:
                with failures_in_words(sample_count(batch)):
                    inputs = self._emulator.tensors(batch)
            yield batch, inputs

    def _add_step(self, reductions: _Reductions, step: Step, first: int, size: int) -> int:
        with failures_in_words(size):
            if step.floats is not None and step.name in self._layer_types:
                found = reductions.measured(self._layer_types[step.name], step, step.floats)
                merge_into(self._layers, step.name, found)
            if self._noise is not None:
                self._noise.add(step, first, reductions.known(step.same_floats))
        return 0

    def _end_batch(self, batch: Batch, first: int, was_run: bool) -> int:
        samples = sample_count(batch)
        if self._noise is not None and was_run:
            self._noise.count(samples)
        self._previews.add(batch, first)
        self._samples = first + samples
        return samples

    def _places(self, first: int, samples: int) -> NDArray[np.int64]:
        """Places in the file of samples, the first of which has this position."""
        positions = first + np.arange(samples)
        return positions if self._indices is None else self._indices[positions]

    @cached_property
    def _layer_types(self) -> dict[str, str]:
        return {layer.name: layer.type for layer in self._emulator.layers}

    def measured(self) -> Measurements:
        """Everything measured so far."""
        broken = {name: NOT_FINITE for name, f in self._layers.items() if not _is_finite(f)}
        # Another engine may refuse a layer in the midst of the data; then less than all is known.
        reasons = {**broken, **self._emulator.not_measured}
        noise = self._noise_measured(broken)
        return Measurements(
            samples=self._samples - self._first,
            layers={name: f for name, f in self._layers.items() if name not in reasons},
            not_measured=reasons,
            assumptions=self._assumptions(),
            previews=self._previews.joined(),
            noise=noise,
            agreement=self._noise.agreement(noise.not_measured) if self._noise and noise else None,
            tables=self._noise.tables(noise.not_measured) if self._noise and noise else {},
            preactivation_not_measured=dict(self._emulator.preactivation_not_measured),
        )

    def _noise_measured(self, broken: Collection[str]) -> NoiseMeasurements | None:
        if self._noise is None:
            return None
        return self._noise.measured(broken, self._emulator.not_measured)

    def _assumptions(self) -> tuple[str, ...]:
        return self._emulator.assumptions + (self._noise.assumptions if self._noise else ())


class _Work(NamedTuple):
    """Something to be done with a batch.

    Parameters
    ----------
    run : does it; gives the number of samples that are done with it.
    held_bytes : by the tensors that it takes.
    """

    run: Callable[[], int]
    held_bytes: int = 0


class _Reductions:
    """Measurements of the layers of one batch; layers that hold the same tensor share them.

    To measure more of a layer, reduce its tensors here, and say in `LayerMeasurement` how two
    batches of it are joined.
    """

    def __init__(
        self, need: Need, bounds: Mapping[str, HistogramRange], places: NDArray[np.int64]
    ) -> None:
        self._need = need
        self._bounds = bounds
        self._places = places
        self._statistics: dict[str, Values] = {}
        self._histograms: dict[tuple[str, HistogramRange], Values] = {}

    def known(self, maker: str) -> Values | None:
        """Statistics of the tensor of a layer; None where nothing was measured of it."""
        return self._statistics.get(maker)

    def measured(self, layer_type: str, step: Step, tensors: LayerTensors) -> LayerMeasurement:
        """What is to be known of a layer of the float network."""
        output, maker = tensors.output, step.same_floats
        samples, height, width, _ = output.shape
        count = samples * height * width
        if maker not in self._statistics:
            self._statistics[maker] = reduced_statistics(output)
        values = dict(self._statistics[maker])
        if layer_type == "input_layer":
            values["non_zero"] = np.array(non_zero(output))
        return LayerMeasurement(
            output=channel_statistics(values, count),
            preactivation=self._preactivation(layer_type, tensors, maker, count),
            histogram=self._histogram(step.name, output, maker),
            peaks=self._peaks(step, output),
        )

    def _preactivation(
        self, layer_type: str, tensors: LayerTensors, maker: str, count: int
    ) -> ChannelStatistics | None:
        is_wanted = Need.PREACTIVATION_STATISTICS in self._need
        if not is_wanted or layer_type not in PREACTIVATION_TYPES or tensors.preactivation is None:
            return None
        if tensors.preactivation is tensors.output:
            return channel_statistics(self._statistics[maker], count)
        return channel_statistics(reduced_statistics(tensors.preactivation), count)

    def _peaks(self, step: Step, output: tf.Tensor) -> Peaks | None:
        coded = step.quantized.output if step.quantized is not None else None
        # What is only handed on has the peaks of the layer that made it.
        if coded is None or coded.encoding is None or step.same_codes != step.name:
            return None
        if coded.codes.shape[1:] != output.shape[1:]:
            return None
        return reduced_peaks(self._statistics[step.same_floats], coded.encoding, self._places)

    def _histogram(self, name: str, output: tf.Tensor, maker: str) -> Histogram | None:
        if name not in self._bounds:
            return None
        key = (maker, self._bounds[name])
        if key not in self._histograms:
            statistics = self._statistics[maker]
            self._histograms[key] = reduced_histogram(output, self._bounds[name], statistics)
        return histogram(self._histograms[key], self._bounds[name])


def _is_finite(found: LayerMeasurement) -> bool:
    tensors = (found.output, found.preactivation)
    return all(bool(np.isfinite(t.energy).all()) for t in tensors if t is not None)
