"""How much work a part of a network is, so that measurements can be given a share of it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from utils.har.network import Layer, Network
from utils.quantizer.integers import CodedLayer
from utils.quantizer.sixteen_bit import macs

# What an output value costs beside its products: it is activated, coded, written and read.
PER_VALUE = 10
# What it costs to see what an output value decides, in float and on the chip.
JUDGING = 400
# What integers cost where the float network costs 1; sums behind 16-bit inputs are doubles.
AS_INTEGERS, AS_DOUBLES = 1.0, 5.0


def work_of(layer: Layer) -> float:
    """Work of a layer for one sample, in multiply-accumulates."""
    values = sum(math.prod(shape) for shape in layer.output_shapes[:1])
    return macs(layer) + PER_VALUE * values


def work_behind(network: Network, names: Collection[str]) -> dict[str, float]:
    """Work of all layers that a change of one layer reaches, for one sample, by that layer."""
    order = list(network)
    work = {layer.name: work_of(layer) for layer in order}
    behind: dict[str, frozenset[str]] = {}
    for layer in reversed(order):
        reached: set[str] = set()
        for successor in network.successors(layer):
            reached |= {successor.name} | behind[successor.name]
        behind[layer.name] = frozenset(reached)
    return {name: sum(work[reached] for reached in behind[name]) for name in names}


def total_work(network: Network) -> float:
    """Work of a whole network for one sample."""
    return sum(work_of(layer) for layer in network)


def quantized_work(
    network: Network, coded_layers: Mapping[str, CodedLayer], names: Collection[str]
) -> float:
    """Work of some layers of a quantized network for one sample."""
    total = 0.0
    for name in names:
        integers = coded_layers[name].integers
        is_wide = integers is not None and integers.needs_double
        total += work_of(network[name]) * (AS_DOUBLES if is_wide else AS_INTEGERS)
    return total


def judging_work(network: Network) -> float:
    """Work of comparing all outputs with those of the float network, for one sample."""
    return JUDGING * sum(math.prod(layer.output_shape) for layer in network.output_layers)


def heaviest_first(shares: Mapping[str, float]) -> list[str]:
    """Names with the largest number first; what is no number comes before all others."""
    return sorted(shares, key=lambda name: -math.inf if math.isnan(shares[name]) else -shares[name])
