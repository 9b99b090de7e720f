"""Which layers can run at 16 bit, what else that takes, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

from utils.errors import ArchiveError
from utils.facts.chips import widest_mode
from utils.har.model import WEIGHT_TYPES
from utils.har.network import Layer, Network
from utils.har.quantization import PrecisionMode, parse_precision_mode
from utils.quantizer.precision_plan import code_sources, hands_codes_on


def sixteen_bit_mode(layer: Layer, target: str, current: PrecisionMode | None) -> str:
    """Precision mode that gives a layer 16 bit; "" if there is none, or it has it already.

    Parameters
    ----------
    target : the chip, as in an archive's metadata; "" where it is not known.
    current : the mode that the layer has.
    """
    mode = _accepted_mode(layer, target)
    wanted = parse_precision_mode(mode)
    if wanted is None or current is None:
        return mode
    already = current.input_bits >= wanted.input_bits and current.weight_bits >= wanted.weight_bits
    # The output's width follows from what comes next, unless it is all that a mode changes.
    if wanted.output_bits > wanted.input_bits:
        already = already and current.output_bits >= wanted.output_bits
    return "" if already else mode


def obstacle(layer: Layer, target: str) -> str:
    """Why a layer gets no mode from `sixteen_bit_mode`, as a clause."""
    if hands_codes_on(layer):
        return f"{layer.type} layers hand on the codes that they receive"
    mode = _accepted_mode(layer, target)
    chip = target or "an unknown chip"
    if mode:
        return f"the archive has all that {layer.type} layers accept on {chip} already ({mode})"
    return (
        f"{layer.type} layers are kept at 8 bit on {chip}, where 16-bit attention is reported to "
        "crash the compiler's allocator"
    )


def _accepted_mode(layer: Layer, target: str) -> str:
    return "" if hands_codes_on(layer) else widest_mode(layer.type, target)


def closed_modes(
    network: Network,
    layers: Collection[str],
    target: str,
    current: Callable[[str], PrecisionMode | None],
) -> dict[str, str]:
    """Precision modes that a script has to set so that layers run at 16 bit.

    What a 16-bit layer reads has to leave its producers at 16 bit, found by walking back over
    all layers that hand codes on: each of them that writes 8 bit keeps its weights and gets a
    16-bit output, ``a8_w8_a16``. The compiler itself changes the width behind inputs, and where
    8 bit follow 16.

    Parameters
    ----------
    layers : names of the layers, with or without scope. Those for which chip and type accept no
        more bits than they have get no line.
    target : the chip.
    current : the mode that a layer has, by scoped name.

    Returns
    -------
    Mode by scoped name, in the order of the graph.

    Raises
    ------
    ArchiveError : a layer does not exist.
    """
    modes: dict[str, str] = {}
    for name in layers:
        scoped = network.resolve(name)
        if scoped is None:
            raise ArchiveError(f"layer {name!r} is to run at 16 bit, but does not exist")
        mode = sixteen_bit_mode(network[scoped], target, current(scoped))
        if mode:
            modes[scoped] = mode
    for name in tuple(modes):
        if _reads_16_bit(modes[name]):
            for source in code_sources(network, network[name]):
                mode = _with_16_bit_output(source, modes.get(source.name), current(source.name))
                if mode:
                    modes[source.name] = mode
    return {layer.name: modes[layer.name] for layer in network if layer.name in modes}


def _reads_16_bit(mode: str) -> bool:
    parsed = parse_precision_mode(mode)
    return parsed is not None and parsed.input_bits == 16


def _with_16_bit_output(source: Layer, chosen: str | None, current: PrecisionMode | None) -> str:
    """Mode in which a source writes 16 bit; "" if it does, or cannot be told to."""
    mode = parse_precision_mode(chosen) if chosen else current
    if source.type == "input_layer" or (mode is not None and mode.output_bits == 16):
        return ""
    inputs, weights = (mode.input_bits, mode.weight_bits) if mode else (8, 8)
    return f"a{inputs}_w{weights}_a16"


def cost(
    network: Network, modes: Mapping[str, str], weight_count: Callable[[Layer], int]
) -> tuple[float, float]:
    """Share of the network's weights, and of its multiply-accumulates, that get 16 bit.

    A producer that only writes 16 bit costs neither.

    Parameters
    ----------
    modes : the modes that change, by layer name with or without scope.
    weight_count : number of weights of a layer.

    Returns
    -------
    Share of the weights stored with 16 bit, share of the products of 16-bit inputs; 0 to 1.
    """
    parsed = {network.resolve(name): parse_precision_mode(mode) for name, mode in modes.items()}
    weights, products = [0, 0], [0, 0]
    for layer in network:
        mode, count, work = parsed.get(layer.name), weight_count(layer), macs(layer)
        weights[1] += count
        products[1] += work
        if mode is not None:
            weights[0] += count if mode.weight_bits == 16 else 0
            products[0] += work if mode.input_bits == 16 else 0
    return weights[0] / max(weights[1], 1), products[0] / max(products[1], 1)


def macs(layer: Layer) -> int:
    """Multiply-accumulates of a layer for one sample; 0 for layers that do none.

    Those of conv, dw, deconv, dense and matmul are counted, from the shapes.
    """
    if not layer.inputs or not layer.input_shapes or layer.type not in (*WEIGHT_TYPES, "matmul"):
        return 0
    entering, leaving = layer.input_shapes[0], layer.output_shape
    if layer.type == "dense":
        return math.prod(entering) * leaving[2]
    groups = _positive(layer.params.get("groups", 1))
    if layer.type == "matmul":
        return math.prod(leaving) * (entering[2] // groups)
    window = math.prod(map(_positive, _kernel_window(layer)))
    if layer.type == "dw":
        return math.prod(leaving) * window
    if layer.type == "deconv":
        return math.prod(entering) * window * (leaving[2] // groups)
    return math.prod(leaving) * window * (entering[2] // groups)


def _kernel_window(layer: Layer) -> list[Any]:
    shape = layer.params.get("kernel_shape")
    return shape[:2] if isinstance(shape, list) and len(shape) == 4 else [1, 1]


def _positive(value: Any) -> int:
    return value if type(value) is int and value > 0 else 1
