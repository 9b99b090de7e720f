"""How the optimized graph differs from the parsed one, layer by layer; nothing is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from utils.har.model import Model
from utils.har.network import Layer, Network
from utils.har.parameters import LayerParameters, Parameters
from utils.har.parsed import ParsedGraph


@dataclass(frozen=True)
class Modified:
    """What was modified between parsing and quantizing.

    Parameters
    ----------
    inserted : layers between an input and what the parsed graph has behind it, in their order, by
        name of the input.
    added, removed : other layers that only the optimized, and only the parsed graph has.
    changed : layers that both have and that differ, each with what differs: ``type``, ``inputs``,
        ``activation``, ``attributes`` or ``weights``.
    """

    inserted: Mapping[str, tuple[str, ...]]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: Mapping[str, str]

    @property
    def is_nothing(self) -> bool:
        """Whether both graphs are the same but for what was inserted at the inputs."""
        return not (self.added or self.removed or self.changed)


def difference(model: Model, graph: ParsedGraph) -> Modified:
    """Hold the optimized graph of an archive against its parsed one."""
    return modified(graph.network, graph.parameters, model.float_network, model.float_parameters)


def modified(
    parsed: Network, parsed_weights: Parameters, optimized: Network, optimized_weights: Parameters
) -> Modified:
    """Hold two graphs against each other."""
    inserted = {
        layer.name: tuple(_inserted_behind(layer.name, parsed, optimized))
        for layer in parsed.input_layers
        if layer.name in optimized
    }
    at_inputs = {name for names in inserted.values() for name in names}
    handed_on = {names[-1]: entered for entered, names in inserted.items() if names}
    changed = {}
    for layer in parsed:
        if layer.name in optimized:
            other = optimized[layer.name]
            before, after = (w.layer(layer.name) for w in (parsed_weights, optimized_weights))
            if what := _difference(layer, other, handed_on) or _other_weights(before, after):
                changed[layer.name] = what
    return Modified(
        inserted,
        tuple(x.name for x in optimized if x.name not in parsed and x.name not in at_inputs),
        tuple(layer.name for layer in parsed if layer.name not in optimized),
        changed,
    )


def _inserted_behind(name: str, parsed: Network, optimized: Network) -> Iterator[str]:
    current = optimized[name]
    while True:
        following = {successor.name: successor for successor in optimized.successors(current)}
        only = next(iter(following.values())) if len(following) == 1 else None
        if only is None or only.name in parsed or len(only.inputs) != 1:
            return
        yield only.name
        current = only


def _difference(layer: Layer, other: Layer, handed_on: Mapping[str, str]) -> str:
    """What differs between two layers of one name, without their weights; "" for nothing."""
    if layer.type != other.type:
        return "type"
    if layer.inputs != tuple(handed_on.get(name, name) for name in other.inputs):
        return "inputs"
    if layer.activation != other.activation:
        return "activation"
    keys = {*layer.params, *other.params} - {"activation"}
    is_same = all(layer.params.get(key) == other.params.get(key) for key in keys)
    return "" if is_same and layer.output_shapes == other.output_shapes else "attributes"


def _other_weights(before: LayerParameters, after: LayerParameters) -> str:
    if set(before) != set(after):
        return "weights"
    return "" if all(_is_same(before, after, key) for key in before) else "weights"


def _is_same(before: LayerParameters, after: LayerParameters, key: str) -> bool:
    """Whether both hold the same array; it is read only where its checksum is another one."""
    if before.checksum(key) == after.checksum(key):
        return True
    one, other = before[key], after[key]
    # What is not a number is the same where it stands at the same place.
    may_be_nan = one.dtype.kind == other.dtype.kind == "f"
    return one.shape == other.shape and np.array_equal(one, other, equal_nan=may_be_nan)
