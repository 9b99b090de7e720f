"""Trials: the quantized network with something changed, on the same samples."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch, sample_count
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.floats.failures import failures_in_words
from utils.emulator.measuring.noise_statistics import energy
from utils.emulator.measuring.sensitivity import reachable_outputs
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.network import Network
from utils.har.quantization import Encoding
from utils.measurements.noise import decibels
from utils.quantizer.integers import CodedLayer

Energies = NDArray[np.float64]


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
    """Output SNR of variants of a quantized network; the float network is run once."""

    def __init__(self, floats: FloatEmulator, batches: Sequence[Batch]) -> None:
        """Take the samples that every variant is run on."""
        self._floats = floats
        self._batches = batches
        self._outputs: list[dict[str, tf.Tensor]] | None = None

    def snr_db(self, network: Network, coded_layers: Mapping[str, CodedLayer]) -> dict[str, float]:
        """SNR in dB by output layer, pooled over all samples and elements.

        Parameters
        ----------
        network : a quantized graph.
        coded_layers : encodings and integers by layer of that graph.
        """
        quantized = QuantizedEmulator(self._floats, network, coded_layers)
        return _pooled(
            _energies(self._floats, quantized, batch, outputs)
            for batch, outputs in zip(self._batches, self._float_outputs(), strict=True)
        )

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
    floats: FloatEmulator,
    network: Network,
    coded_layers: Mapping[str, CodedLayer],
    batches: Iterable[Batch],
) -> dict[str, float]:
    """The same over batches that are not kept; the float network runs beside."""
    quantized = QuantizedEmulator(floats, network, coded_layers)
    return _pooled(
        _energies(floats, quantized, batch, _float_outputs(floats, batch)) for batch in batches
    )


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
) -> dict[str, Energies]:
    """Energy of signal and noise, (2,), by output layer that could be run."""
    with failures_in_words(sample_count(batch)):
        computed = quantized.forward(floats.tensors(batch), kept=outputs)
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
