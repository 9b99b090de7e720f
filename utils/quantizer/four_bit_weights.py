"""Layers whose weights have 4 bit: which they are, and what gives them 8."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from utils.har.model import WEIGHT_TYPES
from utils.har.network import Network
from utils.har.quantization import PrecisionMode

FOUR_BITS = 4  # of a weight; the compiler compresses to no other width
# What they all add to the noise of an output, from which on their weights are to blame.
LEAST_SHARE = 0.1
# Of the mean of those that are to blame: what adds less may keep its 4 bit.
LEAST_OF_MEAN = 0.1
# Of the power of the noise that 4-bit weights add, 8-bit weights leave this.
LEFT_AT_8_BIT = 1 / 256


def four_bit_layers(
    network: Network, current: Callable[[str], PrecisionMode | None]
) -> dict[str, PrecisionMode]:
    """Modes of the layers with 4-bit weights, by name, in the order of the graph.

    Parameters
    ----------
    current : the mode that a layer has, by scoped name.
    """
    modes = {layer.name: current(layer.name) for layer in network if layer.type in WEIGHT_TYPES}
    return {n: mode for n, mode in modes.items() if mode is not None and _has_4_bit(mode)}


def _has_4_bit(mode: PrecisionMode) -> bool:
    return mode.weight_bits == FOUR_BITS


def with_eight_bit_weights(mode: PrecisionMode) -> str:
    """The same mode with 8-bit weights: only these change their width."""
    output = f"_a{mode.output_bits}" if mode.output_bits != mode.input_bits else ""
    return f"a{mode.input_bits}_w8{output}"


def eight_bit_modes(
    compressed: Mapping[str, PrecisionMode], shares: Iterable[Mapping[str, float]]
) -> dict[str, str]:
    """Modes with 8-bit weights for the layers whose 4 bit make a share of the noise.

    Parameters
    ----------
    compressed : modes of the layers with 4-bit weights.
    shares : for every output, what each layer adds to the noise there, 0 to 1.
    """
    to_blame: set[str] = set()
    for of_output in shares:
        own = {name: of_output.get(name, 0.0) for name in compressed}
        total = sum(own.values())
        if total >= LEAST_SHARE:
            least = LEAST_OF_MEAN * total / len(own)
            to_blame.update(name for name, share in own.items() if share >= least)
    return {n: with_eight_bit_weights(mode) for n, mode in compressed.items() if n in to_blame}
