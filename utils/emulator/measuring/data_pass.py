"""One pass over the data that serves all inspectors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch
from utils.emulator.floats.engine import LayerTensors
from utils.emulator.floats.failures import failures_in_words
from utils.emulator.measuring.batch_statistics import (
    HistogramRange,
    Reduced,
    channel_statistics,
    histogram,
    histogram_range,
    reduced_histogram,
    reduced_statistics,
)
from utils.emulator.measuring.measured_networks import MeasuredFloats, MeasuredQuantized
from utils.emulator.measuring.noise_pass import NoisePass
from utils.har.network import Layer
from utils.measurements import PREACTIVATION_TYPES, LayerMeasurement, Measurements, Need
from utils.measurements.noise import NoiseMeasurements

NOT_FINITE = "its values are not finite: weights are damaged, or numbers too large for float32"
PREVIEW_SAMPLES = 16
PREVIEW_SIDE = 256  # pixels

LayerReductions = dict[str, Reduced]


class DataPass:
    """A traced function that reduces a batch to measurements, and the merging of these."""

    def __init__(
        self,
        emulator: MeasuredFloats,
        need: Need,
        ranges: Mapping[str, tuple[float, float]],
        quantized: MeasuredQuantized | None = None,
    ) -> None:
        """Say what is to be measured.

        Parameters
        ----------
        need : output statistics are always measured, all else only if it is needed.
        ranges : calibrated range of a layer's output; layers without get no histogram.
        quantized : runs beside the float network, for its noise; None to leave noise out.
        """
        self._emulator = emulator
        self._noise = NoisePass(quantized) if quantized is not None else None
        self._need = need
        self._bounds: dict[str, HistogramRange] = {}
        for name, (low, high) in ranges.items():
            bounds = histogram_range(low, high)
            if bounds is not None and Need.HISTOGRAMS in need:
                self._bounds[name] = bounds
        self._reduce = emulator.traced(self._reductions)
        self._pixels: dict[str, int] = {}
        self._layers: dict[str, LayerMeasurement] = {}
        self._samples = 0
        self._previews = _Previews(emulator.input_shapes if Need.PREVIEWS in need else ())

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
        for batch in batches:
            self.add(batch)
            on_batch(len(next(iter(batch.values()))))
        return self.measured()

    def add(self, batch: Batch) -> None:
        """Measure one more batch; raises what `run` does."""
        size = len(next(iter(batch.values())))
        for name, found in self._reduced_on_host(batch, self._samples, size).items():
            known = self._layers.get(name)
            self._layers[name] = found if known is None else known.merged(found)
        self._previews.add(batch)
        self._samples += size

    def measured(self) -> Measurements:
        """Everything measured so far."""
        broken = {name: NOT_FINITE for name, f in self._layers.items() if not _is_finite(f)}
        # Another engine may refuse a layer in the midst of the data; then less than all is known.
        reasons = {**broken, **self._emulator.not_measured}
        return Measurements(
            samples=self._samples,
            layers={name: f for name, f in self._layers.items() if name not in reasons},
            not_measured=reasons,
            assumptions=self._assumptions(),
            previews=self._previews.joined(),
            noise=self._noise_measured(broken),
            preactivation_not_measured=dict(self._emulator.preactivation_not_measured),
        )

    def _noise_measured(self, broken: Collection[str]) -> NoiseMeasurements | None:
        if self._noise is None:
            return None
        return self._noise.measured(broken, self._emulator.not_measured)

    def _assumptions(self) -> tuple[str, ...]:
        return self._emulator.assumptions + (self._noise.assumptions if self._noise else ())

    def _reduced_on_host(
        self, batch: Batch, first: int, samples: int
    ) -> dict[str, LayerMeasurement]:
        """Measurements of one batch, whose first sample has the given index."""
        if not self._emulator.layers:
            return {}
        with failures_in_words(samples):
            layers, noise = tf.nest.map_structure(
                lambda tensor: tensor.numpy(), self._reduce(self._emulator.tensors(batch))
            )
        if self._noise is not None:
            self._noise.add(noise, first, samples)
        return {
            name: self._measurement(name, parts, samples * self._pixels[name])
            for name, parts in layers.items()
        }

    def _measurement(
        self, name: str, parts: Mapping[str, Mapping[str, Any]], count: int
    ) -> LayerMeasurement:
        preactivation, counts = parts.get("preactivation"), parts.get("histogram")
        return LayerMeasurement(
            output=channel_statistics(parts["output"], count),
            preactivation=channel_statistics(preactivation, count) if preactivation else None,
            histogram=histogram(counts, self._bounds[name]) if counts else None,
        )

    def _reductions(
        self, inputs: Mapping[str, tf.Tensor]
    ) -> tuple[dict[str, LayerReductions], dict[str, LayerReductions]]:
        computed = self._emulator.forward(inputs)
        # Layers that only pass a tensor on share it, and with it the reductions.
        shared: dict[Any, Reduced] = {}
        layers = {
            layer.name: self._reduced(layer, computed[layer.name], shared)
            for layer in self._emulator.layers
        }
        if self._noise is None:
            return layers, {}
        signals = {
            key: tf.reduce_sum(found["squares"])
            for key, found in shared.items()
            if "squares" in found
        }
        return layers, self._noise.reductions(inputs, computed, signals)

    def _reduced(
        self, layer: Layer, tensors: LayerTensors, shared: dict[Any, Reduced]
    ) -> LayerReductions:
        def statistics(tensor: tf.Tensor) -> Reduced:
            if tensor.ref() not in shared:
                shared[tensor.ref()] = reduced_statistics(tensor)
            return shared[tensor.ref()]

        output = tensors.output
        self._pixels[layer.name] = output.shape[1] * output.shape[2]
        parts = {"output": dict(statistics(output))}
        if layer.type == "input_layer":
            parts["output"]["non_zero"] = tf.math.count_nonzero(output)
        wants_preactivation = Need.PREACTIVATION_STATISTICS in self._need
        is_known = tensors.preactivation is not None
        if layer.type in PREACTIVATION_TYPES and wants_preactivation and is_known:
            parts["preactivation"] = statistics(tensors.preactivation)
        if layer.name in self._bounds:
            bounds = self._bounds[layer.name]
            key = (output.ref(), bounds)
            if key not in shared:
                shared[key] = reduced_histogram(output, bounds, statistics(output))
            parts["histogram"] = shared[key]
        return parts


class _Previews:
    """The first samples of some inputs, thinned out to thumbnails."""

    def __init__(self, names: Iterable[str]) -> None:
        self._kept: dict[str, list[NDArray[np.float32]]] = {name: [] for name in names}

    def add(self, batch: Batch) -> None:
        for name, kept in self._kept.items():
            missing = PREVIEW_SAMPLES - sum(len(part) for part in kept)
            step = -(-max(batch[name].shape[1:3]) // PREVIEW_SIDE)
            if missing > 0:
                kept.append(np.array(batch[name][:missing, ::step, ::step], dtype=np.float32))

    def joined(self) -> dict[str, NDArray[np.float32]]:
        return {name: np.concatenate(kept) for name, kept in self._kept.items() if kept}


def _is_finite(found: LayerMeasurement) -> bool:
    tensors = (found.output, found.preactivation)
    return all(bool(np.isfinite(t.energy).all()) for t in tensors if t is not None)
