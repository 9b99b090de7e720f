"""Outputs of detectors: which hold scores, which boxes, and what goes together."""

from __future__ import annotations

from collections.abc import Mapping

from utils.facts.nms_configs import BOX_SIDES, OBJECTNESS
from utils.har.network import Layer, Network
from utils.measurements.output_kind import SettledKind
from utils.outputs.heads import BOX_CHANNELS, are_scales, score_twins, twins_of_boxes
from utils.outputs.probabilities import probability_makers
from utils.quantizer.precision_plan import code_sources
from utils.side_files.nms_config import NmsConfig, NmsDecoder

Kinds = dict[str, SettledKind]
SCORE_KEYS = ("objectness_layer", "cls_layer")
# Anchor boxes of a cell, where no configuration tells: those of YOLOv3 to v7.
USUAL_ANCHORS = 3
NOT_COMPARED = "how its boxes are coded is not known, so they are not compared"


def by_configuration(network: Network, config: NmsConfig) -> Kinds:
    """Outputs that a decoder of an NMS configuration names, by name of the output layer."""
    outputs = _outputs_by_head(network)
    found: Kinds = {}
    for decoder in config.decoders:
        named = {key: network.resolve(name) for key, name in decoder.layers.items() if name}
        ends = {key: outputs[head] for key, head in named.items() if head in outputs}
        for key, output in ends.items():
            reason = f"{config.path} names what feeds it as {key} of {decoder.described}"
            found[output] = _decoded(network, config, decoder, key, ends, reason)
    return found


def _decoded(
    network: Network,
    config: NmsConfig,
    decoder: NmsDecoder,
    key: str,
    ends: Mapping[str, str],
    reason: str,
) -> SettledKind:
    """What a decoder makes of one of its layers."""
    channels = network[ends[key]].output_shape[2]
    if key in SCORE_KEYS:
        return SettledKind("detection", reason)
    if key == "encoded_layer":
        return SettledKind("detection", reason, objectness(channels, decoder.boxes_per_cell or 0))
    classes = config.integer("classes") or 0
    if key == "combined_layer" and 0 < classes < channels:
        return SettledKind("detection", reason, tuple(range(channels - classes, channels)))
    bins = config.integer("regression_length") or 0
    scores = next((ends[other] for other in SCORE_KEYS if other in ends), "")
    if key == "reg_layer" and not decoder.anchors and bins > 1 and channels == BOX_SIDES * bins:
        return boxes(reason, scores, cell_of(network, network[ends[key]]))
    return boxes(reason, "")


def by_twins(network: Network) -> Kinds:
    """Outputs of box heads of 64 channels, and of the scores that stand beside them."""
    outputs = _outputs_by_head(network)
    beside = [layer for group in twins_of_boxes(network).values() for layer in group]
    scores = {layer.output_shape[:2]: layer.name for layer in score_twins(network) or ()}
    found: Kinds = {}
    for name, output in outputs.items():
        size, channels = network[name].output_shape[:2], network[name].output_shape[2]
        if name in scores.values():
            reason = "its scores stand beside boxes of 64 channels, at every scale"
            found[output] = SettledKind("detection", reason)
        elif channels == BOX_CHANNELS and size in {layer.output_shape[:2] for layer in beside}:
            reason = "64 channels beside scores, at every scale, are the sides of boxes"
            scored_at = outputs.get(scores.get(size, ""), "")
            found[output] = boxes(reason, scored_at, cell_of(network, network[name]))
    return found


def by_score_maps(network: Network) -> Kinds:
    """Outputs of probabilities at several scales, each beside other maps of its size.

    PicoDet, SSD and face detectors code their boxes in ways of their own, but their scores are
    drawn like this. Two such maps of one size, as objectness and classes, are multiplied behind
    the network: neither decides by itself.
    """
    outputs = _outputs_by_head(network)
    scores = tuple(network[name] for name in outputs if _holds_scores(network, network[name]))
    others = outputs.keys() - {layer.name for layer in scores}
    beside = {network[name].output_shape[:2] for name in others}
    if not are_scales(scores) or any(layer.output_shape[:2] not in beside for layer in scores):
        return {}
    reason = "its probabilities stand beside other maps, at every scale"
    return {outputs[layer.name]: SettledKind("detection", reason) for layer in scores}


def _holds_scores(network: Network, layer: Layer) -> bool:
    makers = probability_makers(network, layer)
    return bool(makers) and all(each.type != "softmax" for each in makers)


def cell_of(network: Network, head: Layer) -> tuple[float, float]:
    """Height and width of a cell of a map, in pixels of the input.

    0 where not known: there are several inputs, or the map does not divide them evenly.
    """
    if len(network.input_layers) != 1:
        return 0.0, 0.0
    sizes = zip(network.input_layers[0].output_shape[:2], head.output_shape[:2], strict=True)
    height, width = (whole / part if part and not whole % part else 0.0 for whole, part in sizes)
    return (height, width) if height and width else (0.0, 0.0)


def boxes(reason: str, scores_at: str, cell: tuple[float, float] = (0.0, 0.0)) -> SettledKind:
    """The kind of an output of boxes.

    Parameters
    ----------
    scores_at : output with their scores, where these boxes can be decoded; else "".
    cell : height and width of a cell in pixels of the input; 0 where not known.
    """
    told = reason if scores_at else f"{reason}; {NOT_COMPARED}"
    return SettledKind("detection", told, scores_at=scores_at, holds_scores=False, cell=cell)


def objectness(channels: int, anchors: int = USUAL_ANCHORS) -> tuple[int, ...]:
    """Channels that say whether an anchor box holds anything; () where the layout does not fit.

    Every anchor has its box, then this number, then its classes.
    """
    each, rest = divmod(channels, anchors) if anchors else (0, 1)
    if rest or each <= BOX_SIDES + OBJECTNESS:
        return ()
    return tuple(range(BOX_SIDES, channels, each))


def _outputs_by_head(network: Network) -> dict[str, str]:
    """Output layer by the one layer whose values leave there."""
    found = {}
    for output in network.output_layers:
        sources = code_sources(network, output)
        if len(sources) == 1:
            found[sources[0].name] = output.name
    return found
