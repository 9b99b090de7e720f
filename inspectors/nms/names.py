"""Layers that are named wrongly or not at all, and keys that nobody reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from inspectors.nms.heads import MAX_NAMED, Detector, Head
from utils.facts.nms_configs import BOX_SIDES, CONFIG_KEYS, DECODER_KEYS, layout_for
from utils.findings import Finding, Location, Severity
from utils.side_files.nms_config import NmsDecoder
from utils.wording import listed, plural, short

MIN_KEY_LIKENESS = 0.8  # of a key to a known one, 0 to 1: a slip of the pen, not another key
MAX_HEADS_NAMED = 12  # in one remedy; those of an SSD with six scales
MAX_KEY = 40  # characters of a key that nobody knows


def name_findings(detector: Detector) -> Iterator[Finding]:
    """Yield what is wrong with the names of layers and keys."""
    yield from _layout(detector)
    yield from _wrong_names(detector)
    yield from _empty_names(detector)
    yield from _unknown_keys(detector)


def _layout(detector: Detector) -> Iterator[Finding]:
    layout = layout_for(detector.meta_arch)
    decoders = detector.config.decoders
    if layout is None or not decoders:
        return
    lacking = [d for d in decoders if not any(keys <= d.values.keys() for keys in layout.required)]
    missing = " or ".join(" and ".join(sorted(keys)) for keys in layout.required)
    if not lacking and layout.anchors:
        lacking, missing = [d for d in decoders if d.anchors is None], "w and h"
    if lacking:
        given = sorted(set(lacking[0].values) & DECODER_KEYS - {"name"})
        yield Finding(
            id="nms-names",
            severity=Severity.ERROR,
            headline="The NMS configuration is for another kind of head than the model script",
            evidence=f"meta_arch={detector.meta_arch} needs {missing}, "
            f"{listed([d.described for d in lacking], MAX_NAMED)} of {detector.config.path} "
            f"hold{'s' if len(lacking) == 1 else ''} {listed(given) or 'none of the known keys'}",
            why="The compiler does not find the layers of this kind of head.",
            remedy="Use the NMS configuration, or the meta_arch, that fits the network.",
            measured={"decoders": float(len(lacking))},
            location=detector.config.location("bbox_decoders"),
        )


def _wrong_names(detector: Detector) -> Iterator[Finding]:
    wrong = [(head, why) for head in detector.heads if (why := _complaint(detector, head))]
    if not wrong:
        return
    heads = [head for head, _ in wrong]
    yield Finding(
        id="nms-names",
        severity=Severity.ERROR,
        headline="The NMS configuration names layers that cannot be meant",
        evidence=f"{detector.config.path}: {listed([why.text for _, why in wrong], MAX_NAMED)}",
        remedy=_remedy(detector, heads),
        quotation=next(filter(None, (why.answer for _, why in wrong)), ""),
        layers=tuple(head.layer.name for head in heads if head.layer),
        measured={"layers": float(len(wrong))},
        location=_location(detector, heads[0]),
    )


@dataclass(frozen=True)
class _Complaint:
    """What is wrong with a name, and what the compiler answers to it; "" where it does not."""

    text: str
    answer: str = ""


def _complaint(detector: Detector, head: Head) -> _Complaint | None:
    """What is wrong with a name; None if nothing is, or if a number is wrong instead."""
    if not head.written:
        return None
    if head.layer is None:
        answer = f"The layer named {head.written} doesn't exist in the HN"
        return _Complaint(f"{head.key} {head.written} does not exist", answer)
    described = f"{head.key} {head.layer.described()}"
    if not detector.is_end(head):
        return _Complaint(f"{described} feeds no output", "doesn't have one output layer")
    expected = detector.expected_channels(head.decoder, head.key)
    if detector.is_plausible(head) or head.channels is None:
        return None
    if detector.replacement(head) is None and not _is_settled(head):
        return None
    return _Complaint(f"{described} has {head.channels} channels and not {expected}")


def _is_settled(head: Head) -> bool:
    """Whether no number of the file could make a layer of other channels fit."""
    if head.key == "reg_layer" and head.decoder.anchors:
        return bool((head.channels or 0) % BOX_SIDES)
    return head.key == "objectness_layer"


def _empty_names(detector: Detector) -> Iterator[Finding]:
    empty = [head for head in detector.heads if not head.written]
    if not empty:
        return
    found = [detector.replacement(head) for head in empty]
    is_certain = all(layer is not None for layer in found)
    yield Finding(
        id="nms-names",
        severity=Severity.INFO if is_certain else Severity.WARNING,
        headline="The NMS configuration leaves names of layers empty"
        if is_certain
        else "The NMS configuration leaves names empty that the compiler may not find",
        evidence=f"{plural(len(empty), 'name')} in {detector.config.path}",
        why="The compiler has to find these layers itself."
        if is_certain
        else "The channels of the layers do not show which are meant.",
        remedy=_remedy(detector, empty),
        quotation="" if is_certain else "Cannot infer bbox conv layers automatically",
        measured={"layers": float(len(empty))},
        location=_location(detector, empty[0]),
    )


def _remedy(detector: Detector, heads: Sequence[Head]) -> str:
    entries = [
        f'"{head.key}": "{layer.base_name}" in {head.decoder.described}'
        for head in heads
        if (layer := detector.suggestion(head)) is not None
    ]
    if entries:
        return f"Write {listed(entries, MAX_HEADS_NAMED)} of {detector.config.path}."
    ends = [f"{end.described()} {_size(end.output_shape)}" for end in detector.ends]
    if ends:
        return f"Choose among the layers that compute outputs: {listed(ends, MAX_HEADS_NAMED)}."
    return "Name the layers that compute boxes and scores in this network."


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
    if key in known:
        return ""
    alike = get_close_matches(key, sorted(known), n=1, cutoff=MIN_KEY_LIKENESS)
    return alike[0] if alike else ""
