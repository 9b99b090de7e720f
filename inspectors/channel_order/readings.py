"""Which heads say how sure the network is, and in what unit."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto

from inspectors.base_inspector import Context
from inspectors.noise.outputs import NumberKind, number_kind
from inspectors.output_contract.expected_scores import expected_scores
from utils.har.model import WEIGHT_TYPES
from utils.har.network import Layer, Network
from utils.measurements.channel_order import ChannelOrder, Confidence, HeadConfidence
from utils.outputs.heads import heads
from utils.outputs.probabilities import holds_probabilities
from utils.wording import listed


class Reading(Enum):
    """What the values of a head are."""

    PROBABILITIES = auto()  # of a softmax
    SCORES = auto()  # of a sigmoid, here or in the NMS
    LOGITS = auto()  # of classes, as it seems


def readings(context: Context) -> dict[str, Reading]:
    """Heads that are classes or scores, by name."""
    network = context.model.network
    scores = {layer.name for layer in expected_scores(context) or ()}
    found = {layer.name: _reading(layer, network, scores) for layer in heads(network)}
    return {name: reading for name, reading in found.items() if reading is not None}


def _reading(layer: Layer, network: Network, scores: set[str]) -> Reading | None:
    if layer.type == "softmax":
        return Reading.PROBABILITIES
    if layer.name in scores or holds_probabilities(network, layer):
        return Reading.SCORES
    return Reading.LOGITS if _are_logits(layer, network) else None


def _are_logits(layer: Layer, network: Network) -> bool:
    """Whether all that leaves the network is one vector of classes, as far as the graph tells."""
    shapes = layer.output_shapes or layer.input_shapes
    outputs = network.output_layers
    return (
        len(heads(network)) == len(outputs) == 1
        and layer.type in WEIGHT_TYPES
        and bool(shapes)
        and shapes[0][:2] == (1, 1)
        and shapes[0][2] > 1
        and number_kind(network, outputs[0]) is NumberKind.LINEAR
    )


def confidences(context: Context, order: ChannelOrder) -> dict[str, Confidence]:
    """How sure the heads are that can be compared, by name."""
    found = {
        name: _confidence(order.heads[name], reading)
        for name, reading in readings(context).items()
        if name in order.heads
    }
    return {name: confidence for name, confidence in found.items() if confidence is not None}


def _confidence(head: HeadConfidence, reading: Reading) -> Confidence | None:
    if reading is Reading.SCORES:
        return head.score
    # Of boxes or landmarks the same number is the largest in every image.
    classes = {*head.winners_as_is, *head.winners_reversed}
    is_one_class = reading is Reading.LOGITS and len(classes) < 2
    return None if is_one_class else head.probability


def chances(context: Context) -> dict[str, float]:
    """How sure a head is that knows nothing, by name.

    A softmax of n classes holds 1/n at least, and of one score yes or no is 0.5 at least.
    """
    network = context.model.network
    found = {}
    for name, reading in readings(context).items():
        shapes = network[name].output_shapes or network[name].input_shapes
        height, width, channels = shapes[0] if shapes else (0, 0, 0)
        if reading is Reading.SCORES:
            found[name] = 0.5 if height * width * channels == 1 else 0.0
        else:
            found[name] = 1 / channels if channels else 0.0
    return found


def kept_varieties(context: Context, order: ChannelOrder) -> dict[str, float]:
    """How many classes the answers spread over, reversed relative to as they are, by head.

    Not of score maps, where most cells hold nothing and the largest of their scores is noise.
    """
    return {
        name: order.heads[name].kept_variety
        for name, reading in readings(context).items()
        if name in order.heads
        if reading is not Reading.SCORES or not order.heads[name].is_map
    }


def reasons_not_compared(context: Context, order: ChannelOrder) -> Iterator[str]:
    """Yield why some heads do not tell how sure the network is."""
    network, found = context.model.network, readings(context)
    compared = confidences(context, order)
    said = {layer.name: layer.described() for layer in heads(network)}
    others = [text for name, text in said.items() if name not in found]
    if others:
        yield (
            f"how sure the network is cannot be read from {listed(others)}, which "
            f"hold{'s' if len(others) == 1 else ''} neither probabilities nor scores"
        )
    left = [text for name, text in said.items() if name in found and name not in order.heads]
    if left:
        yield f"{listed(left)} could not be run in the order reversed"
    alike = [said[name] for name in found if name in order.heads and name not in compared]
    if alike:
        yield f"{listed(alike)} names the same class for every sample, if these are classes"
