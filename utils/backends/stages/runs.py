"""Stages of the archive, as the embedded engine runs them: float graphs and the integers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch, sample_count
from utils.emulator.floats.engine import FloatEmulator, LayerTensors
from utils.emulator.floats.failures import failures_in_words
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.network import Network
from utils.stages.runs import Samples, Tensors

OnBatch = Callable[[int], object]
Found = dict[str, list[NDArray[np.float32]]]


def _unwatched(count: int) -> None:
    del count


class FloatRun:
    """A float graph; see `utils.stages.runs.StageRun`."""

    def __init__(
        self, emulator: FloatEmulator, batch_size: int, on_batch: OnBatch = _unwatched
    ) -> None:
        """Take the engine of the graph.

        Parameters
        ----------
        on_batch : called with the number of samples of every batch that was run.
        """
        self.network = emulator.network
        self._emulator = emulator
        self._batch_size = batch_size
        self._on_batch = on_batch

    def run(self, samples: Samples, layers: Sequence[str]) -> Tensors:
        """See `StageRun`; layers that cannot be emulated are absent."""
        return self._taken(samples, layers, lambda tensors: tensors.output)

    def before_activation(self, samples: Samples, layers: Sequence[str]) -> Tensors:
        """The same of what stands before the activations of the layers."""
        return self._taken(samples, layers, lambda tensors: tensors.preactivation)

    def _taken(
        self, samples: Samples, layers: Sequence[str], take: Callable[[LayerTensors], tf.Tensor]
    ) -> Tensors:
        wanted = [name for name in layers if name not in self._emulator.not_measured]

        def forward(batch: Batch) -> Mapping[str, tf.Tensor]:
            computed = self._emulator.forward(self._emulator.tensors(batch), kept=wanted)
            return {name: take(computed[name]) for name in wanted}

        return _joined(samples, self._batch_size, forward, self._on_batch)


class EnteredRun:
    """The parsed graph, run as the part of the optimized one that lies behind inserted layers.

    It may stand for the parsed graph only where both are the same but for what was inserted at the
    inputs; then nothing has to be compiled for it.
    """

    def __init__(
        self,
        network: Network,
        emulator: FloatEmulator,
        inserted: Mapping[str, Sequence[str]],
        batch_size: int,
        on_batch: OnBatch = _unwatched,
    ) -> None:
        """Take the engine of the optimized graph.

        Parameters
        ----------
        network : the parsed graph.
        inserted : the optimized graph's layers between an input and what the parsed graph has
            behind it, by name of the input.
        """
        self.network = network
        self._emulator = emulator
        self._inserted = inserted
        self._batch_size = batch_size
        self._on_batch = on_batch

    def run(self, samples: Samples, layers: Sequence[str]) -> Tensors:
        """See `StageRun`; layers that cannot be emulated are absent."""
        wanted = [name for name in layers if name not in self._emulator.not_measured]

        def forward(batch: Batch) -> Mapping[str, tf.Tensor]:
            entering = {
                layer.name: tf.convert_to_tensor(np.asarray(batch[layer.name], np.float32))
                for layer in self.network.input_layers
            }
            computed = self._emulator.forward(
                entering, unchanged=self._behind_inserted(entering), kept=wanted
            )
            return {name: computed[name].output for name in wanted}

        return _joined(samples, self._batch_size, forward, self._on_batch)

    def _behind_inserted(self, entering: Mapping[str, tf.Tensor]) -> dict[str, LayerTensors]:
        """What is taken for computed already: the inputs, and all that was inserted behind them."""
        optimized = self._emulator.network
        return {
            name: LayerTensors(tensor, tensor, (tensor,) * max(len(optimized[name].outputs), 1))
            for entered, tensor in entering.items()
            for name in (entered, *self._inserted.get(entered, ()))
        }


class QuantizedRun:
    """The archive's integers; what leaves a layer are its codes as the values they stand for."""

    def __init__(
        self,
        floats: FloatEmulator,
        quantized: QuantizedEmulator,
        batch_size: int,
        on_batch: OnBatch = _unwatched,
    ) -> None:
        """Take both engines; the float one makes tensors of samples."""
        self.network = quantized.network
        self._floats = floats
        self._quantized = quantized
        self._batch_size = batch_size
        self._on_batch = on_batch

    def run(self, samples: Samples, layers: Sequence[str]) -> Tensors:
        """See `StageRun`; layers that cannot be emulated are absent."""

        def forward(batch: Batch) -> Mapping[str, tf.Tensor]:
            computed = self._quantized.forward(self._floats.tensors(batch), kept=layers)
            return {name: computed[name].output.values for name in layers if name in computed}

        return _joined(samples, self._batch_size, forward, self._on_batch)


def _joined(
    samples: Samples,
    batch_size: int,
    forward: Callable[[Batch], Mapping[str, tf.Tensor]],
    on_batch: OnBatch,
) -> Tensors:
    """What a network computes for all samples, batch by batch."""
    found: Found = {}
    for batch in batches_of(samples, batch_size):
        with failures_in_words(sample_count(batch)):
            for name, tensor in forward(batch).items():
                found.setdefault(name, []).append(tensor.numpy())
        on_batch(sample_count(batch))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def batches_of(samples: Samples, size: int) -> Iterator[Mapping[str, NDArray[Any]]]:
    """Samples in batches of `size`, the last perhaps smaller."""
    for start in range(0, sample_count(samples), size):
        yield {name: array[start : start + size] for name, array in samples.items()}
