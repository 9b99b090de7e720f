"""Which array of an npz file belongs to which input: by names, else by shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

from utils.dataset.recipes.fitting import Headed, fitting_steps
from utils.har.network import Layer
from utils.wording import without_scope

# Pairings by shape are tried one by one; networks have few inputs.
MOST_INPUTS, MOST_ARRAYS = 4, 12


def match_names(names: Sequence[str], inputs: Sequence[Layer]) -> dict[str, str]:
    """Name of an array by scoped name of the input that it is for; inputs without are absent.

    An array is named by the input's scoped name, its name without scope, or its name in the
    original model, taken in this order; else by its name without scope under another scope, as
    before the network was renamed. A name that would serve two inputs serves neither. One array
    and one input belong together whatever the name.
    """
    if len(names) == len(inputs) == 1:
        return {inputs[0].name: names[0]}
    owners: dict[str, set[str]] = {}
    for layer in inputs:
        for alias in _aliases(layer):
            owners.setdefault(alias, set()).add(layer.name)
    matched: dict[str, str] = {}
    for layer in inputs:
        for alias in _aliases(layer):
            if alias in names and owners[alias] == {layer.name}:
                matched.setdefault(layer.name, alias)
    return {**_renamed(names, inputs, matched), **matched}


def _renamed(
    names: Sequence[str], inputs: Sequence[Layer], matched: Mapping[str, str]
) -> dict[str, str]:
    """Arrays whose names differ from those of inputs in their scope alone."""
    bases = [layer.base_name for layer in inputs]
    found = {}
    for layer in inputs:
        alike = [name for name in names if without_scope(name) == layer.base_name]
        is_free = layer.name not in matched and not set(alike) & set(matched.values())
        if is_free and len(alike) == bases.count(layer.base_name) == 1:
            found[layer.name] = alike[0]
    return found


def accepted_names(layer: Layer) -> str:
    """Names that an array for an input may have."""
    # The scoped name is accepted too, but one name for it is enough to be told.
    return " or ".join(dict.fromkeys((layer.base_name, *layer.original_names)))


def _aliases(layer: Layer) -> tuple[str, ...]:
    return (layer.name, layer.base_name, *layer.original_names)


def pairings_by_shape(
    arrays: Mapping[str, Headed], inputs: Sequence[Layer]
) -> list[dict[str, str]]:
    """All ways to give each input an array that fits; by scoped name of the input.

    Where arrays fit as they are, no others are considered.
    """
    if not 0 < len(inputs) <= min(MOST_INPUTS, len(arrays)) or len(arrays) > MOST_ARRAYS:
        return []
    steps = {
        (layer.name, name): fitting_steps(array, layer.output_shape)
        for layer in inputs
        for name, array in arrays.items()
    }
    possible = [
        {layer.name: name for layer, name in zip(inputs, order, strict=True)}
        for order in permutations(arrays, len(inputs))
    ]
    exact = [pairs for pairs in possible if all(steps[pair] == () for pair in pairs.items())]
    return exact or [
        pairs for pairs in possible if all(steps[pair] is not None for pair in pairs.items())
    ]
