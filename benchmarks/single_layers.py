"""Ways to find what single layers do to the outputs; `benchmarks.sensitivity` compares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import tensorflow as tf

from benchmarks.float_graph import FloatArray
from utils.emulator.floats.engine import Change, FloatEmulator
from utils.emulator.measuring.noise_statistics import energy
from utils.emulator.measuring.sensitivity import FirstOrder, replayed_snr_db
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.model import Model
from utils.measurements.noise import decibels
from utils.quantizer.integers import coded_layers

Batches = Sequence[Mapping[str, FloatArray]]
Decibels = dict[str, float]  # by layer, at the one output


class SingleLayers:
    """A model with one output, and each way to measure its layers.

    Every call prepares and traces anew, as the command does once.
    """

    def __init__(self, model: Model) -> None:
        """Take an archive."""
        self._floats = FloatEmulator(model.float_network, model.float_parameters)
        self._quantized = QuantizedEmulator(self._floats, model.network, coded_layers(model))
        (layer,) = model.float_network.output_layers
        self._output = layer.name

    def forward(self, batches: Batches) -> Decibels:
        """The float network, and nothing else."""
        run = self._floats.traced(lambda inputs: self._floats.forward(inputs)[self._output].output)
        for batch in batches:
            run(self._floats.tensors(batch)).numpy()
        return {}

    def first_order(self, batches: Batches) -> Decibels:
        """Local noise of all layers, pushed to the output to first order."""
        probing = FirstOrder(self._floats, self._quantized)
        for batch in batches:
            probing.add(batch)
        return self._at_the_output(probing.output_snr_db())

    def replay(self, batches: Batches) -> Decibels:
        """Every layer exactly; only what follows it is run again."""
        probing = FirstOrder(self._floats, self._quantized)
        found = replayed_snr_db(probing, self._floats, batches, probing.sources)
        return self._at_the_output(found)

    def naive(self, batches: Batches) -> Decibels:
        """Every layer exactly, one after the other: the whole network in float and with its error.

        The errors are known before; one graph, traced once, serves all layers.
        """
        probing = FirstOrder(self._floats, self._quantized)
        run = probing.traced(self._pair, probing.sources)
        signal, noise = dict.fromkeys(probing.sources, 0.0), dict.fromkeys(probing.sources, 0.0)
        for batch in batches:
            inputs = self._floats.tensors(batch)
            errors = probing.errors(inputs)
            silence = {name: tf.zeros_like(error) for name, error in errors.items()}
            for name in probing.sources:
                pair = run(inputs, {**silence, name: errors[name]})
                signal[name] += float(pair[0])
                noise[name] += float(pair[1])
        return {name: decibels(signal[name], noise[name]) for name in noise}

    def _pair(
        self, inputs: Mapping[str, tf.Tensor], errors: Mapping[str, tf.Tensor]
    ) -> tuple[tf.Tensor, tf.Tensor]:
        plain = self._floats.forward(inputs)[self._output].output
        changes = {name: _adding(error) for name, error in errors.items()}
        noisy = self._floats.forward(inputs, changes)[self._output].output
        return energy(plain), energy(noisy - plain)

    def _at_the_output(self, found: Mapping[str, Mapping[str, float]]) -> Decibels:
        return {name: by_output[self._output] for name, by_output in found.items()}


def _adding(error: tf.Tensor) -> Change:
    return lambda tensor: tensor + error
