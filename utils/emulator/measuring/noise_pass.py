"""The quantized network beside the float network, reduced to noise, batch by batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.measuring.agreement_pass import AgreementPass
from utils.emulator.measuring.batch_statistics import Values, reduced_statistics
from utils.emulator.measuring.measured_networks import MeasuredQuantized
from utils.emulator.measuring.noise_statistics import (
    layer_noise,
    reduced_limits,
    reduced_noise,
)
from utils.emulator.measuring.steps import Step
from utils.emulator.measuring.table_errors import TableErrors
from utils.emulator.quantized.quantized_run import QuantizedTensors
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.merging import merge_into
from utils.measurements.noise import LayerNoise, NoiseMeasurements, SampleNoise, worst_of
from utils.measurements.output_kind import WhatIsJudged
from utils.measurements.table_noise import TableNoise

NOT_FINITE = "its float values are not finite, so there is nothing to compare with"
NOT_ALWAYS = "it was not there in every batch, so its noise is not known over all samples"
NO_COUNTERPART = "the float network has no layer of its name and shape to compare it with"


class NoisePass:
    """Noise of every layer, of its table, the worst samples of outputs, and how far these agree."""

    def __init__(
        self,
        quantized: MeasuredQuantized,
        judged: WhatIsJudged | None = None,
        indices: NDArray[np.int64] | None = None,
    ) -> None:
        """Start with no samples.

        Parameters
        ----------
        judged : how the outputs are to be judged; by default their kind is unknown.
        indices : of the samples in the file, in the order in which they are run; by default the
            first ones of the file are run.
        """
        self._quantized = quantized
        self._indices = indices
        self._agreement = AgreementPass(quantized.network, judged or WhatIsJudged())
        self._table_errors = TableErrors(quantized)
        self._layers: dict[str, LayerNoise] = {}
        self._tables: dict[str, TableNoise] = {}
        self._samples: dict[str, list[SampleNoise]] = {}
        self._pixels: dict[str, int] = {}
        self._shared: dict[tuple[str, str], Values] = {}
        self._added = 0
        self._outputs = {layer.name for layer in quantized.network.output_layers}

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Sentences on what had to be assumed about the quantized network."""
        return self._quantized.assumptions

    def add(self, step: Step, first: int, statistics: Values | None = None) -> None:
        """Add a layer of a batch.

        Parameters
        ----------
        first : position of the first sample of the batch among all that are run.
        statistics : of the float tensor of the layer, where they are known.
        """
        if step.quantized is None or step.reference is None:
            return
        reference = step.reference.output
        if step.quantized.output.codes.shape[1:] != reference.shape[1:]:
            return
        signal = None if statistics is None else float(statistics["squares"].sum())
        found = self._reduced(step, step.quantized, reference, signal)
        merge_into(self._layers, step.name, found)
        table = self._table_errors.of(step)
        if table is not None:
            merge_into(self._tables, step.name, table)
        is_output = step.name in self._outputs
        if is_output or self._agreement.is_front(step.name):
            statistics = statistics or reduced_statistics(reference)
        if statistics and self._agreement.is_front(step.name):
            self._agreement.add_front(step, statistics, first)
        if statistics and is_output:
            noise = self._shared[step.same_codes, step.same_floats]
            energies = {
                "signal": statistics["sample_energies"],
                "noise": noise["sample_energies"],
            }
            self._add_samples(step.name, energies, first)
            self._agreement.add_output(step, statistics, energies, first)

    def _reduced(
        self, step: Step, tensors: QuantizedTensors, reference: tf.Tensor, signal: float | None
    ) -> LayerNoise:
        samples, height, width, _ = reference.shape
        self._pixels[step.name] = height * width
        # Layers that only pass a tensor on share it, and with it the reductions.
        key = (step.same_codes, step.same_floats)
        if key not in self._shared:
            self._shared[key] = reduced_noise(tensors, reference, signal)
        limits = reduced_limits(tensors)
        return layer_noise(self._shared[key], limits, samples * height * width)

    def _add_samples(self, name: str, energies: Values, first: int) -> None:
        pairs = zip(energies["signal"], energies["noise"], strict=True)
        new = [
            SampleNoise(self._index(first + place), float(signal), float(noise))
            for place, (signal, noise) in enumerate(pairs)
        ]
        self._samples[name] = worst_of([*self._samples.get(name, []), *new])

    def _index(self, position: int) -> int:
        """Index in the file of the sample that is run at a position."""
        return position if self._indices is None else int(self._indices[position])

    def count(self, samples: int) -> None:
        """End a batch of so many samples."""
        self._agreement.count()
        self._added += samples
        self._shared.clear()

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

    def tables(self, reasons: Collection[str]) -> dict[str, TableNoise]:
        """How far tables are from their functions, by layer.

        Parameters
        ----------
        reasons : layers that were not measured over all samples.
        """
        return {name: found for name, found in self._tables.items() if name not in reasons}

    def agreement(self, reasons: Collection[str]) -> AgreementMeasurements:
        """What the outputs say in float and on the chip.

        Parameters
        ----------
        reasons : layers that were not measured over all samples.
        """
        return self._agreement.measured(reasons)


def _is_finite(found: LayerNoise) -> bool:
    return bool(np.isfinite([found.output.signal, found.output.noise]).all())
