"""From requested precision modes to the quantized graph.

Every layer gets a mode with three fields: bits in, weight bits, bits out. A producer writes
what its consumers read, also through layers that hand codes on and through concatenations;
where that is impossible (consumers that differ, an input in front of a 16-bit layer) a
``precision_change`` layer stands between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from utils.errors import ArchiveError
from utils.har.network import Layer, Network, Shape
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
        for name in dict.fromkeys(layer.outputs):
            if inputs[name] != outputs[layer.name]:
                change = _precision_change(layer, name, len(changes), inputs[name], outputs)
                renamed[layer.name, name] = change.name
                changes.append(change)
                layers.append(change)
    return Network(
        network.name,
        [_reconnected(layer, renamed) for layer in layers],
        output_order(network),
    )


def output_order(network: Network) -> tuple[str, ...]:
    """Names of the layers that feed the outputs, in output order."""
    return tuple(output.inputs[0] for output in network.output_layers if output.inputs)


def hands_codes_on(layer: Layer) -> bool:
    """Whether what leaves a layer has the width of what enters: it has no width of its own."""
    return layer.is_pass_through or layer.type == "concat"


def code_sources(network: Network, layer: Layer) -> tuple[Layer, ...]:
    """Layers whose codes reach the inputs of a layer, each once, in the order of the graph."""
    found = set()
    pending, seen = list(layer.inputs), set(layer.inputs)
    while pending:
        source = network[pending.pop()]
        if hands_codes_on(source) and source.inputs:
            pending += [name for name in source.inputs if name not in seen]
            seen.update(source.inputs)
        else:
            found.add(source.name)
    return tuple(layer for layer in network if layer.name in found)


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
        elif hands_codes_on(layer):
            widest = max((bits for bits in behind if bits), default=None)
            wanted[layer.name] = widest or _offered_bits(network, layer, requested)
        else:
            wanted[layer.name] = 8
    inputs: dict[str, int] = {}
    outputs: dict[str, int] = {}
    for layer in network:
        in_front = outputs[layer.inputs[0]] if layer.inputs else 8
        inputs[layer.name] = wanted[layer.name] or in_front
        outputs[layer.name] = _output_bits(layer, inputs[layer.name], wanted, requested)
    return inputs, outputs


def _offered_bits(
    network: Network, layer: Layer, requested: Mapping[str, PrecisionMode]
) -> int | None:
    """Bits of a concatenation that nothing behind it decides: 16 if all its sources have them."""
    if layer.type != "concat":
        return None
    sources = [source.name for source in code_sources(network, layer)]
    return min((requested[s].output_bits if s in requested else 8 for s in sources), default=None)


def _output_bits(
    layer: Layer,
    input_bits: int,
    wanted: Mapping[str, int | None],
    requested: Mapping[str, PrecisionMode],
) -> int:
    if hands_codes_on(layer):
        return input_bits
    behind = {bits for name in layer.outputs if (bits := wanted[name])}
    own = requested[layer.name].output_bits if layer.name in requested else input_bits
    if layer.type == "input_layer":
        # Data enter at 8 bit unless the input itself is asked for more.
        return own if own in behind else 8
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
            f"a{input_bits}_w{weight_bits}{variant}_a{output_bits}", bias_mode(layer, input_bits)
        ),
    )


def bias_mode(layer: Layer, input_bits: int) -> str:
    """How a layer stores its bias."""
    if layer.type in MULTIPLYING_TYPES and input_bits == 8:
        return "double_scale_initialization"
    return "single_scale_decomposition"


def _quantization_params(mode: str, bias: str) -> dict[str, object]:
    return {
        "quantization_groups": 1,
        "quantization_weight_groups": 1,
        "precision_mode": mode,
        "bias_mode": bias,
        "signed_output": False,
    }


def shape_for(layer: Layer, successor: int) -> Shape:
    """Shape of what a layer hands to one of its successors."""
    shapes = layer.output_shapes
    return shapes[successor] if len(shapes) == len(layer.outputs) else layer.output_shape


def _precision_change(
    producer: Layer, consumer: str, number: int, bits: int, outputs: Mapping[str, int]
) -> Layer:
    shape = shape_for(producer, producer.outputs.index(consumer))
    scope = producer.name.rpartition("/")[0]
    name = f"precision_change{number}"
    times = producer.outputs.count(consumer)
    return Layer(
        name=f"{scope}/{name}" if scope else name,
        type="activation",
        inputs=(producer.name,),
        outputs=(consumer,) * times,
        input_shapes=(shape,),
        output_shapes=(shape,) * times,
        params={"activation": "linear"},
        quantization_params=_quantization_params(
            f"a{outputs[producer.name]}_w8_a{bits}", "single_scale_decomposition"
        ),
    )


def _reconnected(layer: Layer, renamed: Mapping[tuple[str, str], str]) -> Layer:
    return replace(
        layer,
        inputs=tuple(renamed.get((name, layer.name), name) for name in layer.inputs),
        outputs=tuple(renamed.get((layer.name, name), name) for name in layer.outputs),
    )
