"""An output without its last activation, and the function on the host: what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.backends.networks import Networks
from utils.dataset.calibration_set import Batch, sample_count
from utils.emulator.floats.engine import LayerTensors
from utils.emulator.floats.failures import failures_in_words
from utils.emulator.floats.operands import parts_taken
from utils.emulator.measuring.agreement_pass import AgreementPass
from utils.emulator.measuring.batch_statistics import reduced_statistics
from utils.emulator.measuring.noise_statistics import sample_noise
from utils.emulator.measuring.steps import Step
from utils.emulator.operations.activations import activation_for
from utils.emulator.quantized.coded import Coded
from utils.emulator.quantized.quantized_run import QuantizedEmulator, QuantizedTensors
from utils.errors import DiagnosticError
from utils.har.network import Network
from utils.measurements.agreement import OutputAgreement
from utils.measurements.table_noise import TableTrial
from utils.quantizer.integers import requantized_layer
from utils.quantizer.linear_output import linear_output
from utils.quantizer.precision_plan import output_order


def tried_outputs(
    networks: Networks, layers: Mapping[str, str], batches: Sequence[Batch]
) -> dict[str, TableTrial]:
    """What the function on the host does to the outputs, by output layer.

    Layers that cannot be quantized anew are left out.

    Parameters
    ----------
    layers : output layer by layer whose activation is to leave the chip.
    batches : the samples.

    Raises
    ------
    DiagnosticError : the memory does not suffice, or TensorFlow fails.
    """
    seen: dict[str, list[_Seen]] = {name: [] for name in layers}
    for batch in batches:
        with failures_in_words(sample_count(batch)):
            for name, found in _run(networks, list(layers), batch):
                seen[name].append(found)
    trials = {}
    for name, output in layers.items():
        trial = _trial(networks, name, output, seen[name]) if seen[name] else None
        if trial is not None:
            trials[output] = trial
    return trials


@dataclass(frozen=True, eq=False)
class _Seen:
    """What is known of a layer for one batch.

    Parameters
    ----------
    inputs : of the network.
    operands : what the layer takes on the chip.
    floats, chip : what it computes.
    """

    inputs: Mapping[str, tf.Tensor]
    operands: Sequence[Coded]
    floats: LayerTensors
    chip: QuantizedTensors


def _run(networks: Networks, names: Sequence[str], batch: Batch) -> Iterator[tuple[str, _Seen]]:
    network = networks.model.network
    inputs = networks.floats.tensors(batch)
    floats = networks.floats.forward(inputs, kept=names)
    needed = {source for name in names for source in network[name].inputs}
    chip = networks.quantized.forward(inputs, kept=needed.union(names))
    for name in names:
        if name in floats and name in chip:
            operands = parts_taken(network, network[name], chip)
            yield name, _Seen(inputs, operands, floats[name], chip[name])


def _trial(networks: Networks, name: str, output: str, seen: Sequence[_Seen]) -> TableTrial | None:
    """None where there is no way to the integers of the layer without its activation."""
    low, high = _range([each.floats for each in seen])
    try:
        linear = _Linear.of(networks, name, low, high)
    except DiagnosticError:
        return None
    before, after = _Readings(networks, output), _Readings(networks, output)
    for each in seen:
        hosted = linear.hosted(each)
        if hosted is None:
            return None
        before.add(each.floats, each.chip)
        after.add(each.floats, hosted)
    found = before.agreement, after.agreement
    if found[0] is None or found[1] is None:
        return None
    return TableTrial(name, float(low.min()), float(high.max()), found[0], found[1])


def _range(seen: Sequence[LayerTensors]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Smallest and largest pre-activation of every channel."""
    values = [reduced_statistics(each.preactivation) for each in seen]
    low = np.min([each["minimum"] for each in values], axis=0).astype(np.float64)
    high = np.max([each["maximum"] for each in values], axis=0).astype(np.float64)
    return low, high


@dataclass(frozen=True, eq=False)
class _Linear:
    """A layer with a linear output, and the function behind it."""

    networks: Networks
    name: str
    quantized: QuantizedEmulator

    @classmethod
    def of(
        cls, networks: Networks, name: str, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> _Linear:
        made = linear_output(networks.model, name, low, high)
        network = networks.model.network
        layers = [made.layer if layer.name == name else layer for layer in network]
        changed = Network(network.name, layers, output_order(network))
        coded = {**networks.stored, name: requantized_layer(made)}
        return cls(networks, name, QuantizedEmulator(networks.floats, changed, coded))

    def hosted(self, seen: _Seen) -> QuantizedTensors | None:
        """What the host makes of the linear output; None where the layer cannot be run."""
        layer = self.quantized.network[self.name]
        found = self.quantized.beside(layer, seen.operands, seen.inputs)
        if found is None:
            return None
        model = self.networks.model
        function = activation_for(
            model.float_network[self.name],
            model.float_parameters.layer(self.name),
            self.networks.settings.activation_parameters,
            lambda sentence: None,
        )
        values = Coded(function(found.output.values), None)
        return QuantizedTensors(values, (values,))


class _Readings:
    """What an output says, batch by batch."""

    def __init__(self, networks: Networks, output: str) -> None:
        self._output = output
        self._pass = AgreementPass(networks.model.network, networks.settings.judged)
        self._samples = 0

    def add(self, floats: LayerTensors, chip: QuantizedTensors) -> None:
        """Add a batch of what feeds the output."""
        reference = floats.output
        statistics = reduced_statistics(reference)
        energies = sample_noise(chip, reference, statistics)
        step = Step(self._output, floats, floats, chip)
        self._pass.add_output(step, statistics, energies, self._samples)
        self._pass.count()
        self._samples += len(energies["signal"])

    @property
    def agreement(self) -> OutputAgreement | None:
        """All of it; None where nothing could be compared."""
        return self._pass.measured(()).outputs.get(self._output)
