"""Stand-in for contract tests: the networks of an archive, run by this project's own engines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import tensorflow as tf

from tests.sdk_standin import faults
from utils.emulator.floats.engine import Change, FloatEmulator, LayerTensors
from utils.emulator.quantized.coded import Coded
from utils.emulator.quantized.quantized_run import QuantizedEmulator, QuantizedTensors
from utils.har.model import Model, load_model
from utils.har.network import Layer, Network
from utils.quantizer.integers import coded_layers

IS_STAND_IN = True


@dataclass(frozen=True)
class Computed:
    """What a network makes of one batch.

    Parameters
    ----------
    parts : what each successor of a layer receives, by layer.
    inner : the same as inner layers show it: codes where the fault wants them.
    preactivations : tensor before the activation, by layer; known of the float network only.
    """

    parts: Mapping[str, tuple[tf.Tensor, ...]]
    inner: Mapping[str, tuple[tf.Tensor, ...]]
    preactivations: Mapping[str, tf.Tensor]


class Runnable(Protocol):
    """A network that can be run.

    Attributes
    ----------
    network : the graph.
    kind : ``float`` or ``quantized``.
    """

    network: Network
    kind: str

    def run(self, inputs: Mapping[str, tf.Tensor]) -> Computed:
        """Everything that the network computes for a batch."""


class Networks:
    """Both networks of an archive; made when they are first asked for."""

    def __init__(self, path: str) -> None:
        self._path = path

    @cached_property
    def model(self) -> Model:
        return load_model(self._path)

    @cached_property
    def _engine(self) -> FloatEmulator:
        model = self.model
        return FloatEmulator(model.float_network, model.float_parameters)

    @cached_property
    def floats(self) -> FloatNetwork:
        return FloatNetwork(self._engine)

    @cached_property
    def quantized(self) -> QuantizedNetwork:
        model = self.model
        engine = QuantizedEmulator(self._engine, model.network, coded_layers(model))
        return QuantizedNetwork(engine)


class FloatNetwork:
    """The graph after model modification, in float32."""

    kind = "float"

    def __init__(self, engine: FloatEmulator) -> None:
        self.network = engine.network
        self._engine = engine

    def run(self, inputs: Mapping[str, tf.Tensor]) -> Computed:
        changes: dict[str, Change] = {
            layer.name: _altered for layer in self.network if _differs(layer, self.kind)
        }
        computed: dict[str, LayerTensors] = self._engine.forward(inputs, changes)
        _complain(self._engine.not_measured)
        parts = {name: tensors.parts for name, tensors in computed.items()}
        before = {name: tensors.preactivation for name, tensors in computed.items()}
        return Computed(parts, parts, before)


class QuantizedNetwork:
    """The quantized graph, in integers; what leaves it are real values."""

    kind = "quantized"

    def __init__(self, engine: QuantizedEmulator) -> None:
        self.network = engine.network
        self._engine = engine

    def run(self, inputs: Mapping[str, tf.Tensor]) -> Computed:
        computed = self._engine.forward(inputs)
        for layer in self.network:
            if _differs(layer, self.kind) and layer.name in computed:
                changed = {**computed, layer.name: self._recoded(layer, computed[layer.name])}
                computed = self._engine.forward(inputs, changed, layer.outputs)
        _complain(self._engine.not_measured)
        values = {name: tuple(p.values for p in t.parts) for name, t in computed.items()}
        codes = {name: tuple(p.in_float for p in t.parts) for name, t in computed.items()}
        return Computed(values, codes if faults.is_on("codes") else values, {})

    def _recoded(self, layer: Layer, tensors: QuantizedTensors) -> QuantizedTensors:
        highest = float(self._engine.coded_layers[layer.name].highest_code)

        def other(part: Coded) -> Coded:
            if part.encoding is None:
                return Coded(_altered(part.codes), None)
            return Coded(tf.abs(part.in_float - tf.round(highest / 8)), part.encoding)

        return replace(
            tensors, output=other(tensors.output), parts=tuple(map(other, tensors.parts))
        )


def _altered(values: tf.Tensor) -> tf.Tensor:
    return values * 1.25 + 0.125


def _differs(layer: Layer, kind: str) -> bool:
    names = ("differs_at", f"{kind}_differs_at")
    return any(faults.concerns(name, layer.name) for name in names)


def _complain(not_measured: Mapping[str, str]) -> None:
    if not_measured:
        reasons = "; ".join(not_measured.values())
        raise NotImplementedError(f"the stand-in's engine cannot run this network: {reasons}")


def as_tensors(network: Network, data: Any) -> dict[str, tf.Tensor]:
    """A batch by scoped input layer, from a mapping or from the tensor of the only input.

    Raises
    ------
    ValueError : the batch does not fit the network.
    """
    names = [layer.name for layer in network.input_layers]
    if not isinstance(data, Mapping):
        if len(names) != 1:
            raise ValueError(f"a network with {len(names)} inputs takes a dictionary of them")
        data = {names[0]: data}
    if sorted(data) != sorted(names):
        raise ValueError(f"inputs are {sorted(names)}, and the batch holds {sorted(data)}")
    tensors = {name: tf.cast(data[name], tf.float32) for name in names}
    for name, tensor in tensors.items():
        expected = network[name].output_shape
        if tuple(tensor.shape[1:]) != expected:
            raise ValueError(f"{name} takes samples of shape {expected}, not {tensor.shape[1:]}")
    return tensors
