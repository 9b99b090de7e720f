"""The list of decoders as a whole: whether it is there, of the right kind, and complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from inspectors.nms.boxes import BINS
from inspectors.nms.heads import MAX_NAMED, Detector, Size, entry_of
from inspectors.nms.kinds import HeadKind, kind_of_heads
from inspectors.nms.matching import Match
from inspectors.nms.strides import stride_of
from utils.facts.nms_configs import DECODER_KEYS, LAYER_KEYS, layout_for
from utils.findings import Finding, Severity
from utils.har.network import Layer
from utils.wording import listed


def list_findings(detector: Detector, match: Match) -> Iterator[Finding]:
    """Yield why the list of decoders cannot be meant for this network, if it cannot.

    Where it says something, nothing else about the decoders is worth saying.
    """
    kind = kind_of_heads(detector)
    if not detector.config.decoders:
        yield _missing(detector, kind)
    elif kind is not None and not _has_keys_of(kind, detector) and _is_partial(kind, match):
        yield _of_another_network(detector, kind)
    else:
        yield from _of_another_architecture(detector, kind)


def _is_partial(kind: HeadKind, match: Match) -> bool:
    """Whether the decoders cannot be for these layers, or not for all of them."""
    meant = {layer.name for layer in match.layers.values() if layer is not None}
    heads = {layer.name for scale in kind.scales.values() for layer in scale.values()}
    return match.misfits > 0 or not heads <= meant


def _has_keys_of(kind: HeadKind, detector: Detector) -> bool:
    wanted = set(next(iter(kind.scales.values())))
    keys = [set(decoder.layers) for decoder in detector.config.decoders]
    return any(wanted == each for each in keys) or not any(keys)


def _missing(detector: Detector, kind: HeadKind | None) -> Finding:
    path = detector.config.path
    names = listed([end.base_name for end in detector.ends], len(detector.ends))
    if kind is None:
        remedy = (
            f'Write a list "bbox_decoders" with one entry for each scale into {path}, which names '
            f"{names or 'the layers of boxes and scores'}."
        )
    else:
        remedy = _list_remedy(detector, kind)
    return Finding(
        id="nms-decoders",
        severity=Severity.ERROR,
        headline="The NMS configuration has no list of decoders",
        evidence=f'{path} has no "bbox_decoders" with entries',
        why="The compiler reads from this list which layers compute boxes and scores.",
        remedy=remedy,
        quotation="KeyError: 'bbox_decoders'",
        layers=tuple(end.name for end in detector.ends),
    )


def _of_another_network(detector: Detector, kind: HeadKind) -> Finding:
    path = detector.config.path
    keys = sorted(detector.config.decoders[0].layers)
    first = next(iter(kind.scales.values()))
    shapes = [f"{la.described()} {'x'.join(map(str, la.output_shape))}" for la in first.values()]
    return Finding(
        id="nms-decoders",
        severity=Severity.ERROR,
        headline="The NMS configuration is for another kind of head than the network has",
        evidence=f"decoders of {path} hold {listed(keys)}, a scale of the network ends in "
        f"{listed(shapes)}",
        why=f"Layers of these shapes are the heads that {kind.meta_arch} decodes.",
        remedy=_list_remedy(detector, kind),
        layers=tuple(la.name for scale in kind.scales.values() for la in scale.values()),
        location=detector.config.location("bbox_decoders"),
    )


def _list_remedy(detector: Detector, kind: HeadKind) -> str:
    path, line = detector.config.path, _with_line(detector, kind)
    layers = [layer for scale in kind.scales.values() for layer in scale.values()]
    if any("encoded_layer" in scale for scale in kind.scales.values()):
        names = listed([layer.base_name for layer in layers], len(layers))
        return (
            f'Name {names} as "encoded_layer" of one decoder each in "bbox_decoders" of {path}, '
            f'with "stride" and the anchor boxes "w" and "h" of the training{line}.'
        )
    entries = [
        entry_of(scale, stride_of(detector.seen_image, size) if detector.seen_image else None)
        for size, scale in kind.scales.items()
    ]
    parts = [f'"classes": {kind.classes}']
    parts += [f'"{BINS}": {kind.bins}'] if kind.bins else []
    written = ", ".join([*parts, f'"bbox_decoders": [{", ".join(entries)}]'])
    if kind.bins is None and detector.numbers.bins is not None:  # left over from another kind
        join = "" if line else "and "
        return f'Delete "{BINS}" from {path}, {join}write `{written}` into it{line}.'
    return f"Write `{written}` into {path}{line}."


def _with_line(detector: Detector, kind: HeadKind) -> str:
    """The script's line, where it names another architecture or none."""
    if detector.meta_arch == kind.meta_arch:
        return ""
    return f", and `{detector.script_line(kind.meta_arch)}` into the model script"


def _of_another_architecture(detector: Detector, kind: HeadKind | None) -> Iterator[Finding]:
    """Where the script asks for another kind of head than the file holds."""
    layout = layout_for(detector.meta_arch)
    decoders = detector.config.decoders
    if layout is None:
        return
    lacking = [d for d in decoders if not any(keys <= d.values.keys() for keys in layout.required)]
    missing = " or ".join(" and ".join(sorted(keys)) for keys in layout.required)
    if not lacking and layout.anchors:
        lacking, missing = [d for d in decoders if d.anchors is None], "w and h"
    if not lacking:
        return
    given = sorted(set(lacking[0].values) & DECODER_KEYS - {"name"})
    remedy = "Use the NMS configuration, or the meta_arch, that fits the network."
    if kind is not None and kind.meta_arch != detector.meta_arch:
        remedy = f"Write `{detector.script_line(kind.meta_arch)}` into the model script."
    yield Finding(
        id="nms-decoders",
        severity=Severity.ERROR,
        headline="The NMS configuration is for another kind of head than the model script",
        evidence=f"meta_arch={detector.meta_arch} needs {missing}, "
        f"{listed([d.described for d in lacking], MAX_NAMED)} of {detector.config.path} "
        f"hold{'s' if len(lacking) == 1 else ''} {listed(given) or 'none of the known keys'}",
        why="The compiler does not find the layers of this kind of head.",
        remedy=remedy,
        measured={"decoders": float(len(lacking))},
        location=detector.config.location("bbox_decoders"),
    )


def scale_findings(detector: Detector, match: Match) -> Iterator[Finding]:
    """Yield where layers that look like those of the decoders are in none of them."""
    left = _scales_left(detector, match)
    if not left:
        return
    layers = [layer for scale in left.values() for layer in scale.values()]
    shapes = [f"{la.described()} {'x'.join(map(str, la.output_shape))}" for la in layers]
    yield Finding(
        id="nms-decoders",
        severity=Severity.WARNING,
        headline="Heads of the network are in no decoder of the NMS configuration",
        evidence=f"{detector.config.path} does not name {listed(shapes, MAX_NAMED + 1)}",
        why="Their boxes never reach the NMS.",
        remedy=_addition(detector, left),
        layers=tuple(layer.name for layer in layers),
        measured={"scales": float(len(left))},
        location=detector.config.location("bbox_decoders"),
    )


def _addition(detector: Detector, left: Mapping[Size, Mapping[str, Layer]]) -> str:
    image, path = detector.seen_image, detector.config.path
    entries = [
        entry_of(layers, stride_of(image, size) if image else None) for size, layers in left.items()
    ]
    # Which anchor boxes belong to a scale that the file does not have, no graph tells.
    has_anchors = any(decoder.anchors for decoder in detector.config.decoders)
    note = ', with the anchor boxes "w" and "h" of the training' if has_anchors else ""
    return f'Add `{", ".join(entries)}` to "bbox_decoders" of {path}{note}.'


def _scales_left(detector: Detector, match: Match) -> dict[Size, dict[str, Layer]]:
    """Layers that no head means, by size and key, where a size has one for every key."""
    decoders = [decoder for decoder in detector.config.decoders if decoder.layers]
    if not decoders:
        return {}
    pattern, meant = decoders[0], {la.name for la in match.layers.values() if la is not None}
    free: dict[Size, list[Layer]] = {}
    for end in detector.ends:
        if end.name not in meant:
            free.setdefault(end.output_shape[:2], []).append(end)
    found: dict[Size, dict[str, Layer]] = {}
    for size, ends in free.items():
        layers = {
            key: end
            for key in LAYER_KEYS
            if key in pattern.layers
            for end in ends
            if end.output_shape[2] == detector.expected_channels(pattern, key, match.numbers)
        }
        names = {layer.name for layer in layers.values()}
        if len(layers) == len(pattern.layers) == len(names):
            found[size] = layers
    return found
