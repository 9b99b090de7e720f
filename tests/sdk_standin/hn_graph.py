"""Stand-in for contract tests: the graph of an archive as HailoNN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from tests.sdk_standin.definitions import Activations, LayerType, PrecisionMode
from utils.har.network import Layer, Network, network_from_hn

IS_STAND_IN = True


class HnLayer:
    """A layer with the attributes that public programs read."""

    def __init__(self, layer: Layer) -> None:
        self.name = layer.name
        self.scope, _, self.name_without_scope = layer.name.rpartition("/")
        self.op = LayerType(layer.type)
        self.activation = Activations(layer.activation)
        self.bn_enabled = bool(layer.params.get("batch_norm"))
        self.original_names = list(layer.original_names)
        self.input_shapes = [[-1, *shape] for shape in layer.input_shapes]
        self.output_shapes = [[-1, *shape] for shape in layer.output_shapes]
        self.output_shape = [-1, *layer.output_shape]
        mode = layer.quantization_params.get("precision_mode")
        self.precision_config = SimpleNamespace(
            precision_mode=PrecisionMode(mode) if isinstance(mode, str) else None
        )

    def _get_fused_model_script_layer_names(self) -> list[str]:
        return []


class HailoNN:
    """A graph of layers; the SDK's own is a networkx graph as well, which nobody needs here."""

    def __init__(self, hn: Mapping[str, Any]) -> None:
        self._hn = hn
        self._network: Network = network_from_hn(hn, "the graph")
        self._layers = {layer.name: HnLayer(layer) for layer in self._network}
        self.name = self._network.name
        self.net_params = SimpleNamespace(**hn.get("net_params", {}))

    def stable_toposort(self) -> Iterator[HnLayer]:
        return iter(self._layers.values())

    def get_layer_by_name(self, name: str) -> HnLayer:
        return self._layers[self._network.resolve(name) or name]

    def get_input_layers(self) -> list[HnLayer]:
        return [self._layers[layer.name] for layer in self._network.input_layers]

    def get_output_layers(self, remove_non_neural_core_layers: bool = True) -> list[HnLayer]:
        return [self._layers[layer.name] for layer in self._network.output_layers]

    def get_real_output_layer(self, output: HnLayer) -> Iterator[HnLayer]:
        return self.predecessors(output)

    def predecessors(self, layer: HnLayer) -> Iterator[HnLayer]:
        return (self._layers[name] for name in self._network[layer.name].inputs)

    def successors(self, layer: HnLayer) -> Iterator[HnLayer]:
        return (self._layers[name] for name in self._network[layer.name].outputs)

    def get_input_shapes(self, ignore_conversion: bool = False) -> list[list[int]]:
        return [layer.output_shape for layer in self.get_input_layers()]

    def is_transposed(self) -> bool:
        return bool(getattr(self.net_params, "transposed_net", False))

    def to_hn(self) -> Mapping[str, Any]:
        return self._hn

    def update_output_layers_order(self) -> None:
        """The order is the file's."""
