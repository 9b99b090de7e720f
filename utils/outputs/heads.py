"""The heads of a network: layers that compute what leaves it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from utils.har.model import WEIGHT_TYPES
from utils.har.network import Layer, Network
from utils.outputs.producers import SELECTING_TYPES
from utils.quantizer.precision_plan import code_sources

# Four sides of a box, each a distribution over 16 distances: YOLOv8 and what follows it.
BOX_CHANNELS = 64
# Ultralytics names its branches: cv2 boxes, cv3 scores, cv4 masks, keypoints or angles.
_SCORE_BRANCH = re.compile(r"(?:^|[/._])cv3(?:$|[/._])")


def heads(network: Network) -> tuple[Layer, ...]:
    """Layers that compute what leaves the network, or what a selection such as nms takes.

    Found by walking back over layers that only move values, and over concatenations.
    """
    found: set[str] = set()
    selections: set[str] = set()
    pending = list(network.output_layers)
    while pending:
        for source in code_sources(network, pending.pop()):
            if source.type not in SELECTING_TYPES:
                found.add(source.name)
            elif source.name not in selections:
                selections.add(source.name)
                pending.append(source)
    return tuple(layer for layer in network if layer.name in found)


def are_scales(layers: tuple[Layer, ...]) -> bool:
    """Whether layers are the same head at several scales: no two have the same size."""
    sizes = {layer.output_shape[:2] for layer in layers}
    return len(layers) > 1 and len(sizes) == len(layers)


def has_several_scales(network: Network) -> bool:
    """Whether convolutions of different sizes lead out of the network, as in detectors."""
    convolved = [layer for layer in heads(network) if layer.type in WEIGHT_TYPES]
    return len({layer.output_shape[:2] for layer in convolved}) > 1


def twins_of_boxes(network: Network) -> Mapping[int, tuple[Layer, ...]]:
    """Heads that stand beside the 64-channel box heads of a detector, by number of channels.

    Only those that stand beside each of them; empty where no boxes are coded in that way.
    """
    candidates = [layer for layer in heads(network) if layer.type in WEIGHT_TYPES]
    boxes = tuple(layer for layer in candidates if layer.output_shape[2] == BOX_CHANNELS)
    if not are_scales(boxes) or any(layer.activation != "linear" for layer in boxes):
        return {}
    sizes = {layer.output_shape[:2] for layer in boxes}
    beside: dict[int, list[Layer]] = {}
    for layer in candidates:
        if layer not in boxes and layer.output_shape[:2] in sizes:
            beside.setdefault(layer.output_shape[2], []).append(layer)
    return {c: tuple(g) for c, g in beside.items() if len(g) == len(sizes) and are_scales((*g,))}


def score_twins(network: Network) -> tuple[Layer, ...] | None:
    """Score heads of a detector with 64-channel box heads; () if it is none.

    Returns
    -------
    None where several heads stand beside the boxes (masks, keypoints) and neither names nor
    activations tell which of them are scores.
    """
    groups = list(twins_of_boxes(network).values())
    named = [group for group in groups if all(map(_is_named_score, group))]
    certain = [group for group in groups if all(x.activation == "sigmoid" for x in group)]
    for choice in (named, certain, groups):
        if len(choice) == 1:
            return choice[0]
    return None if groups else ()


def _is_named_score(layer: Layer) -> bool:
    return any(_SCORE_BRANCH.search(name) for name in layer.original_names)
