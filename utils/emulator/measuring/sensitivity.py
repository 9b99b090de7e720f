"""What each layer does by itself: at the layer, and at the outputs.

The error e that a layer adds is known from running it alone on coded float activations. What
reaches an output is J e, with J the derivative of the float network behind the layer. For a
vector v of random signs the expectation of (v J e)^2 is |J e|^2, and one backward pass gives
v J for all layers at once: the first order, at a cost that does not grow with their number. It is
exact only for small errors, so the worst layers are replayed with their error in place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.floats.failures import failures_in_words
from utils.emulator.measuring.batch_statistics import Reduced
from utils.emulator.measuring.noise_statistics import energy, reduced_noise, tensor_noise
from utils.emulator.measuring.replay import replayed_energies, runs_at_once
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.network import Layer, Shape
from utils.measurements.noise import Sensitivity, TensorNoise, decibels

PROBES = 8  # with 16 samples the estimate is good to about half a dB
EXACT_LAYERS = 10  # the worst by first order, which are then measured
SEED = 20

Tensors = Mapping[str, tf.Tensor]
_DIRECTION = ""  # no layer has this name


def measured_sensitivity(
    floats: FloatEmulator,
    quantized: QuantizedEmulator,
    batches: Sequence[Batch],
    exact: bool = False,
    on_layer: Callable[[int], object] = lambda layers: None,
) -> Sensitivity:
    """Local noise of every layer, and its noise at every output.

    Parameters
    ----------
    batches : the samples to measure on; they are run several times.
    exact : measure every layer by replay, instead of the ten worst by first order.
    on_layer : called with the number of layers that were replayed since the last call.

    Raises
    ------
    DiagnosticError : the memory does not suffice, or TensorFlow fails.
    """
    probing = FirstOrder(floats, quantized)
    for batch in batches:
        probing.add(batch, probe=not exact)
    decibel = probing.output_snr_db()
    replayed = probing.sources if exact else worst_layers(decibel, EXACT_LAYERS)
    decibel |= replayed_snr_db(probing, floats, batches, replayed, on_layer)
    return Sensitivity(probing.samples, probing.local, decibel, frozenset(replayed))


def worst_layers(decibel: Mapping[str, Mapping[str, float]], count: int) -> list[str]:
    """Layers with the lowest SNR at any output, worst first; NaN is worse than any number."""
    lowest = {
        name: min((-math.inf if math.isnan(db) else db for db in by_output.values()), default=0.0)
        for name, by_output in decibel.items()
        if any(not math.isinf(db) or db < 0 for db in by_output.values())
    }
    return sorted(lowest, key=lambda name: lowest[name])[:count]


def reachable_outputs(floats: FloatEmulator) -> list[str]:
    """Output layers that are emulated."""
    names = (layer.name for layer in floats.network.output_layers)
    return [name for name in names if name not in floats.not_measured]


def noise_sources(floats: FloatEmulator, quantized: QuantizedEmulator) -> list[Layer]:
    """Layers of both graphs that code what they compute; others only hand codes on."""
    return [
        layer
        for layer in floats.layers
        if layer.name in quantized.network
        and layer.output_shape == quantized.network[layer.name].output_shape
        and quantized.codes_anew(layer.name)
    ]


class FirstOrder:
    """Local noise and first-order noise at the outputs, added up batch by batch.

    Attributes
    ----------
    sources : names of the layers that add noise.
    local : noise of these layers by themselves.
    samples : number of samples added.
    """

    def __init__(self, floats: FloatEmulator, quantized: QuantizedEmulator) -> None:
        """Prepare for batches of any size."""
        self._floats = floats
        self._quantized = quantized
        self._outputs = reachable_outputs(floats)
        self.sources = [layer.name for layer in noise_sources(floats, quantized)]
        self.local: dict[str, TensorNoise] = {}
        self.samples = 0
        self._signal = dict.fromkeys(self._outputs, 0.0)
        self._noise = {name: dict.fromkeys(self._outputs, 0.0) for name in self.sources}
        self._run = floats.traced(self._alone)
        self._reach = {
            output: self.traced(
                partial(self._reaching, output),
                self.sources,
                {_DIRECTION: floats.network[output].output_shape},
            )
            for output in self._outputs
        }

    def errors(self, inputs: Tensors) -> Tensors:
        """What every source adds to its own output, when it alone is quantized."""
        errors, _ = self._run(inputs)
        found: Tensors = errors
        return found

    def add(self, batch: Batch, probe: bool = True) -> None:
        """Add a batch; without `probe` only its local noise."""
        samples = len(next(iter(batch.values())))
        with failures_in_words(samples):
            inputs = self._floats.tensors(batch)
            errors, local = self._run(inputs)
            self._add_local(local, samples)
            if probe:
                self._add_probes(inputs, errors, samples)
        self.samples += samples

    def _add_local(self, local: Mapping[str, Tensors], samples: int) -> None:
        for name, reduced in local.items():
            values = {key: value.numpy() for key, value in reduced.items()}
            height, width, _ = self._floats.network[name].output_shape
            found = tensor_noise(values, samples * height * width)
            known = self.local.get(name)
            self.local[name] = found if known is None else known.merged(found)

    def _add_probes(self, inputs: Tensors, errors: Tensors, samples: int) -> None:
        for number, output in enumerate(self._outputs):
            shape = self._floats.network[output].output_shape
            directions = probes(shape, self.samples, samples, number)
            for index, direction in enumerate(directions):
                signal, noise = self._reach[output](
                    inputs, {**errors, _DIRECTION: tf.constant(direction)}
                )
                self._signal[output] += float(signal) if index == 0 else 0.0
                for name, energies in noise.items():
                    self._noise[name][output] += float(energies) / len(directions)

    def traced(
        self,
        function: Callable[..., Any],
        names: Iterable[str],
        more: Mapping[str, Shape] | None = None,
    ) -> Callable[..., Any]:
        """`function` of the inputs and of what the named layers add, traced.

        Parameters
        ----------
        more : shapes per sample of further tensors that the second mapping holds.
        """
        shapes = {name: self._floats.network[name].output_shape for name in names}
        return self._floats.traced_with(function, {**shapes, **(more or {})})

    def _alone(self, inputs: Tensors) -> tuple[dict[str, tf.Tensor], dict[str, Reduced]]:
        """Errors of the single layers, and these reduced to noise."""
        references = self._quantized.references(self._floats.forward(inputs))
        errors, local = {}, {}
        for name in self.sources:
            alone = self._quantized.alone(name, references, inputs)
            reference = references[name].output
            if alone is not None:
                errors[name] = alone.output.values - reference
                local[name] = reduced_noise(alone, reference, energy(reference))
            else:
                errors[name] = tf.zeros_like(reference)
        return errors, local

    def _reaching(
        self, output: str, inputs: Tensors, given: Tensors
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Energy of an output, and of each layer's error seen from there along a direction."""
        computed = self._floats.forward(inputs)
        result = computed[output].output
        sides = tf.gradients(
            result, [computed[name].output for name in self.sources], given[_DIRECTION]
        )
        noise = {
            name: _projected(side, given[name])
            for name, side in zip(self.sources, sides, strict=True)
            if side is not None
        }
        return energy(result), noise

    def output_snr_db(self) -> dict[str, dict[str, float]]:
        """First-order SNR at every output when one layer alone is quantized, by layer."""
        return {
            name: {
                output: math.nan if math.isnan(noise) else decibels(self._signal[output], noise)
                for output, noise in by_output.items()
            }
            for name, by_output in self._noise.items()
            if name in self.local
        }


def probes(
    shape: Sequence[int], first: int, samples: int, output: int
) -> list[NDArray[np.float32]]:
    """Directions (samples, height, width, channels) whose mean squared projection is the energy.

    Random signs, drawn for every sample by itself, so that batches do not matter; outputs of few
    values take one direction for each value, which leaves nothing to chance.
    """
    size = math.prod(shape)
    if size <= PROBES:
        units = (np.sqrt(size) * np.eye(size)).astype(np.float32)
        return [np.broadcast_to(u.reshape(shape), (samples, *shape)).copy() for u in units]
    signs = np.empty((PROBES, samples, *shape), dtype=np.float32)
    for index in range(samples):
        random = np.random.default_rng((SEED, output, first + index))
        signs[:, index] = random.integers(0, 2, (PROBES, *shape), dtype=np.int8)
    return list(2 * signs - 1)


def _projected(side: tf.Tensor, error: tf.Tensor) -> tf.Tensor:
    products = tf.reduce_sum(side * error, axis=[2, 3])
    return tf.reduce_sum(tf.square(tf.reduce_sum(tf.cast(products, tf.float64), axis=1)))


def replayed_snr_db(
    probing: FirstOrder,
    floats: FloatEmulator,
    batches: Sequence[Batch],
    names: Sequence[str],
    on_layer: Callable[[int], object] = lambda layers: None,
) -> dict[str, dict[str, float]]:
    """Measured SNR at every output when one layer alone is quantized, by layer.

    Only what follows the layer is run again.

    Parameters
    ----------
    probing : knows what error every layer adds.
    names : of the layers, among `probing.sources`.
    on_layer : called with the number of layers that were replayed since the last call.
    """
    outputs = reachable_outputs(floats)
    order = {layer.name: position for position, layer in enumerate(floats.layers)}
    names = sorted(names, key=order.__getitem__)
    samples = max((len(next(iter(batch.values()))) for batch in batches), default=1)
    size = runs_at_once(floats.network, samples)
    stacks = [names[start : start + size] for start in range(0, len(names), size)]
    runs = [probing.traced(partial(replayed_energies, floats, s, outputs), s) for s in stacks]
    signal = dict.fromkeys(outputs, 0.0)
    noise = {name: dict.fromkeys(outputs, 0.0) for name in names}
    for batch in batches if names else ():
        with failures_in_words(len(next(iter(batch.values())))):
            inputs = floats.tensors(batch)
            errors = probing.errors(inputs)
            for stack, run in zip(stacks, runs, strict=True):
                plain, found = run(inputs, {name: errors[name] for name in stack})
                for output, energies in found.items():
                    for name, value in zip(stack, energies.numpy(), strict=True):
                        noise[name][output] += float(value)
                on_layer(len(stack))
        for output in outputs:
            signal[output] += float(plain[output])
    return {
        name: {output: decibels(signal[output], value) for output, value in by_output.items()}
        for name, by_output in noise.items()
    }
