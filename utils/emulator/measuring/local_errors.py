"""What single layers add to their own output, when all that enters them is exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import tensorflow as tf

from utils.emulator.floats.engine import FloatEmulator, LayerTensors
from utils.emulator.measuring.noise_statistics import reduced_noise, tensor_noise
from utils.emulator.quantized.alone import alone, codes_anew
from utils.emulator.quantized.quantized_run import QuantizedEmulator, QuantizedTensors
from utils.har.network import Layer
from utils.measurements.merging import merge_into
from utils.measurements.noise import TensorNoise

Tensors = Mapping[str, tf.Tensor]


def noise_sources(floats: FloatEmulator, quantized: QuantizedEmulator) -> list[Layer]:
    """Layers of both graphs that code what they compute; others only hand codes on."""
    return [
        layer
        for layer in floats.layers
        if layer.name in quantized.network
        and layer.output_shape == quantized.network[layer.name].output_shape
        and codes_anew(quantized, layer.name)
    ]


class LocalErrors:
    """Errors of the single layers for one batch after another, and their noise over all of them.

    Attributes
    ----------
    noise : by name of the layer, of all batches that were added.
    """

    def __init__(self, quantized: QuantizedEmulator) -> None:
        """Take the network whose layers are run by themselves."""
        self._quantized = quantized
        self.noise: dict[str, TensorNoise] = {}

    def add(
        self, names: Iterable[str], plain: Mapping[str, LayerTensors], inputs: Tensors
    ) -> dict[str, tf.Tensor]:
        """Run layers by themselves on one more batch.

        Parameters
        ----------
        names : layers to look at.
        plain : what the float network computes of the batch, by layer.

        Returns
        -------
        What each of the layers adds to its float output; 0 where it cannot be run.
        """
        references = self._quantized.references(plain)
        errors = {}
        for name in names:
            quantized = alone(self._quantized, name, references, inputs)
            reference = references[name].output
            if quantized is None:
                errors[name] = tf.zeros_like(reference)
                continue
            self._join(name, quantized, reference)
            errors[name] = quantized.output.values - reference
        return errors

    def _join(self, name: str, quantized: QuantizedTensors, reference: tf.Tensor) -> None:
        samples, height, width, _ = reference.shape
        values = reduced_noise(quantized, reference)
        merge_into(self.noise, name, tensor_noise(values, samples * height * width))
