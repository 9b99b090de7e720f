"""What kind of output each is: asked for, configured, drawn in the graph, or said by a name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from utils.errors import UsageError
from utils.har.model import Model
from utils.har.network import Layer, Network
from utils.measurements.output_kind import KNOWN_KINDS, OutputKind, SettledKind
from utils.model_script import ModelScript
from utils.outputs.detectors import by_configuration, by_score_maps, by_twins, objectness
from utils.outputs.heads import are_scales, heads
from utils.outputs.names import kind_by_name
from utils.outputs.probabilities import probability_makers
from utils.outputs.producers import (
    SELECTING_TYPES,
    adds_an_input,
    is_normalized,
    joined_producers,
)
from utils.side_files.nms_config import NmsConfig, archived_nms_configs
from utils.wording import listed

ASKED = "--output-kind says so"
IMAGE_CHANNELS = 3
DIVIDING_TYPES = ("ew_div", "ew_mult")  # by a length, or by its inverse


def settled_kinds(
    model: Model,
    script: ModelScript | None = None,
    nms_config: NmsConfig | None = None,
    asked: Iterable[tuple[str, str]] = (),
) -> dict[str, SettledKind]:
    """The kind of every output, by name of the output layer; unknown where nothing settles it.

    Parameters
    ----------
    nms_config : what was given; by default the first that the archive holds.
    asked : layer and kind, as the user says them.

    Raises
    ------
    UsageError : the user names a layer or a kind that does not exist.
    """
    network = model.network
    wished = _asked(network, asked)
    configs = [nms_config] if nms_config else archived_nms_configs(model.archive)[0][:1]
    configured = by_configuration(network, configs[0]) if configs else {}
    twins = by_score_maps(network) | by_twins(network)
    has_nms = script is not None and bool(script.commands("nms_postprocess"))
    found = {}
    for output in network.output_layers:
        known = configured.get(output.name) or twins.get(output.name)
        if known is None and has_nms and _is_map(output):
            reason = "the model script puts nms_postprocess behind it"
            known = SettledKind("detection", reason, objectness(output.output_shape[2]))
        known = known or _drawn(network, output)
        found[output.name] = _as_asked(output, known, wished.get(output.name))
    return found


def _asked(network: Network, asked: Iterable[tuple[str, str]]) -> dict[str, OutputKind]:
    """Kind by output layer, as the user says it."""
    found: dict[str, OutputKind] = {}
    known: Mapping[str, OutputKind] = {kind: kind for kind in KNOWN_KINDS}
    for name, kind in asked:
        if kind not in known:
            raise UsageError(
                f"--output-kind {name}={kind} names no kind of output; known are "
                f"{listed(KNOWN_KINDS, len(KNOWN_KINDS))}"
            )
        outputs = [o.name for o in network.output_layers if name in _aliases(network, o)]
        if not outputs:
            names = listed([output.base_name for output in network.output_layers], 10)
            raise UsageError(f"--output-kind {name}={kind} names no output; there are {names}")
        found.update(dict.fromkeys(outputs, known[kind]))
    return found


def _aliases(network: Network, output: Layer) -> Iterator[str]:
    """Names by which an output is known: its own, and those of what computes its values."""
    for layer in (output, *network.producers(output)):
        yield from (layer.name, layer.base_name, *layer.original_names)


def _as_asked(output: Layer, known: SettledKind, kind: OutputKind | None) -> SettledKind:
    if kind is None:
        return known
    if kind == known.kind:  # with what else is known: which channels are scores
        return replace(known, reason=ASKED)
    anchors = objectness(output.output_shape[2]) if kind == "detection" else ()
    if anchors:
        reason = f"{ASKED}; its channels are read as three anchors with objectness"
        return SettledKind(kind, reason, anchors)
    return SettledKind(kind, ASKED)


def _drawn(network: Network, output: Layer) -> SettledKind:
    """What the graph tells, or the names in it."""
    producers = joined_producers(network, output)
    if len(producers) != 1:
        return SettledKind(reason=f"it joins {len(producers)} tensors")
    (layer,) = producers
    settled = _by_type(network, output, layer)
    if settled is not None:
        return settled
    named = kind_by_name(network, output, producers)
    if named is not None:
        return SettledKind(named[0], f"its name is {named[1]}")
    makers = probability_makers(network, layer)
    if makers and not _is_map(output) and all(each.type != "softmax" for each in makers):
        reason = f"a {makers[0].activation} leaves, for each number by itself"
        return SettledKind("scores", reason)
    return SettledKind(reason=_why_unknown(output, layer))


def _by_type(network: Network, output: Layer, layer: Layer) -> SettledKind | None:
    """What the layer that computes an output says of it."""
    height, width, channels = output.output_shape
    if layer.type == "argmax":
        place = "each pixel" if height * width > 1 else "each sample"
        kind: OutputKind = "segmentation" if height * width > 1 else "classes"
        return SettledKind(kind, f"an argmax names one class for {place}")
    if layer.type in SELECTING_TYPES:
        return SettledKind("detection", f"{layer.type} selects boxes", holds_scores=False)
    if layer.type == "softmax" and channels > 1 and not _is_one_of_scales(network, layer):
        kind = "segmentation" if min(height, width) > 1 else "classes"
        return SettledKind(kind, f"a softmax over {channels} channels leaves")
    is_divided = layer.type in DIVIDING_TYPES and is_normalized(network, layer)
    if is_divided and not _is_map(output):
        return SettledKind("embedding", "a vector leaves that is divided by its length")
    if channels == IMAGE_CHANNELS and _is_shuffled(network, output):
        return SettledKind("image", "depth_to_space makes three channels of it")
    if channels == IMAGE_CHANNELS and _is_map(output) and adds_an_input(network, layer):
        return SettledKind("image", "what leaves is added to the picture that enters")
    return None


def _is_shuffled(network: Network, output: Layer) -> bool:
    """Whether channels became pixels right in front of an output."""
    return any(layer.type == "depth_to_space" for layer in network.predecessors(output))


def _is_one_of_scales(network: Network, layer: Layer) -> bool:
    """Whether the same head stands at several sizes, as in detectors."""
    alike = [
        head
        for head in heads(network)
        if head.type == layer.type and head.output_shape[2] == layer.output_shape[2]
    ]
    return are_scales(tuple(alike))


def _is_map(output: Layer) -> bool:
    return output.output_shape[:2] != (1, 1)


def _why_unknown(output: Layer, layer: Layer) -> str:
    what = f"{layer.activation} {layer.type}"
    if _is_map(output):
        return f"a map that leaves a {what} may hold scores, classes, boxes, numbers or an image"
    if output.output_shape[2] == 1:
        return f"a number that leaves a {what} may be a score, or a quantity"
    return f"a vector that leaves a {what} may hold classes, scores, numbers or an embedding"
