"""From requested precision modes to the quantized graph.

Every layer gets a mode with three fields: bits in, weight bits, bits out. A producer writes
what its consumers read; where that is impossible (an input layer in front of a 16-bit layer,
consumers that differ) a ``precision_change`` layer stands between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from utils.errors import ArchiveError
from utils.har.network import Layer, Network
from utils.har.quantization import PrecisionMode, parse_precision_mode

# Layers that multiply by stored weights channel by channel or across channels.
MULTIPLYING_TYPES = ("conv", "dw", "deconv", "dense", "normalization")


def quantized_graph(network: Network, modes: Mapping[str, str]) -> Network:
    """The graph with a precision mode and a bias mode for every layer.

    Parameters
    ----------
    network : the float graph.
    modes : mode by layer name, with or without scope, of two or three fields; the third is
        only a wish: consumers decide. Layers that are not named run at 8 bit.

    Raises
    ------
    ArchiveError : an unknown layer or a mode that names no bit widths.
    """
    requested = _requested(network, modes)
    inputs, outputs = _bits(network, requested)
    layers: list[Layer] = []
    changes: list[Layer] = []
    renamed: dict[tuple[str, str], str] = {}
    for layer in network:
        layers.append(_with_mode(layer, requested, inputs[layer.name], outputs[layer.name]))
        for name in layer.outputs:
            if inputs[name] != outputs[layer.name]:
                change = _precision_change(layer, name, len(changes), inputs[name], outputs)
                renamed[layer.name, name] = change.name
                changes.append(change)
                layers.append(change)
    return Network(
        network.name,
        [_reconnected(layer, renamed) for layer in layers],
        tuple(output.inputs[0] for output in network.output_layers),
    )


def _requested(network: Network, modes: Mapping[str, str]) -> dict[str, PrecisionMode]:
    requested = {}
    for name, text in modes.items():
        layer, mode = network.resolve(name), parse_precision_mode(text)
        if layer is None or mode is None:
            raise ArchiveError(f"precision mode {text!r} for layer {name!r}: unknown layer or mode")
        requested[layer] = mode
    return requested


def _bits(
    network: Network, requested: Mapping[str, PrecisionMode]
) -> tuple[dict[str, int], dict[str, int]]:
    """Bits that every layer reads and writes."""
    wanted: dict[str, int | None] = {}
    for layer in reversed(list(network)):
        behind = {wanted[name] for name in layer.outputs} - {None}
        if layer.name in requested:
            wanted[layer.name] = requested[layer.name].input_bits
        elif layer.is_pass_through:
            wanted[layer.name] = max((bits for bits in behind if bits), default=None)
        else:
            wanted[layer.name] = 8
    inputs: dict[str, int] = {}
    outputs: dict[str, int] = {}
    for layer in network:
        in_front = outputs[layer.inputs[0]] if layer.inputs else 8
        inputs[layer.name] = wanted[layer.name] or in_front
        outputs[layer.name] = _output_bits(layer, inputs[layer.name], wanted, requested)
    return inputs, outputs


def _output_bits(
    layer: Layer,
    input_bits: int,
    wanted: Mapping[str, int | None],
    requested: Mapping[str, PrecisionMode],
) -> int:
    if layer.type == "input_layer":
        return 8
    if layer.is_pass_through:
        return input_bits
    behind = {bits for name in layer.outputs if (bits := wanted[name])}
    own = requested[layer.name].output_bits if layer.name in requested else input_bits
    return own if own in behind or not behind else max(behind)


def _with_mode(
    layer: Layer, requested: Mapping[str, PrecisionMode], input_bits: int, output_bits: int
) -> Layer:
    mode = requested.get(layer.name)
    weight_bits = mode.weight_bits if mode else input_bits
    variant = f"_{mode.variant}" if mode and mode.variant else ""
    return replace(
        layer,
        quantization_params=_quantization_params(
            f"a{input_bits}_w{weight_bits}{variant}_a{output_bits}",
            double_scale=layer.type in MULTIPLYING_TYPES and input_bits == 8,
        ),
    )


def _quantization_params(mode: str, double_scale: bool) -> dict[str, object]:
    bias_mode = "double_scale_initialization" if double_scale else "single_scale_decomposition"
    return {
        "quantization_groups": 1,
        "quantization_weight_groups": 1,
        "precision_mode": mode,
        "bias_mode": bias_mode,
        "signed_output": False,
    }


def _precision_change(
    producer: Layer, consumer: str, number: int, bits: int, outputs: Mapping[str, int]
) -> Layer:
    shape = producer.output_shapes[producer.outputs.index(consumer)]
    scope = producer.name.rpartition("/")[0]
    name = f"precision_change{number}"
    return Layer(
        name=f"{scope}/{name}" if scope else name,
        type="activation",
        inputs=(producer.name,),
        outputs=(consumer,),
        input_shapes=(shape,),
        output_shapes=(shape,),
        params={"activation": "linear"},
        quantization_params=_quantization_params(
            f"a{outputs[producer.name]}_w8_a{bits}", double_scale=False
        ),
    )


def _reconnected(layer: Layer, renamed: Mapping[tuple[str, str], str]) -> Layer:
    return replace(
        layer,
        inputs=tuple(renamed.get((name, layer.name), name) for name in layer.inputs),
        outputs=tuple(renamed.get((layer.name, name), name) for name in layer.outputs),
    )
