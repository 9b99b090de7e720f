"""Layers that are named wrongly or not at all, and keys that nobody reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inspectors.nms.heads import END_TYPES, MAX_NAMED, Detector, Head
from inspectors.nms.matching import Match, is_of_another_branch
from utils.facts.nms_configs import BOX_SIDES, CONFIG_KEYS, DECODER_KEYS, PLAIN_BOX_META_ARCHS
from utils.findings import Finding, Location, Severity
from utils.har.network import Layer
from utils.side_files.nms_config import NmsDecoder
from utils.wording import listed, most_alike, plural, short

MIN_KEY_LIKENESS = 0.8  # of a key to a known one, 0 to 1: a slip of the pen, not another key
MAX_HEADS_NAMED = 64  # in one remedy, which is followed only if it is whole
MAX_ENDS_NAMED = 12  # layers to choose from
CANNOT_INFER = "Cannot infer bbox conv layers automatically"
EMPTY_NAME = "The layer named  doesn't exist in the HN"
MAX_KEY = 40  # characters of a key that nobody knows


def name_findings(detector: Detector, match: Match) -> Iterator[Finding]:
    """Yield what is wrong with the names of layers and keys."""
    yield from _wrong_names(detector, match)
    yield from _empty_names(detector, match)
    yield from _unknown_keys(detector)


def _wrong_names(detector: Detector, match: Match) -> Iterator[Finding]:
    wrong = [(head, why) for head in detector.heads if (why := _complaint(detector, match, head))]
    if not wrong:
        return
    heads = [head for head, _ in wrong]
    yield Finding(
        id="nms-names",
        severity=Severity.ERROR,
        headline="The NMS configuration names layers that do not fit",
        evidence=f"{detector.config.path}: {listed([why.text for _, why in wrong], MAX_NAMED)}",
        remedy=_remedy(detector, match, heads),
        quotation=next(filter(None, (why.answer for _, why in wrong)), ""),
        layers=tuple(dict.fromkeys(head.layer.name for head in heads if head.layer)),
        measured={"layers": float(len(wrong))},
        location=_location(detector, heads[0]),
    )


@dataclass(frozen=True)
class _Complaint:
    """What is wrong with a name, and what the compiler answers to it; "" where it does not."""

    text: str
    answer: str = ""


def _complaint(detector: Detector, match: Match, head: Head) -> _Complaint | None:
    """What is wrong with a name; None if nothing is, or if a number is wrong instead."""
    if not head.written:
        return None
    if head.layer is None:
        answer = f"The layer named {head.written} doesn't exist in the HN"
        return _Complaint(f"{head.key} {head.written} does not exist", answer)
    described = f"{head.key} {head.layer.described()}"
    if head.layer.type in END_TYPES:
        return _Complaint(f"{described} is the output, and not the layer that computes it")
    if not detector.is_end(head):
        return _Complaint(f"{described} feeds no output", "doesn't have one output layer")
    meant = match.layers.get(head)
    if head.channels is None or meant is head.layer:
        return _unfitting(described, head)
    return _misplaced(detector, match, head, head.layer)


def _unfitting(described: str, head: Head) -> _Complaint | None:
    """Whether no number of the file could make a layer of such channels fit."""
    channels = head.channels or 0
    if head.key == "reg_layer" and head.decoder.anchors and channels % BOX_SIDES:
        return _Complaint(f"{described} has {channels} channels, no multiple of {BOX_SIDES}")
    if head.key == "objectness_layer" and channels != (head.decoder.boxes_per_cell or channels):
        return _Complaint(f"{described} has {channels} channels")
    return None


def _misplaced(detector: Detector, match: Match, head: Head, layer: Layer) -> _Complaint | None:
    """Why a layer that exists is not the one that is meant."""
    described = f"{head.key} {layer.described()}"
    expected = detector.expected_channels(head.decoder, head.key, match.numbers)
    if expected not in (None, head.channels):
        return _Complaint(f"{described} has {head.channels} channels and not {expected}")
    again = [h for h in detector.heads if h is not head and h.layer is layer]
    others = [h for h in again if match.layers.get(h) is layer] or again
    if others:
        places = f"{others[0].key} of {others[0].decoder.described}"
        return _Complaint(f"{described} in {head.decoder.described} is also {places}")
    size = match.size(head.decoder)
    if is_of_another_branch(head.key, layer):
        return _Complaint(f"{described} is called like a layer for something else")
    if head.shape is None or size in (None, head.shape[:2]):
        return None
    sizes = f"{_size(head.shape[:2])} while {head.decoder.described} is for {_size(size or ())}"
    return _Complaint(f"{described} has {sizes}")


def _empty_names(detector: Detector, match: Match) -> Iterator[Finding]:
    empty = [head for head in detector.heads if not head.written]
    if not empty:
        return
    is_certain = all(_certain(match, head) is not None for head in empty)
    # The compiler goes by the numbers of the file; of heads without distributions it was seen to
    # find nothing.
    is_hidden = match.numbers != detector.numbers
    is_plain = detector.meta_arch in PLAIN_BOX_META_ARCHS - {"yolox"}
    is_found = is_certain and not is_hidden and not is_plain
    yield Finding(
        id="nms-names",
        severity=Severity.INFO if is_found else Severity.WARNING,
        headline="The NMS configuration leaves names of layers empty"
        if is_found
        else "The NMS configuration leaves names empty that the compiler may not find",
        evidence=f"{plural(len(empty), 'name')} in {detector.config.path}",
        why="The compiler has to find these layers itself."
        if is_certain
        else "The channels of the layers do not show which are meant.",
        remedy=_remedy(detector, match, empty),
        quotation="" if is_found else CANNOT_INFER if is_hidden or not is_certain else EMPTY_NAME,
        measured={"layers": float(len(empty))},
        location=_location(detector, empty[0]),
    )


def _certain(match: Match, head: Head) -> Layer | None:
    """The layer that is meant, where no other one is as likely."""
    return None if head in match.open else match.layers.get(head)


def _remedy(detector: Detector, match: Match, heads: Sequence[Head]) -> str:
    path = detector.config.path
    entries = [
        f'"{head.key}": "{layer.base_name}" in {head.decoder.described}'
        for head in heads
        if (layer := _certain(match, head)) is not None
    ]
    surplus = _surplus(detector, match)
    open_heads = [h for h in heads if _certain(match, h) is None and h.decoder not in surplus]
    steps = [f"write {listed(entries, MAX_HEADS_NAMED)} of {path}"] if entries else []
    if surplus:
        names = listed([decoder.described for decoder in surplus], MAX_HEADS_NAMED)
        steps.append(f'delete {names} from "bbox_decoders" of {path}')
    if open_heads:
        steps.append(_choice(detector, open_heads))
    sentence = listed(steps, len(steps))
    return f"{sentence[0].upper()}{sentence[1:]}."


def _surplus(detector: Detector, match: Match) -> list[NmsDecoder]:
    """Decoders for which the network has no scale left."""
    if not detector.ends:
        return []
    by_decoder = {d: [match.layers.get(h) for h in detector.heads_of(d)] for d in _named(detector)}
    lost = [d for d, layers in by_decoder.items() if not any(layers)]
    return lost if len(lost) < len(by_decoder) else []


def _named(detector: Detector) -> list[NmsDecoder]:
    return [decoder for decoder in detector.config.decoders if decoder.layers]


def _choice(detector: Detector, heads: Sequence[Head]) -> str:
    keys = [f'"{head.key}" of {head.decoder.described}' for head in heads]
    ends = [f"{end.described()} {_size(end.output_shape)}" for end in detector.ends]
    if ends:
        return (
            f"choose {listed(keys, MAX_NAMED)} among the layers that compute outputs: "
            f"{listed(ends, MAX_ENDS_NAMED)}"
        )
    return "name the layers that compute boxes and scores in this network"


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _location(detector: Detector, head: Head) -> Location | None:
    return detector.config.location(head.key, head.decoder)


def _unknown_keys(detector: Detector) -> Iterator[Finding]:
    config = detector.config
    slips: dict[str, tuple[str, NmsDecoder | None]] = {}
    for decoder in (None, *config.decoders):
        values, known_keys = (
            (config.values, CONFIG_KEYS) if decoder is None else (decoder.values, DECODER_KEYS)
        )
        for key in values:
            known = _meant(key, known_keys)
            if known and known not in values:
                slips.setdefault(key, (known, decoder))
    for key, (known, holder) in slips.items():
        yield Finding(
            id="nms-names",
            severity=Severity.WARNING,
            headline="A key of the NMS configuration looks misspelt",
            evidence=f'"{short(key, MAX_KEY)}" in {config.path}, which lacks "{known}"',
            why="No published configuration has this key, so it may not be read.",
            remedy=f'Write "{known}" in {config.path}, if that is meant.',
            location=config.location(key, holder),
        )


def _meant(key: str, known: frozenset[str]) -> str:
    """The known key of which an unknown one is a slip; "" if it is none."""
    return "" if key in known else most_alike(key, sorted(known), MIN_KEY_LIKENESS)
