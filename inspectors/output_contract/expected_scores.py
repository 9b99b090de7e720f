"""Which heads of a detector are scores."""

from __future__ import annotations

from inspectors.base_inspector import Context
from utils.har.network import Layer
from utils.outputs.heads import heads, score_twins

SCORE_KEYS = ("cls_layer", "objectness_layer")  # of a decoder in an NMS configuration


def expected_scores(context: Context) -> tuple[Layer, ...] | None:
    """Heads that are scores by the NMS configuration, else by their place beside boxes.

    () where there are none, None where that cannot be told.
    """
    network, config = context.model.network, context.nms_config
    if config is None:
        return score_twins(network)
    if config.flag("background_removal"):
        return ()  # SSD: a softmax over classes and background
    names = {
        network.resolve(decoder.layers[key])
        for decoder in config.decoders
        for key in SCORE_KEYS
        if key in decoder.layers
    }
    return tuple(layer for layer in heads(network) if layer.name in names)
