"""Where what samples say ends: the first layers that give the same for all of them."""

from __future__ import annotations

from collections.abc import Collection

from inspectors.base_inspector import Context
from utils.har.network import Layer
from utils.har.reach import reached_from
from utils.wording import listed


def dead_ends(context: Context, outputs: Collection[str]) -> tuple[Layer, ...]:
    """Layers that make one value of what differs, in front of outputs; in graph order.

    Parameters
    ----------
    outputs : names of outputs that are the same for all samples in float.
    """
    network = context.model.network
    found: dict[str, Layer] = {}
    behind: set[str] = set()
    for layer in network:
        # A map that differs from place to place alone is one value once it is averaged.
        if layer.type == "output_layer" or layer.name in behind:
            continue
        is_end = any(_is_still(context, name) is False for name in layer.inputs)
        if is_end and _is_still(context, layer.name):
            reached = set(reached_from(network, [layer.name]))
            if not reached.isdisjoint(outputs):
                found[layer.name] = layer
                behind |= reached - {layer.name}
    return tuple(found.values())


def described(context: Context, ends: Collection[Layer]) -> str:
    """What is the same from where on, as a clause; "" without any."""
    said = []
    for layer in ends:
        measured = context.measured(layer.name)
        sums = measured.preactivation if measured else None
        below = f", with sums of {sums.high:.3g} at most" if sums and sums.high <= 0 else ""
        said.append(f"{layer.described()}{below}")
    return f"nothing differs from {listed(said, 3)} on" if said else ""


def _is_still(context: Context, name: str) -> bool | None:
    """Whether every channel holds one value in all samples; None where that was not measured."""
    measured = context.measured(name)
    if measured is None:
        return None
    return bool((measured.output.maximum == measured.output.minimum).all())
