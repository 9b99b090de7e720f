"""Which heads of a detector are scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inspectors.base_inspector import Context
from utils.har.network import Layer
from utils.har.reach import reached_from
from utils.measurements.output_kind import OutputKind, SettledKind
from utils.outputs.heads import heads, score_twins
from utils.outputs.kinds import settled_kinds
from utils.outputs.producers import SELECTING_TYPES

SCORE_KEYS = ("cls_layer", "objectness_layer")  # of a decoder in an NMS configuration
# Kinds of output of which a sigmoid makes probabilities.
SCORING: tuple[OutputKind, ...] = ("scores", "detection", "segmentation", "classes")


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


def whether_scores(context: Context, layers: Sequence[Layer]) -> bool | None:
    """Whether heads are scores, all the same one at several scales; None where nobody knows.

    Without a word of graph, names or script those are likely to be scores that leave as a vector,
    or stand at several scales, as in detectors; a single map may as well be a depth, or an image.
    """
    network = context.model.network
    reached = reached_from(network, [layer.name for layer in layers])
    kinds = context.known(output_kinds)
    known = [
        kinds[output.name]
        for output in network.output_layers
        if output.name in reached and kinds[output.name].kind != "unknown"
        # Of what is selected on the chip, the kind of the output says nothing about the heads.
        if not any(producer.type in SELECTING_TYPES for producer in network.producers(output))
    ]
    if known:
        return any(kind.kind in SCORING and kind.holds_scores for kind in known)
    expected = {layer.name for layer in expected_scores(context) or ()}
    vectors = all(layer.output_shape[:2] == (1, 1) for layer in layers)
    is_likely = vectors or len(layers) > 1 or any(layer.name in expected for layer in layers)
    return is_likely or None


def output_kinds(context: Context) -> Mapping[str, SettledKind]:
    """The kind of every output: as it was measured, else as graph, names and script tell."""
    compared = context.measurements.agreement if context.measurements else None
    measured = {name: each.settled for name, each in compared.outputs.items()} if compared else {}
    return {**settled_kinds(context.model, context.script, context.nms_config), **measured}
