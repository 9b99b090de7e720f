"""The float engine: a network as compiled TensorFlow functions, layer by layer.

A layer that cannot be emulated stops the emulation there: it and what depends on it are listed
with the reason, everything else runs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.dataset.calibration_set import Batch
from utils.emulator.floats.assumptions import assumptions_of
from utils.emulator.floats.inputs import input_tensors
from utils.emulator.floats.layer_function import LayerFunction, LayerFunctions
from utils.emulator.floats.lifetimes import last_readers
from utils.emulator.floats.operands import parts_taken
from utils.emulator.operations.activations import activation_for
from utils.emulator.operations.registry import operation_for
from utils.errors import DiagnosticError, UnsupportedLayerError
from utils.har.network import Layer, Network, Shape

Change = Callable[[tf.Tensor], tf.Tensor]
FloatArray = NDArray[np.float32]
_Tensor = TypeVar("_Tensor")  # a tensor, or what is known of it before it is there


class ParameterSource(Protocol):
    """Where the float arrays of the layers come from, e.g. `utils.har.parameters.Parameters`."""

    def layer(self, name: str) -> Mapping[str, NDArray[Any]]:
        """Arrays of one layer by key without tensor index, e.g. ``kernel``."""


@dataclass(frozen=True, eq=False)
class LayerTensors:
    """What a layer computes, as tensors (batch, height, width, channels).

    Parameters
    ----------
    preactivation : before the activation; the very tensor `output` if the activation is linear;
        None where whoever runs the network hides it.
    output : what leaves the layer; of a splitter, what enters it.
    parts : what each successor receives, in their order.
    """

    preactivation: tf.Tensor | None
    output: tf.Tensor
    parts: tuple[tf.Tensor, ...]

    def changed(self, change: Change) -> LayerTensors:
        """The same with another output; not for splitters, whose parts differ."""
        output = change(self.output)
        return LayerTensors(self.preactivation, output, (output,) * len(self.parts))


class FloatEmulator:
    """Runs the float network of an archive; what it cannot run is known after construction.

    Attributes
    ----------
    network : the network as given.
    layers : the layers that are emulated, in topological order.
    not_measured : reason by name, for all other layers.
    preactivation_not_measured : reason by name; empty, as this engine hides nothing.
    input_shapes : (height, width, channels) by name of each input layer that is emulated.
    functions : of all layers, also for those who run them otherwise.
    """

    def __init__(
        self,
        network: Network,
        parameters: ParameterSource,
        activation_parameters: Mapping[str, float] | None = None,
    ) -> None:
        """Infer all shapes and find out what can be emulated; no data are needed.

        Parameters
        ----------
        parameters : float weights of `network`.
        activation_parameters : numbers of activations that the archive does not hold, by name.
        """
        self.network = network
        self.not_measured: dict[str, str] = {}
        self.preactivation_not_measured: dict[str, str] = {}
        self._parameters = parameters
        self._supplied = dict(activation_parameters or {})
        self._assumed: dict[str, None] = {}  # a set that keeps its order
        self._causes: dict[str, str] = {}
        self.functions = LayerFunctions()
        shapes = {name: layer.output_shape for name, layer in self._inputs_with_shapes().items()}
        self._probe({n: tf.TensorSpec([None, *shape]) for n, shape in shapes.items()})
        self.layers = tuple(layer for layer in network if layer.name not in self.not_measured)
        self.input_shapes: dict[str, Shape] = {
            layer.name: shapes[layer.name] for layer in self.layers if layer.name in shapes
        }

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Sentences on what had to be assumed about the emulated layers, each once."""
        return tuple(self._assumed)

    def forward(
        self,
        inputs: Mapping[str, tf.Tensor],
        changes: Mapping[str, Change] | None = None,
        unchanged: Mapping[str, LayerTensors] | None = None,
        kept: Collection[str] | None = None,
    ) -> dict[str, LayerTensors]:
        """Tensors of every emulated layer.

        Parameters
        ----------
        inputs : float32 tensor (batch, height, width, channels) by name of the input layer.
        changes : what to make of a layer's output before its successors take it, by name.
        unchanged : tensors without any change; layers that no change reaches are taken from there.
        kept : layers whose tensors are wanted, by default all; others are freed on the way.
        """
        changes, unchanged = changes or {}, unchanged or {}
        freed = {} if kept is None else last_readers(self.network, self.layers, kept)
        computed: dict[str, LayerTensors] = {}
        reached: set[str] = set()
        for layer in self.layers:
            if layer.name in changes or not reached.isdisjoint(layer.inputs):
                reached.add(layer.name)
            elif layer.name in unchanged:
                computed[layer.name] = unchanged[layer.name]
                continue
            tensors = self.evaluated(layer, inputs, computed)
            change = changes.get(layer.name)
            computed[layer.name] = tensors if change is None else tensors.changed(change)
            for name in freed.get(layer.name, ()):
                del computed[name]
        return computed

    def tensors(self, batch: Batch) -> dict[str, tf.Tensor]:
        """A batch as float32 tensors; see `input_tensors`."""
        return input_tensors(batch, self.input_shapes)

    def run(self, batch: Batch, layers: Sequence[str] | None = None) -> dict[str, FloatArray]:
        """Outputs of layers for one batch.

        Parameters
        ----------
        batch : samples (n, height, width, channels) by name of the input layer, of any number
            type.
        layers : names of the layers wanted; by default the output layers that are emulated.

        Raises
        ------
        DiagnosticError : a layer that was asked for is not emulated.
        DatasetError : the batch does not fit the network.
        """
        if layers is None:
            outputs = (layer.name for layer in self.network.output_layers)
            layers = [name for name in outputs if name not in self.not_measured]
        wanted = tuple(layers)
        for name in wanted:
            if name not in self.network:
                raise DiagnosticError(f"the network has no layer {name}")
            if name in self.not_measured:
                raise DiagnosticError(f"{name} cannot be run: {self.not_measured[name]}")
        computed = self.forward(self.tensors(batch), kept=wanted)
        return {name: computed[name].output.numpy() for name in wanted}

    def _inputs_with_shapes(self) -> dict[str, Layer]:
        inputs = {}
        for layer in self.network.input_layers:
            if layer.output_shapes or layer.input_shapes:
                inputs[layer.name] = layer
            else:
                self._stop(layer, "the graph records no shape for it")
        return inputs

    def _probe(self, inputs: Mapping[str, tf.TensorSpec]) -> None:
        """Compile every layer, which shows whether it can be run, and what shape it has."""
        computed: dict[str, LayerTensors] = {}
        for layer in self.network:
            cause = next((self._causes[n] for n in layer.inputs if n in self._causes), None)
            if cause is not None:
                self._causes[layer.name] = cause
                self.not_measured[layer.name] = f"depends on {cause}: {self.not_measured[cause]}"
            elif layer.name not in self._causes:
                self._attempt(layer, inputs, computed)

    def _attempt(
        self, layer: Layer, inputs: Mapping[str, tf.TensorSpec], computed: dict[str, LayerTensors]
    ) -> None:
        assumed = dict(self._assumed)
        try:
            if layer.name in inputs:
                computed[layer.name] = _unactivated(layer, inputs[layer.name])
            else:
                operands = self._operands(layer, inputs, computed)
                computed[layer.name] = _layer_tensors(self._function(layer, operands).specs)
        except UnsupportedLayerError as error:
            self._assumed = assumed
            self._stop(layer, str(error))

    def _stop(self, layer: Layer, reason: str) -> None:
        self._causes[layer.name] = layer.name
        self.not_measured[layer.name] = reason

    def evaluated(
        self, layer: Layer, inputs: Mapping[str, tf.Tensor], computed: Mapping[str, LayerTensors]
    ) -> LayerTensors:
        """What a layer makes of what was computed before it."""
        if layer.name in inputs:
            return _unactivated(layer, inputs[layer.name])
        return self.applied(layer, parts_taken(self.network, layer, computed), inputs)

    def _operands(
        self, layer: Layer, inputs: Mapping[str, _Tensor], computed: Mapping[str, LayerTensors]
    ) -> list[_Tensor]:
        taken = parts_taken(self.network, layer, computed)
        return taken or _any_input(layer, inputs)

    def applied(
        self, layer: Layer, operands: Sequence[tf.Tensor], inputs: Mapping[str, tf.Tensor]
    ) -> LayerTensors:
        """What a layer makes of its operands.

        Parameters
        ----------
        inputs : of the network; they say how many samples there are.

        Raises
        ------
        UnsupportedLayerError : the layer cannot be emulated.
        """
        operands = operands or _any_input(layer, inputs)
        if not tf.executing_eagerly():  # inside of another function, which is compiled as a whole
            return _layer_tensors(self._results(layer, operands))
        return _layer_tensors(self._function(layer, operands)(operands))

    def _function(self, layer: Layer, operands: Sequence[tf.Tensor]) -> LayerFunction:
        def compute(tensors: Sequence[tf.Tensor]) -> tuple[list[tf.Tensor], None]:
            return self._results(layer, tensors), None

        return self.functions.of((layer,), compute, operands)

    def _results(self, layer: Layer, operands: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Before the activation, behind it, and the parts that the successors receive."""
        parameters = self._parameters.layer(layer.name)
        is_constant = not layer.inputs
        result = operation_for(layer)(layer, parameters, () if is_constant else operands)
        for sentence in assumptions_of(layer, parameters):
            self._assume(sentence)
        activate = activation_for(layer, parameters, self._supplied, self._assume)
        if isinstance(result, tuple):
            return [operands[0], operands[0], *(activate(part) for part in result)]
        if is_constant:
            result = _for_every_sample(result, operands[0])
        output = activate(result)
        return [result, output, *(output,) * max(len(layer.outputs), 1)]

    def _assume(self, sentence: str) -> None:
        self._assumed[sentence] = None


def _unactivated(layer: Layer, tensor: tf.Tensor) -> LayerTensors:
    return LayerTensors(tensor, tensor, (tensor,) * max(len(layer.outputs), 1))


def _layer_tensors(results: Sequence[Any]) -> LayerTensors:
    preactivation, output, *parts = results
    return LayerTensors(preactivation, output, tuple(parts))


def _any_input(layer: Layer, inputs: Mapping[str, _Tensor]) -> list[_Tensor]:
    """What a constant is given as its operand: it has to know the number of samples."""
    if not inputs:
        raise UnsupportedLayerError(f"{layer.name} is constant, and there is no input beside it")
    return [next(iter(inputs.values()))]


def _for_every_sample(constant: tf.Tensor, samples: tf.Tensor) -> tf.Tensor:
    shape = constant.shape[1:]
    repeated = tf.broadcast_to(constant, [tf.shape(samples)[0], *shape])
    return tf.ensure_shape(repeated, [None, *shape])
