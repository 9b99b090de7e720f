"""Trials: the quantized network with something changed, on the same samples."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch, sample_count
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.floats.failures import failures_in_words
from utils.emulator.measuring.noise_statistics import energy
from utils.emulator.measuring.sensitivity import reachable_outputs
from utils.emulator.measuring.work import quantized_work
from utils.emulator.quantized.quantized_run import QuantizedEmulator, QuantizedTensors
from utils.har.network import Network
from utils.har.quantization import Encoding
from utils.har.reach import reached_from
from utils.measurements.noise import decibels
from utils.quantizer.integers import CodedLayer

Energies = NDArray[np.float64]

# Values of the archive's network that are kept for all variants; 256 MiB in float32.
KEPT_VALUES = 2**26


@dataclass(frozen=True)
class Clipping:
    """What a range costs.

    Parameters
    ----------
    snr_db : SNR of the values clipped to the range, infinite if all lie inside.
    low, high : smallest and largest value.
    range_low, range_high : of the encoding.
    """

    snr_db: float
    low: float
    high: float
    range_low: float
    range_high: float


class TrialRun:
    """Output SNR of variants of a quantized network, each run from its first change on.

    The float network is run once, and so is the archive's quantized network if what it computes
    can be kept: what no change reaches is taken from there.
    """

    def __init__(
        self, floats: FloatEmulator, archived: QuantizedEmulator, batches: Sequence[Batch]
    ) -> None:
        """Take the samples that every variant is run on.

        Parameters
        ----------
        archived : the network that the variants are made from.
        """
        self.samples = sum(map(sample_count, batches))
        self._floats = floats
        self._archived = archived
        self._batches = batches
        self._outputs: list[dict[str, tf.Tensor]] | None = None
        self._kept: list[dict[str, QuantizedTensors]] | None = None
        values = sum(math.prod(s) for layer in archived.network for s in layer.output_shapes[:1])
        self._keeps = values * self.samples <= KEPT_VALUES

    def work(
        self,
        network: Network,
        coded_layers: Mapping[str, CodedLayer],
        changed: Collection[str] | None = None,
    ) -> float:
        """What `snr_db` costs for each sample, in multiply-accumulates."""
        names: Collection[str] = network.layers
        if changed is not None and self._keeps:
            names = reached_from(network, changed)
        return quantized_work(network, coded_layers, names)

    def snr_db(
        self,
        network: Network,
        coded_layers: Mapping[str, CodedLayer],
        changed: Collection[str] | None = None,
    ) -> dict[str, float]:
        """SNR in dB by output layer, pooled over all samples and elements.

        Parameters
        ----------
        network : a quantized graph.
        coded_layers : encodings and integers by layer of that graph.
        changed : all layers that differ from those of the archive; by default any may.
        """
        quantized = QuantizedEmulator(self._floats, network, coded_layers)
        unchanged: list[dict[str, QuantizedTensors]] = [{} for _ in self._batches]
        if changed is not None and self._keeps:
            unchanged = self._archived_tensors()
        batches = zip(self._batches, self._float_outputs(), unchanged, strict=True)
        return _pooled(
            _energies(self._floats, quantized, batch, outputs, kept, changed or ())
            for batch, outputs, kept in batches
        )

    def _archived_tensors(self) -> list[dict[str, QuantizedTensors]]:
        if self._kept is None:
            self._kept = [self._run_archived(batch) for batch in self._batches]
        return self._kept

    def _run_archived(self, batch: Batch) -> dict[str, QuantizedTensors]:
        with failures_in_words(sample_count(batch)):
            computed = self._archived.forward(self._floats.tensors(batch))
            return {n: QuantizedTensors(found.output, found.parts) for n, found in computed.items()}

    def clipping(self, output: str, encoding: Encoding, highest_code: int) -> Clipping:
        """What the range of an encoding would cost an output if nothing else was quantized."""
        lowest = (0 - encoding.zero_points) * encoding.scales
        highest = (highest_code - encoding.zero_points) * encoding.scales
        total, low, high = np.zeros(2), math.inf, -math.inf
        for outputs in self._float_outputs():
            values = outputs[output].numpy().astype(np.float64)
            error = np.clip(values, lowest, highest) - values
            total += [np.square(values).sum(), np.square(error).sum()]
            low, high = min(low, float(values.min())), max(high, float(values.max()))
        snr = decibels(float(total[0]), float(total[1]))
        return Clipping(snr, low, high, float(lowest.min()), float(highest.max()))

    def _float_outputs(self) -> list[dict[str, tf.Tensor]]:
        if self._outputs is None:
            self._outputs = [_float_outputs(self._floats, batch) for batch in self._batches]
        return self._outputs


def streamed_snr_db(
    floats: FloatEmulator, networks: Sequence[QuantizedEmulator], batches: Iterable[Batch]
) -> list[dict[str, float]]:
    """The same of each network, over batches that are not kept; the float network runs beside."""
    found: list[list[dict[str, Energies]]] = [[] for _ in networks]
    for batch in batches:
        outputs = _float_outputs(floats, batch)
        for energies, quantized in zip(found, networks, strict=True):
            energies.append(_energies(floats, quantized, batch, outputs))
    return [_pooled(energies) for energies in found]


def _float_outputs(floats: FloatEmulator, batch: Batch) -> dict[str, tf.Tensor]:
    with failures_in_words(sample_count(batch)):
        outputs = reachable_outputs(floats)
        computed = floats.forward(floats.tensors(batch), kept=outputs)
        return {name: computed[name].output for name in outputs}


def _energies(
    floats: FloatEmulator,
    quantized: QuantizedEmulator,
    batch: Batch,
    outputs: Mapping[str, tf.Tensor],
    unchanged: Mapping[str, QuantizedTensors] | None = None,
    changed: Collection[str] = (),
) -> dict[str, Energies]:
    """Energy of signal and noise, (2,), by output layer that could be run."""
    with failures_in_words(sample_count(batch)):
        inputs = floats.tensors(batch)
        computed = quantized.forward(inputs, unchanged, changed, kept=outputs)
        return {
            name: np.array(
                [float(energy(tensor)), float(energy(computed[name].output.values - tensor))]
            )
            for name, tensor in outputs.items()
            if name in computed
        }


def _pooled(batches: Iterable[Mapping[str, Energies]]) -> dict[str, float]:
    total: dict[str, Energies] = {}
    for found in batches:
        for name, pair in found.items():
            total[name] = total.get(name, np.zeros(2)) + pair
    return {name: decibels(float(signal), float(noise)) for name, (signal, noise) in total.items()}
