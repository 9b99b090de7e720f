"""What the outputs of quantized networks come to, each held against the same float values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import tensorflow as tf

from utils.dataset.calibration_set import Batch, sample_count
from utils.emulator.floats.engine import FloatEmulator, LayerTensors
from utils.emulator.floats.failures import failures_in_words
from utils.emulator.measuring.agreement_pass import AgreementPass
from utils.emulator.measuring.batch_statistics import Values, reduced_statistics
from utils.emulator.measuring.noise_statistics import sample_noise
from utils.emulator.measuring.sensitivity import reachable_outputs
from utils.emulator.measuring.steps import Step
from utils.emulator.quantized.quantized_run import QuantizedTensors
from utils.har.network import Network
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.output_kind import WhatIsJudged
from utils.outputs.producers import class_number_outputs


@dataclass(frozen=True, eq=False)
class FloatOutputs:
    """What a batch is in float.

    Parameters
    ----------
    tensors : of the output layers, and of what decides in front of them.
    statistics : of these tensors.
    samples : how many there are.
    """

    tensors: Mapping[str, tf.Tensor]
    statistics: Mapping[str, Values]
    samples: int


def float_outputs(floats: FloatEmulator, network: Network, batch: Batch) -> FloatOutputs:
    """Run the float network for the outputs of a quantized graph."""
    fronts = AgreementPass(network, WhatIsJudged()).fronts
    run = {layer.name for layer in floats.layers}
    names = dict.fromkeys([*(f for f in fronts if f in run), *reachable_outputs(floats)])
    with failures_in_words(sample_count(batch)):
        computed = floats.forward(floats.tensors(batch), kept=names)
        tensors = {name: computed[name].output for name in names}
        statistics = {name: reduced_statistics(tensor) for name, tensor in tensors.items()}
    return FloatOutputs(tensors, statistics, sample_count(batch))


class OutcomePass:
    """Reduces batches of one quantized network to what becomes of its outputs."""

    def __init__(self, network: Network, judged: WhatIsJudged, first: int = 0) -> None:
        """Take the quantized graph of the archive, whose outputs all variants have.

        Parameters
        ----------
        first : position of the first sample that will be added.
        """
        self._agreement = AgreementPass(network, judged)
        self._network = network
        self._outputs = [layer.name for layer in network.output_layers]
        self._first = self._next = first

    def add(self, floats: FloatOutputs, computed: Mapping[str, QuantizedTensors]) -> None:
        """Add what a network computes for a batch; an output that it does not run is left out."""
        for name in floats.tensors:
            if name not in computed:
                continue
            reference = floats.tensors[name]
            step = Step(name, None, LayerTensors(None, reference, ()), computed[name])
            statistics = floats.statistics[name]
            if self._agreement.is_front(name):
                self._agreement.add_front(step, statistics, self._next)
            if name in self._outputs and _is_comparable(step):
                energies = sample_noise(computed[name], reference, statistics)
                self._agreement.add_output(step, statistics, energies, self._next)
        self._agreement.count()
        self._next += floats.samples

    @property
    def agreement(self) -> AgreementMeasurements:
        """What the outputs say, over all samples added."""
        return self._agreement.measured(())

    def outcomes(self) -> dict[str, Outcome]:
        """By output, over all samples added."""
        return outcomes_of(self._network, self.agreement, self._next - self._first)


def outcomes_of(
    network: Network, agreement: AgreementMeasurements, samples: int
) -> dict[str, Outcome]:
    """What becomes of outputs that were compared on so many samples, which are all of them.

    Parameters
    ----------
    network : the quantized graph of the archive.
    """
    class_numbers = class_number_outputs(network)
    return {
        name: Outcome.of(output, has_signal=name not in class_numbers)
        for name, output in agreement.outputs.items()
        if len(output.samples.positions) == samples
    }


def _is_comparable(step: Step) -> bool:
    assert step.quantized is not None
    assert step.reference is not None
    return bool(step.quantized.output.codes.shape[1:] == step.reference.output.shape[1:])
