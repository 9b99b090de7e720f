"""Stand-in for contract tests: layers of the inner Keras model, with their operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.sdk_standin import faults
from tests.sdk_standin.flavours import Flavour
from utils.har.network import Layer

IS_STAND_IN = True
# Operations before the activation, by layer type; as the groups of an optimizer's parameters.
_OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "conv": ("conv_op", "bias_add_op"),
    "dw": ("conv_op", "bias_add_op"),
    "deconv": ("conv_op", "bias_add_op"),
    "dense": ("flatten_op", "conv_op", "bias_add_op"),
    "normalization": ("normalization_op", "bias_add_op"),
    "activation": ("passthru_op", "bias_add_op"),
    "input_layer": ("output_op",),
    "output_layer": ("input_op",),
}
_WEIGHTED = ("conv", "dw", "deconv", "dense")
_SPLITTERS = "feature_splitter spatial_splitter width_splitter row_splitter shape_splitter".split()


class AtomicOperation:
    """One operation inside a layer."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.bit_exact = False


class LayerFlow:
    """The operations of a layer, one behind the other."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = list(names)

    def predecessors_sorted(self, name: str) -> list[str]:
        position = self._names.index(name)
        return self._names[max(position - 1, 0) : position]


class KerasLayer:
    """What every layer of the inner model has."""

    def __init__(self, layer: Layer, flavour: Flavour) -> None:
        has_activation = _has_activation(layer, flavour)
        names = _operations(layer, has_activation)
        self.name = self.full_name = layer.name
        self.num_inputs = len(layer.inputs)
        self.num_outputs = _output_count(layer, flavour)
        self.atomic_ops = [AtomicOperation(name) for name in names]
        self._activation = f"{layer.name}/act_op" if has_activation else None
        self._operations = names
        self._debug_mode = False
        if not faults.is_on("no_intermediate_results"):
            self.intermidiate_results: dict[str, Any] = {}
        if not faults.is_on("no_layer_flow"):
            self._layer_flow = LayerFlow(names)

    def keep(self, output: Any, preactivation: Any) -> None:
        """Remember what the operations computed, if anybody asked for it."""
        if not self._debug_mode or faults.is_on("no_debug_mode"):
            return
        if faults.is_on("no_intermediate_results"):
            return
        found = {self._operations[-1]: output}
        if self._activation is not None:
            found[self._activation] = output
            if preactivation is not None:
                before = self._operations[self._operations.index(self._activation) - 1]
                found[before] = preactivation
        self.intermidiate_results = found


class BaseHailoLayer(KerasLayer):
    """A layer that computes something."""

    def __init__(self, layer: Layer, flavour: Flavour) -> None:
        super().__init__(layer, flavour)
        operations = {operation.name: operation for operation in self.atomic_ops}
        if self._activation is not None:
            self.activation_atomic_op: Any = operations[self._activation]
        elif not flavour.bare_layers:
            self.activation_atomic_op = None


class BaseHailoConv(BaseHailoLayer):
    """A layer with weights."""


def keras_layer(layer: Layer, flavour: Flavour) -> KerasLayer:
    """The inner model's layer for a layer of the graph."""
    if layer.type in ("input_layer", "output_layer"):
        return KerasLayer(layer, flavour)
    kind = BaseHailoConv if layer.type in _WEIGHTED else BaseHailoLayer
    return kind(layer, flavour)


def _has_activation(layer: Layer, flavour: Flavour) -> bool:
    if layer.type in _WEIGHTED or layer.type == "activation":
        return flavour.linear_has_activation or layer.activation != "linear"
    return layer.activation != "linear"


def _operations(layer: Layer, has_activation: bool) -> list[str]:
    names = [*_OPERATIONS.get(layer.type, (f"{layer.type}_op",))]
    if layer.params.get("elementwise_add"):
        names.insert(names.index("bias_add_op"), "elementwise_add_op")
    if has_activation:
        names.append("act_op")
    if layer.type not in ("input_layer", "output_layer"):
        names.append("output_op")
    return [f"{layer.name}/{name}" for name in names]


def _output_count(layer: Layer, flavour: Flavour) -> int:
    if flavour.one_output_per_successor or layer.type in _SPLITTERS:
        return max(len(layer.outputs), 1)
    return 1
