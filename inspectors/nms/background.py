"""The class of the background, which some heads have and others have not."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.nms.heads import Detector
from utils.findings import Finding, Severity


def background_findings(detector: Detector) -> Iterator[Finding]:
    """Yield where the background is handled otherwise than the heads need."""
    config = detector.config
    removes, classes = config.flag("background_removal"), config.integer("classes")
    index = config.integer("background_removal_index") or 0
    if not config.decoders or removes is None:
        return
    if removes and not _is_ssd(detector):
        yield _without_background(detector, index)
    elif removes and classes is not None and not 0 <= index < classes:
        yield _beyond_the_classes(detector, index, classes)
    elif not removes and detector.meta_arch == "ssd":
        yield _kept(detector)


def _is_ssd(detector: Detector) -> bool:
    keys = {key for decoder in detector.config.decoders for key in decoder.values}
    return {"w", "h", "reg_layer", "cls_layer"} <= keys


def _without_background(detector: Detector, index: int) -> Finding:
    path = detector.config.path
    return Finding(
        id="nms-classes",
        severity=Severity.WARNING,
        headline="The NMS removes a background class that these heads do not have",
        evidence=f'"background_removal" of {path} is true, class {index} is dropped',
        why="Only heads like those of SSD have a background class. Objects of the class that is "
        "dropped are never reported.",
        remedy=f'Write "background_removal": false in {path}.',
        location=detector.config.location("background_removal"),
    )


def _beyond_the_classes(detector: Detector, index: int, classes: int) -> Finding:
    path = detector.config.path
    return Finding(
        id="nms-classes",
        severity=Severity.ERROR,
        headline="The index of the background class lies outside of the classes",
        evidence=f'"background_removal_index" of {path} is {index}, the classes are counted from '
        f"0 to {classes - 1}",
        why="The background is then reported as objects.",
        remedy=f'Write "background_removal_index": 0 in {path}, if the background is the first '
        "class, as in most SSDs.",
        location=detector.config.location("background_removal_index"),
    )


def _kept(detector: Detector) -> Finding:
    return Finding(
        id="nms-classes",
        severity=Severity.WARNING,
        headline="The NMS keeps the background, for which most SSDs have a class",
        evidence=f'"background_removal" of {detector.config.path} is false',
        why="The background is then reported as objects.",
        remedy=f'Write "background_removal": true in {detector.config.path} and count the '
        'background in "classes", if the network has a class for it.',
        location=detector.config.location("background_removal"),
    )
