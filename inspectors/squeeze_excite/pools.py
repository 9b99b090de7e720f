"""Global average pools, what reads them, and how they can be split into two stages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from utils.har.network import Layer, Network

Pair = tuple[int, int]

GATE_ACTIVATIONS = frozenset({"sigmoid", "hardsigmoid", "hard_sigmoid"})
# What may stand between a pool and the gate: it computes one value per channel, or moves it.
EXCITE_TYPES = frozenset("conv dense activation normalization batch_norm ew_mult ew_add".split())
SPATIAL_AXES = {1, 2}  # height and width in (N, H, W, C)


@dataclass(frozen=True, eq=False)
class GlobalPool:
    """A mean over a whole map that weights read.

    Parameters
    ----------
    layer : the pool.
    size : (height, width) of the map.
    gated : the ew_mult layers by which a squeeze-and-excite block scales that very map.
    """

    layer: Layer
    size: Pair
    gated: tuple[Layer, ...]

    @property
    def area(self) -> int:
        """Number of values in each mean."""
        return self.size[0] * self.size[1]


def global_pools(network: Network) -> list[GlobalPool]:
    """Global average pools whose means a dense layer or a 1x1 conv reads."""
    return [
        GlobalPool(layer, layer.input_shapes[0][:2], _gated(network, layer))
        for layer in network
        if _is_global_mean(layer) and any(map(_is_pointwise, _readers(network, layer)))
    ]


def _is_global_mean(layer: Layer) -> bool:
    if len(layer.input_shapes) != 1 or len(layer.inputs) != 1:
        return False
    if layer.type == "global_avg_pool":
        return True
    if layer.type == "reduce_mean":
        axes = layer.params.get("reduce_axes")
        return isinstance(axes, list) and _whole(axes) and set(axes) == SPATIAL_AXES
    height, width, _ = layer.input_shapes[0]
    window = layer.params.get("kernel_shape")
    return layer.type == "avgpool" and window == [1, height, width, 1] and _leaves_one(layer)


def _leaves_one(layer: Layer) -> bool:
    return layer.params.get("padding") == "VALID" or layer.output_shape[:2] == (1, 1)


def _is_pointwise(layer: Layer) -> bool:
    window = layer.params.get("kernel_shape")
    one = isinstance(window, list) and window[:2] == [1, 1]
    return layer.type == "dense" or (layer.type == "conv" and one)


def _whole(values: list[Any]) -> bool:
    return all(type(value) is int for value in values)


def _readers(network: Network, layer: Layer) -> list[Layer]:
    """Layers that compute with a layer's values, behind all that hand them on."""
    found: dict[str, Layer] = {}
    pending, seen = list(layer.outputs), set(layer.outputs)
    while pending:
        reader = network[pending.pop(0)]
        if reader.is_pass_through:
            pending += [name for name in reader.outputs if name not in seen]
            seen.update(reader.outputs)
        else:
            found[reader.name] = reader
    return list(found.values())


def excite_layers(network: Network) -> frozenset[str]:
    """Layers of squeeze-and-excite blocks between a pool and its gate: one pixel each.

    Of blocks that scale another map than the pooled one, what reads the means.
    """
    names: set[str] = set()
    for pool in filter(_is_global_mean, network):
        path, gated = _pool_paths(network, pool)
        names |= path if gated else _squeezing(network, pool)
    return frozenset(names)


def _squeezing(network: Network, pool: Layer) -> set[str]:
    readers = filter(_is_pointwise, _readers(network, pool))
    return {reader.name for reader in readers if _makes_gate(network, reader)}


def _makes_gate(network: Network, layer: Layer) -> bool:
    """Whether something is multiplied by a sigmoid of what becomes of a layer's values."""
    pending, seen = [layer], {layer.name}
    while pending:
        source = pending.pop()
        for reader in _readers(network, source):
            if reader.type == "ew_mult" and source.activation in GATE_ACTIVATIONS:
                return True
            if reader.type in EXCITE_TYPES and reader.name not in seen:
                seen.add(reader.name)
                pending.append(reader)
    return False


def _gated(network: Network, pool: Layer) -> tuple[Layer, ...]:
    """Products of the pooled map with a gate computed from the pool's means."""
    return _pool_paths(network, pool)[1]


def _pool_paths(network: Network, pool: Layer) -> tuple[frozenset[str], tuple[Layer, ...]]:
    """Names of the layers that compute with a pool's means, and the products that they gate."""
    pooled = _origins(network, network[pool.inputs[0]])
    found: dict[str, Layer] = {}
    pending, seen = [pool], {pool.name}
    while pending:
        layer = pending.pop(0)
        for reader in _readers(network, layer):
            factors = [_origins(network, each) for each in network.predecessors(reader)]
            if reader.type == "ew_mult" and pooled in factors:
                if _is_gate(network, reader, pooled):
                    found[reader.name] = reader
            elif reader.type in EXCITE_TYPES and reader.name not in seen:
                seen.add(reader.name)
                pending.append(reader)
    return frozenset(seen - {pool.name}), tuple(found.values())


def _origins(network: Network, layer: Layer) -> frozenset[str]:
    return frozenset(each.name for each in network.producers(layer))


def _is_gate(network: Network, product: Layer, pooled: frozenset[str]) -> bool:
    """Whether a factor of the product, other than the pooled map, comes out of a sigmoid."""
    factors = [
        origin
        for each in network.predecessors(product)
        for origin in network.producers(each)
        if origin.name not in pooled
    ]
    return any(factor.activation in GATE_ACTIVATIONS for factor in factors)


def division_factors(size: Pair, stage: int, area: int) -> Pair | None:
    """Factors by which a pool is split into two stages; None if no divisors do.

    The smallest that leave the second stage at most `stage` high and wide, if the first stage
    stays below `area` values; else those that make the larger of both stages smallest, and its
    sides most alike, if that stays below `area`.

    Parameters
    ----------
    size : (height, width) of the map; the factors divide them.
    """
    heights, widths = (tuple(_split(side, stage)) for side in size)
    near = [next((d for d in side if d[1] <= stage), None) for side in (heights, widths)]
    if near[0] and near[1] and near[0][0] * near[1][0] < area:
        return near[0][0], near[1][0]
    ranked = [
        (max(h[0] * w[0], h[1] * w[1]), abs(h[0] - w[0]), (h[0], w[0]))
        for h in heights
        for w in widths
    ]
    larger, _, factors = min(ranked, default=(area, 0, (1, 1)))
    return factors if larger < area else None


def _split(side: int, stage: int) -> Iterator[Pair]:
    """Ways to make a side of a factor and a rest, by factor; a side that is short stays whole."""
    if side <= stage:
        yield 1, side
        return
    yield from ((d, side // d) for d in range(2, side) if side % d == 0)
