"""Sides of boxes: plain numbers or distributions over bins, and how many bins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inspectors.nms.heads import MAX_NAMED, Detector, Head
from inspectors.nms.matching import Match
from inspectors.nms.numbers import judged_heads
from utils.facts.nms_configs import (
    BOX_SIDES,
    DISTRIBUTION_META_ARCHS,
    FEWEST_BINS,
    PLAIN_BOX_META_ARCHS,
)
from utils.findings import Finding, Location, Severity
from utils.wording import listed

BINS = "regression_length"


def box_findings(detector: Detector, match: Match) -> Iterator[Finding]:
    """Yield where boxes are read otherwise than the network computes them."""
    heads = [
        head
        for head in judged_heads(detector, match)
        if head.key == "reg_layer" and head.decoder.anchors is None
    ]
    counts = {(head.channels or 0) // BOX_SIDES for head in heads}
    exact = all((head.channels or 0) % BOX_SIDES == 0 for head in heads)
    if not heads:
        return
    if len(counts) > 1 or not exact:
        yield from _uneven(detector, heads)
        return
    (bins,) = counts
    if bins < FEWEST_BINS:
        yield from _plain(detector, heads)
    elif _reads_numbers(detector):
        yield _distributions(detector, heads, bins)
    else:
        yield from _other_bins(detector, heads, bins)


def _reads_numbers(detector: Detector) -> bool:
    """Whether boxes are read as four plain numbers."""
    has_objectness = any("objectness_layer" in d.values for d in detector.config.decoders)
    return has_objectness or detector.meta_arch in PLAIN_BOX_META_ARCHS


def _reads_distributions(detector: Detector) -> bool:
    is_likely = not detector.meta_arch and detector.numbers.bins is not None
    return is_likely or detector.meta_arch in DISTRIBUTION_META_ARCHS


def _plain(detector: Detector, heads: Sequence[Head]) -> Iterator[Finding]:
    """The network computes four numbers."""
    path, bins = detector.config.path, detector.numbers.bins
    if _reads_distributions(detector) and not _reads_numbers(detector):
        line = f"`{detector.script_line('yolov6')}` into the model script"
        deletion = f', and delete "{BINS}" from {path}' if bins is not None else ""
        yield Finding(
            id="nms-regression",
            severity=Severity.ERROR,
            headline="The NMS reads distributions where the network computes four numbers",
            evidence=f"{_hosts(heads)}, one for each side of a box"
            + (f', and meta_arch is "{detector.meta_arch}"' if detector.meta_arch else ""),
            why="A distribution over one bin says nothing, so every box collapses to a point. "
            "Heads like these, as those of YOLO26, are decoded like those of YOLOv6.",
            remedy=f"Write {line}{deletion}.",
            layers=_names(heads),
            measured={"channels": float(heads[0].channels or 0)},
            location=_location(detector, heads),
        )
    elif _reads_numbers(detector) and bins is not None:
        yield Finding(
            id="nms-regression",
            severity=Severity.WARNING,
            headline="The NMS configuration gives bins to boxes that have none",
            evidence=f'"{BINS}" of {path} is {bins}, {_hosts(heads)}, one for each side of a box',
            why="It is left over from another kind of head.",
            remedy=f'Delete "{BINS}" from {path}.',
            layers=_names(heads),
            measured={"channels": float(heads[0].channels or 0)},
            location=detector.config.location(BINS),
        )


def _distributions(detector: Detector, heads: Sequence[Head], bins: int) -> Finding:
    """The network computes distributions, and four numbers are read."""
    path = detector.config.path
    entry = "" if detector.numbers.bins == bins else f', and "{BINS}": {bins} into {path}'
    return Finding(
        id="nms-regression",
        severity=Severity.ERROR,
        headline="The NMS reads four numbers where the network computes distributions",
        evidence=f"a box of four numbers asks for {BOX_SIDES} channels, {_hosts(heads)}",
        why="Boxes come out wrong while their scores look healthy.",
        remedy=f"Write `{detector.script_line('yolov8')}` into the model script{entry}.",
        layers=_names(heads),
        measured={"channels": float(heads[0].channels or 0), "channels_expected": BOX_SIDES},
        location=_location(detector, heads),
    )


def _other_bins(detector: Detector, heads: Sequence[Head], bins: int) -> Iterator[Finding]:
    written, path = detector.numbers.bins, detector.config.path
    if written in (None, bins):
        return
    yield Finding(
        id="nms-regression",
        severity=Severity.ERROR,
        headline="The length of the box regression does not fit the channels of the network",
        evidence=f'"{BINS}": {written} of {path} asks for {BOX_SIDES * (written or 0)} channels, '
        f"{_hosts(heads)}",
        why="Boxes come out wrong while their scores look healthy.",
        remedy=f'Write "{BINS}": {bins} in {path}.',
        layers=_names(heads),
        measured={
            "channels": float(heads[0].channels or 0),
            "channels_expected": float(BOX_SIDES * (written or 0)),
        },
        location=_location(detector, heads),
    )


def _uneven(detector: Detector, heads: Sequence[Head]) -> Iterator[Finding]:
    expected = {h: detector.expected_channels(h.decoder, h.key) for h in heads}
    wrong = [head for head in heads if expected[head] not in (None, head.channels)]
    if wrong:
        path = detector.config.path
        yield Finding(
            id="nms-regression",
            severity=Severity.ERROR,
            headline="The layers of the boxes have different numbers of channels",
            evidence=_hosts(heads),
            why="Boxes come out wrong while their scores look healthy.",
            remedy=f"Check the names of layers in {path}, since no number of bins fits all of "
            "them.",
            layers=_names(wrong),
            measured={"channels": float(wrong[0].channels or 0)},
            location=_location(detector, wrong),
        )


def _hosts(heads: Sequence[Head]) -> str:
    named = [f"{head.layer.base_name} has {head.channels}" for head in heads if head.layer]
    return f"{listed(named, MAX_NAMED)} channels"


def _names(heads: Sequence[Head]) -> tuple[str, ...]:
    return tuple(head.layer.name for head in heads if head.layer)


def _location(detector: Detector, heads: Sequence[Head]) -> Location | None:
    config = detector.config
    return config.location(BINS) or config.location("reg_layer", heads[0].decoder)
