"""Remedies that take an imbalance out of the model and cost nothing on the chip."""

from __future__ import annotations

from collections.abc import Sequence

from inspectors.base_inspector import Context
from inspectors.joins.computing_readers import feeds_softmax
from inspectors.joins.losses import Loss
from inspectors.joins.tensors import tensor_width
from utils.har.network import Layer, Network

# Of a mask added before a softmax; what a network computes does not reach so low.
MASK_BELOW = -1000.0
# Layers that hand on what enters the network, in other units or another order.
ENTERING_TYPES = ("input_layer", "normalization", "format_conversion")


def root_remedy(context: Context, losses: Sequence[Loss]) -> str:
    """What to change in the model, where that is known; "" where it is not.

    Parameters
    ----------
    losses : of joins of one type, at least one, the worst first.
    """
    masks = [low for loss in losses for low in _masks(context, loss.join)]
    if masks:
        return (
            "Export the model with a mask that reaches only as low as the scores are wide, "
            f"about -20 instead of {min(masks):.6g}."
        )
    worst = losses[0]
    if worst.narrow is None or not _joins_inputs(context.model.network, worst.join):
        return ""
    return _rescaled_input(context, worst, worst.narrow)


def _masks(context: Context, join: Layer) -> list[float]:
    """How low the masks reach that are added at a join; nothing where there are none."""
    if join.type != "ew_add":
        return []
    network = context.model.network
    constant_is_mask = feeds_softmax(network, join)
    found = []
    for name in join.inputs:
        low, high = context.model.calibrated_range(name) or (0.0, 0.0)
        is_constant = constant_is_mask and network[name].type == "const_input"
        if high <= 0.0 and (low <= MASK_BELOW or (low < 0.0 and is_constant)):
            found.append(low)
    return found


def _joins_inputs(network: Network, join: Layer) -> bool:
    """Whether all that a concat takes enters the network as it is."""
    return join.type == "concat" and all(
        _enters(network, layer) for layer in network.predecessors(join)
    )


def _enters(network: Network, layer: Layer) -> bool:
    is_entering = layer.type in ENTERING_TYPES or layer.is_pass_through
    return is_entering and all(_enters(network, each) for each in network.predecessors(layer))


def _rescaled_input(context: Context, loss: Loss, narrow: Layer) -> str:
    sources = context.model.network.predecessors(loss.join)
    widths = {layer.name: tensor_width(context, layer) or 0.0 for layer in sources}
    widest = max(widths, key=widths.__getitem__)
    own = widths[narrow.name]
    if not own:
        return ""
    factor = float(f"{widths[widest] / own:.2g}")
    return (
        f"Divide {widest} by about {factor:,g} before it enters, multiply the "
        f"weights behind {loss.join.name} that read it by as much, and quantize again."
    )
