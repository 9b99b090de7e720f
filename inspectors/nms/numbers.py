"""Numbers of classes and anchors against the channels of the layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from inspectors.nms.heads import MAX_NAMED, Detector, Head
from inspectors.nms.matching import Match
from utils.facts.nms_configs import BOX_SIDES
from utils.findings import Finding, Severity
from utils.side_files.nms_config import NmsDecoder
from utils.wording import listed, plural


def class_findings(detector: Detector, match: Match) -> Iterator[Finding]:
    """Yield where the number of classes contradicts the network."""
    written = detector.config.integer("classes")
    counts = {head: _class_count(detector, head) for head in judged_heads(detector, match)}
    known = {head: count for head, count in counts.items() if count is not None}
    wrong = {head: count for head, count in known.items() if count != written}
    if not wrong:
        return
    numbers = sorted(set(known.values()))
    hosts = [f"{h.layer.base_name} has {h.channels}" for h in wrong if h.layer]
    if len(numbers) == 1 and numbers[0] > 0:
        note = ", the background being one of them" if _has_background(detector) else ""
        remedy = f'Write "classes": {numbers[0]} in {detector.config.path}{note}.'
    else:
        remedy = (
            f"Check the names of layers in {detector.config.path}, since no number of classes fits "
            "all of them."
        )
    number = f'"classes" of {detector.config.path} is {written}, ' if written is not None else ""
    if written is None and "classes" in detector.config.values:
        given = f"{detector.quoted('classes')} instead of a whole number"
        number = f'"classes" of {detector.config.path} is {given}, '
    yield Finding(
        id="nms-classes",
        severity=Severity.ERROR,
        headline="The NMS configuration does not say how many classes there are"
        if written is None
        else "The number of classes in the NMS configuration does not fit the network",
        evidence=f"{number}{listed(hosts, MAX_NAMED)} channels"
        f"{_per_box(detector, next(iter(wrong)))}",
        why="Scores are read as those of other classes." if written is not None else "",
        remedy=remedy,
        layers=tuple(head.layer.name for head in wrong if head.layer),
        measured={"classes": float(written or 0), "classes_of_network": float(numbers[-1])},
        location=detector.config.location("classes"),
    )


def judged_heads(detector: Detector, match: Match) -> list[Head]:
    """Heads with the layer that is meant, whatever its channels and the name in the file."""
    heads = [replace(head, layer=match.layers.get(head)) for head in detector.heads]
    return [
        head
        for head in heads
        if head.channels is not None and head.decoder.boxes_per_cell is not None
    ]


def _class_count(detector: Detector, head: Head) -> int | None:
    """Classes for which a layer has channels; 0 if no number fits, None if it cannot be told."""
    channels, anchors = head.channels or 0, _boxes(head.decoder)
    if head.key == "cls_layer":
        return _exact(channels, anchors)
    if head.key == "encoded_layer" and head.decoder.anchors:
        if _anchor_count(detector, head) not in (None, anchors):
            return None  # the anchors are what is wrong
        count = _exact(channels, anchors) - detector.numbers_beside_classes
        return max(count, 0)
    bins = detector.config.integer("regression_length")
    if head.key == "combined_layer" and bins is not None:
        return max(channels - BOX_SIDES * bins, 0)
    return None


def _boxes(decoder: NmsDecoder) -> int:
    return decoder.boxes_per_cell or 1


def _exact(number: int, divisor: int) -> int:
    return 0 if number % divisor else number // divisor


def _per_box(detector: Detector, head: Head) -> str:
    anchors = _boxes(head.decoder)
    if head.key == "encoded_layer":
        other = detector.numbers_beside_classes
        return f" for {anchors} anchor boxes of {other} numbers and the classes"
    return f" for {anchors} anchor boxes" if anchors > 1 else ""


def _has_background(detector: Detector) -> bool:
    return detector.config.flag("background_removal") is True


def anchor_findings(detector: Detector, match: Match) -> Iterator[Finding]:
    """Yield where anchor boxes contradict the layers that compute the boxes."""
    yield from _uneven_anchors(detector)
    yield from _anchor_counts(detector, match)


def _uneven_anchors(detector: Detector) -> Iterator[Finding]:
    for decoder in detector.config.decoders:
        if decoder.anchors and decoder.anchors[0] != decoder.anchors[1]:
            widths, heights = decoder.anchors
            yield Finding(
                id="nms-regression",
                severity=Severity.ERROR,
                headline="The anchor boxes have another number of widths than of heights",
                evidence=f"{decoder.described} of {detector.config.path} lists "
                f"{plural(widths, 'width')} and {plural(heights, 'height')}",
                remedy=f'Give "w" and "h" of {decoder.described} in {detector.config.path} one '
                "number for each anchor box, those of the training.",
                measured={"widths": float(widths), "heights": float(heights)},
                location=detector.config.location("w", decoder),
            )


def _anchor_count(detector: Detector, head: Head) -> int | None:
    """Anchor boxes for which a layer has channels, where another number than listed fits them."""
    decoder, channels = head.decoder, head.channels
    if decoder.anchors is None or channels is None:
        return None
    if head.key == "reg_layer":
        return _exact(channels, BOX_SIDES) or None
    classes = detector.config.integer("classes")
    if head.key != "encoded_layer" or classes is None or classes < 1:
        return None
    listed_boxes = _boxes(decoder)
    per_box = _exact(channels, listed_boxes) - detector.numbers_beside_classes
    # As long as some number of classes fits the anchors, that is the likelier mistake.
    if per_box > 0:
        return listed_boxes
    return _exact(channels, detector.numbers_beside_classes + classes) or None


def _anchor_counts(detector: Detector, match: Match) -> Iterator[Finding]:
    for head in judged_heads(detector, match):
        fitting, decoder = _anchor_count(detector, head), head.decoder
        if not fitting or not head.layer or fitting == _boxes(decoder):
            continue
        yield Finding(
            id="nms-regression",
            severity=Severity.ERROR,
            headline="The number of anchor boxes does not fit the channels of the network",
            evidence=f"{decoder.described} of {detector.config.path} lists {_boxes(decoder)}, "
            f"{head.layer.described()} has {head.channels} channels, enough for {fitting}",
            why="Channels are read as those of other boxes.",
            remedy=f'Give "w" and "h" of {decoder.described} in {detector.config.path} '
            f"{plural(fitting, 'number')} each, those of the training.",
            layers=(head.layer.name,),
            measured={"anchors": float(_boxes(decoder)), "anchors_of_network": float(fitting)},
            location=detector.config.location("w", decoder),
        )
