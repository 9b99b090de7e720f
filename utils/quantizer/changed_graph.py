"""The quantized graph of an archive with other precision modes for some of its layers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from utils.errors import ArchiveError
from utils.har.network import Layer, Network
from utils.har.quantization import HIGHEST_CODE, PrecisionMode, parse_precision_mode
from utils.quantizer.float_layers import precision_mode
from utils.quantizer.precision_plan import (
    MULTIPLYING_TYPES,
    bias_mode,
    hands_codes_on,
    output_order,
    quantized_graph,
    shape_for,
)
from utils.quantizer.requantize import WEIGHT_CODES

DEFAULT_MODE = "a8_w8_a8"
_PRECISION_CHANGE = re.compile(r"precision_change\d+")


def is_known(mode: PrecisionMode | None) -> bool:
    """Whether a mode names widths that the arithmetic is known for."""
    if mode is None or not {mode.input_bits, mode.output_bits} <= HIGHEST_CODE.keys():
        return False
    return mode.weight_bits in (*WEIGHT_CODES, 16)


def same_mode(layer: Layer, one: PrecisionMode, other: PrecisionMode) -> bool:
    """Whether two modes are the same to a layer; weight bits count where there are weights."""
    if (one.input_bits, one.output_bits) != (other.input_bits, other.output_bits):
        return False
    if layer.type not in MULTIPLYING_TYPES:
        return True
    return same_weights(one, other)


def same_weights(one: PrecisionMode, other: PrecisionMode) -> bool:
    """Whether two modes code weights alike."""
    return (one.weight_bits, one.variant) == (other.weight_bits, other.variant)


def completed_modes(network: Network) -> Network:
    """The graph with the default mode where a layer records none that is known."""
    return Network(
        network.name,
        [_with_known_mode(layer) for layer in network],
        output_order(network),
    )


def _with_known_mode(layer: Layer) -> Layer:
    params = layer.quantization_params
    text = params.get("precision_mode")
    mode = parse_precision_mode(text) if isinstance(text, str) else None
    if mode is None or not is_known(mode):
        params = {**params, "precision_mode": DEFAULT_MODE}
        mode = None
    if not isinstance(params.get("bias_mode"), str):
        params = {**params, "bias_mode": bias_mode(layer, mode.input_bits if mode else 8)}
    return replace(layer, quantization_params=params)


def changed_graph(network: Network, modes: Mapping[str, str]) -> Network:
    """The graph in which some layers have other precision modes.

    Parameters
    ----------
    network : a quantized graph in which every layer has a mode.
    modes : the changes, by layer name with or without scope.

    Raises
    ------
    ArchiveError : an unknown layer, or a mode whose arithmetic is not known.
    """
    plain = _without_precision_changes(network)
    requested = {
        layer.name: precision_mode(layer).text for layer in plain if not hands_codes_on(layer)
    }
    for name, text in modes.items():
        if not is_known(parse_precision_mode(text)):
            raise ArchiveError(f"precision mode {text!r} for layer {name!r} is not known")
        requested[plain.resolve(name) or name] = text
    graph = quantized_graph(plain, requested)
    return Network(
        graph.name,
        [_kept_where_same(layer, network) for layer in graph],
        output_order(graph),
    )


def _kept_where_same(layer: Layer, network: Network) -> Layer:
    """The layer, with all that the archive says of its quantization if its mode is the same."""
    if layer.name not in network:
        return layer
    before = network[layer.name]
    if not same_mode(layer, precision_mode(layer), precision_mode(before)):
        return layer
    return replace(layer, quantization_params=before.quantization_params)


def _without_precision_changes(network: Network) -> Network:
    """The graph in which producers and consumers are connected directly again."""
    changes = {layer.name: layer for layer in network if is_precision_change(layer)}

    def producer(name: str) -> str:
        while name in changes:
            name = changes[name].inputs[0]
        return name

    layers = [
        _reconnected(layer, changes, tuple(map(producer, layer.inputs)))
        for layer in network
        if layer.name not in changes
    ]
    return Network(network.name, layers, tuple(map(producer, output_order(network))))


def is_precision_change(layer: Layer) -> bool:
    """Whether a layer was only inserted between two widths."""
    return (
        layer.type == "activation"
        and layer.is_pass_through
        and len(layer.inputs) == 1
        and _PRECISION_CHANGE.fullmatch(layer.base_name) is not None
    )


def _reconnected(layer: Layer, changes: Mapping[str, Layer], inputs: tuple[str, ...]) -> Layer:
    """The layer with its successors behind the changes; their shapes stay in step."""
    outputs, shapes = [], []
    for index, name in enumerate(layer.outputs):
        behind = _consumers(name, changes)
        outputs += behind
        shapes += [shape_for(layer, index)] * len(behind) if layer.output_shapes else []
    return replace(
        layer,
        inputs=inputs,
        outputs=tuple(outputs),
        output_shapes=tuple(shapes) or layer.output_shapes,
    )


def _consumers(name: str, changes: Mapping[str, Layer]) -> list[str]:
    found, pending = [], [name]
    while pending:
        current = pending.pop()
        if current in changes:
            pending += reversed(changes[current].outputs)
        else:
            found.append(current)
    return found
