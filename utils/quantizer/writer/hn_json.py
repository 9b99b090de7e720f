"""HN graphs as JSON text, the counterpart of network_from_hn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from utils.har.network import Layer, Network, Shape

_PORT = {"transposed": False, "engine": "nn_core", "io_type": "standard"}


def hn_text(network: Network, scope: str) -> str:
    """The graph as an HN member holds it: objects indented, lists on one line.

    Parameters
    ----------
    scope : name of the network, the scope of its layers.
    """
    document = {
        "name": scope,
        "net_params": {
            "version": "1.0",
            "stage": "HN",
            "clusters_placement": [[]],
            "clusters_to_skip": [],
            "output_layers_order": [layer.inputs[0] for layer in network.output_layers],
            "is_transformer": False,
            "transposed_net": False,
            "net_scopes": [scope],
            "lora_adapters": [],
        },
        "layers": {layer.name: _layer(layer) for layer in network},
    }
    return _indented(document, "")


def _layer(layer: Layer) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "type": layer.type,
        "input": list(layer.inputs),
        "output": list(layer.outputs),
        "input_shapes": [_shape(shape) for shape in layer.input_shapes],
        "output_shapes": [_shape(shape) for shape in layer.output_shapes],
    }
    if layer.original_names:
        entry["original_names"] = list(layer.original_names)
    entry["compilation_params"] = {}
    entry["quantization_params"] = dict(layer.quantization_params)
    if layer.type in ("input_layer", "output_layer"):
        return {**entry, **_PORT}
    return {**entry, "params": dict(layer.params)}


def _shape(shape: Shape) -> list[int]:
    return [-1, *shape]


def _indented(value: Any, margin: str) -> str:
    if not isinstance(value, Mapping):
        return json.dumps(value)
    if not value:
        return "{}"
    inner = margin + "    "
    lines = [f"{inner}{json.dumps(key)}: {_indented(v, inner)}" for key, v in value.items()]
    return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
