"""Ways to find what single layers do to the outputs; `benchmarks.sensitivity` compares them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import tensorflow as tf

from benchmarks.float_graph import FloatArray
from utils.backends.workload import DATA_PASS, LEAST_WORK, SHARE
from utils.dataset.calibration_set import sample_count
from utils.emulator.floats.engine import Change, FloatEmulator
from utils.emulator.measuring.local_errors import LocalErrors
from utils.emulator.measuring.noise_statistics import energy
from utils.emulator.measuring.sensitivity import (
    measured_sensitivity,
    reachable_outputs,
    sources_reaching,
)
from utils.emulator.measuring.work import total_work
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.model import Model
from utils.measurements.noise import Sensitivity, decibels
from utils.quantizer.integers import coded_layers

Batches = Sequence[Mapping[str, FloatArray]]
Decibels = dict[str, float]  # by layer, at the output with the lowest


class SingleLayers:
    """A model, and each way to measure its layers."""

    def __init__(self, model: Model) -> None:
        """Take an archive."""
        self._floats = FloatEmulator(model.float_network, model.float_parameters)
        self._quantized = QuantizedEmulator(self._floats, model.network, coded_layers(model))
        self._outputs = reachable_outputs(self._floats)

    def forward(self, batches: Batches) -> Decibels:
        """The float network, and nothing else."""
        for batch in batches:
            self._floats.forward(self._floats.tensors(batch), kept=self._outputs)
        return {}

    def budgeted(self, batches: Batches) -> Decibels:
        """What the command does by itself where these are all the data."""
        images = sum(sample_count(batch) for batch in batches)
        work = SHARE * DATA_PASS * total_work(self._floats.network) * images
        return self._measured(batches, max(work, LEAST_WORK))

    def exact(self, batches: Batches) -> Decibels:
        """Every layer on all samples; only what follows it is run again."""
        return self._measured(batches, math.inf)

    def _measured(self, batches: Batches, work: float) -> Decibels:
        found = measured_sensitivity(self._floats, self._quantized, batches, self._outputs, work)
        return _at_the_worst_output(found)

    def naive(self, batches: Batches) -> Decibels:
        """Every layer, one after the other: the whole network in float and with its error."""
        names = sources_reaching(self._floats, self._quantized, self._outputs)
        local = LocalErrors(self._quantized)
        signal = {name: dict.fromkeys(self._outputs, 0.0) for name in names}
        noise = {name: dict.fromkeys(self._outputs, 0.0) for name in names}
        for batch in batches:
            inputs = self._floats.tensors(batch)
            plain = self._floats.forward(inputs)
            errors = local.add(names, plain, inputs)
            for name in names:
                noisy = self._floats.forward(
                    inputs, {name: _adding(errors[name])}, kept=self._outputs
                )
                for output in self._outputs:
                    before, after = plain[output].output, noisy[output].output
                    signal[name][output] += float(energy(before))
                    noise[name][output] += float(energy(after - before))
        return {
            name: min(decibels(signal[name][o], noise[name][o]) for o in self._outputs)
            for name in names
        }


def _at_the_worst_output(found: Sensitivity) -> Decibels:
    return {name: min(by_output.values()) for name, by_output in found.output_snr_db.items()}


def _adding(error: tf.Tensor) -> Change:
    return lambda tensor: tensor + error
