"""The quantized network beside the float network, reduced to noise, batch by batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from utils.emulator.floats.engine import LayerTensors
from utils.emulator.measuring.batch_statistics import Reduced
from utils.emulator.measuring.measured_networks import MeasuredQuantized
from utils.emulator.measuring.noise_statistics import (
    Values,
    energy,
    layer_noise,
    reduced_limits,
    reduced_noise,
    sample_energies,
    worst_of,
)
from utils.emulator.quantized.quantized_run import QuantizedTensors
from utils.measurements.noise import LayerNoise, NoiseMeasurements, SampleNoise

NOT_FINITE = "its float values are not finite, so there is nothing to compare with"
NOT_ALWAYS = "it was not there in every batch, so its noise is not known over all samples"
NO_COUNTERPART = "the float network has no layer of its name and shape to compare it with"


class NoisePass:
    """Noise of every layer and the worst samples of every output."""

    def __init__(self, quantized: MeasuredQuantized) -> None:
        """Start with no samples."""
        self._quantized = quantized
        self._layers: dict[str, LayerNoise] = {}
        self._samples: dict[str, list[SampleNoise]] = {}
        self._pixels: dict[str, int] = {}
        self._added = 0

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Sentences on what had to be assumed about the quantized network."""
        return self._quantized.assumptions

    def reductions(
        self,
        inputs: Mapping[str, tf.Tensor],
        floats: Mapping[str, LayerTensors],
        signals: Mapping[Any, tf.Tensor],
    ) -> dict[str, dict[str, Reduced]]:
        """Reduce one batch; to be traced.

        Parameters
        ----------
        floats : of the float network.
        signals : energies of tensors that are known already, by reference of the tensor.
        """
        references = self._quantized.references(floats)
        computed = self._quantized.forward(inputs)
        outputs = {layer.name for layer in self._quantized.network.output_layers}
        shared: dict[Any, Reduced] = {}
        return {
            name: self._reduced(
                name, tensors, references[name].output, signals, shared, name in outputs
            )
            for name, tensors in computed.items()
            if name in references
            and tensors.output.codes.shape[1:] == references[name].output.shape[1:]
        }

    def _reduced(
        self,
        name: str,
        tensors: QuantizedTensors,
        reference: tf.Tensor,
        signals: Mapping[Any, tf.Tensor],
        shared: dict[Any, Reduced],
        is_output: bool,
    ) -> dict[str, Reduced]:
        self._pixels[name] = reference.shape[1] * reference.shape[2]
        # Layers that only pass a tensor on share it, and with it the reductions.
        key = (tensors.output.codes.ref(), reference.ref())
        if key not in shared:
            signal = signals.get(reference.ref())
            signal = energy(reference) if signal is None else signal
            shared[key] = reduced_noise(tensors, reference, signal)
        parts = {"noise": shared[key], "limits": reduced_limits(self._quantized, name, tensors)}
        if is_output:
            parts["samples"] = {
                "signal": sample_energies(reference),
                "noise": sample_energies(tensors.output.values - reference),
            }
        return parts

    def add(self, results: Mapping[str, Mapping[str, Values]], first: int, samples: int) -> None:
        """Add the reductions of a batch.

        Parameters
        ----------
        first : index of its first sample.
        """
        self._added += samples
        for name, parts in results.items():
            found = layer_noise(parts["noise"], parts["limits"], samples * self._pixels[name])
            known = self._layers.get(name)
            self._layers[name] = found if known is None else known.merged(found)
            if "samples" in parts:
                pairs = zip(parts["samples"]["signal"], parts["samples"]["noise"], strict=True)
                new = [
                    SampleNoise(first + index, float(signal), float(noise))
                    for index, (signal, noise) in enumerate(pairs)
                ]
                self._samples[name] = worst_of([*self._samples.get(name, []), *new])

    def measured(
        self, broken: Collection[str], refused: Mapping[str, str] | None = None
    ) -> NoiseMeasurements:
        """Everything added so far.

        Parameters
        ----------
        broken : layers whose float values are not finite.
        refused : reason by name, for layers that the float network does not have in every batch.
        """
        network = self._quantized.network
        reasons = dict(self._quantized.not_measured)
        for layer in network:
            found = self._layers.get(layer.name)
            if found is not None and not _is_finite(found):
                reasons[layer.name] = NOT_FINITE
            elif found is None or found.output.count < self._added * self._pixels[layer.name]:
                absent = NO_COUNTERPART if found is None else NOT_ALWAYS
                reasons.setdefault(layer.name, (refused or {}).get(layer.name, absent))
        reasons.update({name: NOT_FINITE for name in broken if name in network})
        return NoiseMeasurements(
            layers={name: found for name, found in self._layers.items() if name not in reasons},
            worst_samples={
                name: tuple(found) for name, found in self._samples.items() if name not in reasons
            },
            in_float=dict(self._quantized.in_float),
            not_measured=reasons,
        )


def _is_finite(found: LayerNoise) -> bool:
    return bool(np.isfinite([found.output.signal, found.output.noise]).all())
