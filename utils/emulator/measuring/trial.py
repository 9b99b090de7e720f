"""Trials: the quantized network with something changed, on the same samples."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from utils.dataset.calibration_set import Batch, sample_count
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.floats.failures import failures_in_words
from utils.emulator.measuring.outcomes import FloatOutputs, OutcomePass, float_outputs
from utils.emulator.measuring.work import judging_work, quantized_work
from utils.emulator.quantized.quantized_run import QuantizedEmulator, QuantizedTensors
from utils.har.network import Network
from utils.har.quantization import Encoding
from utils.har.reach import reached_from
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.noise import decibels
from utils.measurements.output_kind import WhatIsJudged
from utils.quantizer.integers import CodedLayer

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
    """Outcomes of variants of a quantized network, each run from its first change on.

    The float network is run once, and so is the archive's quantized network if what it computes
    can be kept: what no change reaches is taken from there.
    """

    def __init__(
        self,
        floats: FloatEmulator,
        archived: QuantizedEmulator,
        batches: Sequence[Batch],
        judged: WhatIsJudged | None = None,
    ) -> None:
        """Take the samples that every variant is run on.

        Parameters
        ----------
        archived : the network that the variants are made from.
        judged : how the outputs are to be judged; by default their kind is unknown.
        """
        self.samples = sum(map(sample_count, batches))
        self._floats = floats
        self._archived = archived
        self._batches = batches
        self._judged = judged or WhatIsJudged()
        self._outputs: list[FloatOutputs] | None = None
        self._kept: list[dict[str, QuantizedTensors]] | None = None
        values = sum(math.prod(s) for layer in archived.network for s in layer.output_shapes[:1])
        self._keeps = values * self.samples <= KEPT_VALUES

    def work(
        self,
        network: Network,
        coded_layers: Mapping[str, CodedLayer],
        changed: Collection[str] | None = None,
    ) -> float:
        """What `outcomes` costs for each sample, in multiply-accumulates."""
        names: Collection[str] = network.layers
        if changed is not None and self._keeps:
            names = reached_from(network, changed)
        return quantized_work(network, coded_layers, names) + judging_work(network)

    def outcomes(
        self,
        network: Network,
        coded_layers: Mapping[str, CodedLayer],
        changed: Collection[str] | None = None,
    ) -> dict[str, Outcome]:
        """What becomes of every output layer that can be run, over all samples.

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
        found = OutcomePass(self._archived.network, self._judged)
        batches = zip(self._batches, self._float_outputs(), unchanged, strict=True)
        for batch, outputs, kept in batches:
            _add(found, self._floats, quantized, batch, outputs, kept, changed or ())
        return found.outcomes()

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
            values = outputs.tensors[output].numpy().astype(np.float64)
            error = np.clip(values, lowest, highest) - values
            total += [np.square(values).sum(), np.square(error).sum()]
            low, high = min(low, float(values.min())), max(high, float(values.max()))
        snr = decibels(float(total[0]), float(total[1]))
        return Clipping(snr, low, high, float(lowest.min()), float(highest.max()))

    def _float_outputs(self) -> list[FloatOutputs]:
        if self._outputs is None:
            network = self._archived.network
            self._outputs = [float_outputs(self._floats, network, b) for b in self._batches]
        return self._outputs


def compared(
    floats: FloatEmulator,
    networks: Sequence[QuantizedEmulator],
    batch: Batch,
    archived: Network,
    judged: WhatIsJudged,
    first: int = 0,
) -> list[AgreementMeasurements]:
    """What each network makes of a batch, held against the float network, which runs beside.

    Parameters
    ----------
    archived : the archive's quantized graph, whose outputs all of them have.
    judged : how these are to be judged.
    first : position of the first sample of the batch.
    """
    outputs = float_outputs(floats, archived, batch)
    found = []
    for quantized in networks:
        outcomes = OutcomePass(archived, judged, first)
        _add(outcomes, floats, quantized, batch, outputs)
        found.append(outcomes.agreement)
    return found


def _add(
    found: OutcomePass,
    floats: FloatEmulator,
    quantized: QuantizedEmulator,
    batch: Batch,
    outputs: FloatOutputs,
    unchanged: Mapping[str, QuantizedTensors] | None = None,
    changed: Collection[str] = (),
) -> None:
    """Run a batch, and add what becomes of its outputs."""
    with failures_in_words(outputs.samples):
        inputs = floats.tensors(batch)
        found.add(outputs, quantized.forward(inputs, unchanged, changed, kept=outputs.tensors))
