"""Which kind of detector a network is, as far as the shapes of its heads tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inspectors.nms.heads import Detector, Size
from utils.facts.nms_configs import BOX_SIDES, OBJECTNESS
from utils.har.network import Layer

FEWEST_SCALES = 2  # with one size alone anything could be meant
USUAL_BINS = 16  # for each side of a box, in all heads of this kind that are published
USUAL_ANCHORS = 3  # of YOLOv3 to v7

Scales = Mapping[Size, Mapping[str, Layer]]


@dataclass(frozen=True)
class HeadKind:
    """What the heads of a network are.

    Parameters
    ----------
    meta_arch : the architecture whose decoder reads them.
    scales : size of each scale, the largest first, with its layers by key of a decoder.
    classes : number of classes.
    bins : bins of one side of a box; None where boxes are plain numbers.
    """

    meta_arch: str
    scales: Scales
    classes: int
    bins: int | None = None


def kind_of_heads(detector: Detector) -> HeadKind | None:
    """The one kind that all layers in front of the outputs fit; None if none or several do."""
    sizes: dict[Size, list[Layer]] = {}
    for end in detector.ends:
        sizes.setdefault(end.output_shape[:2], []).append(end)
    if len(sizes) < FEWEST_SCALES:
        return None
    ordered = {size: sizes[size] for size in sorted(sizes, reverse=True)}
    found = [kind for build in (_anchors, _pairs, _triples) for kind in build(ordered)]
    return found[0] if len(found) == 1 else None


def _anchors(sizes: Mapping[Size, Sequence[Layer]]) -> list[HeadKind]:
    channels = _common(sizes, 1)
    if channels is None:
        return []
    each, rest = divmod(channels[0], USUAL_ANCHORS)
    classes = each - BOX_SIDES - OBJECTNESS
    if rest or classes < 1:
        return []
    scales = {size: {"encoded_layer": ends[0]} for size, ends in sizes.items()}
    return [HeadKind("yolov5", scales, classes)]


def _pairs(sizes: Mapping[Size, Sequence[Layer]]) -> list[HeadKind]:
    channels = _common(sizes, 2)
    if channels is None or channels[0] == channels[1]:
        return []
    found = []
    for boxes, classes in (channels, channels[::-1]):
        scales = {
            size: {
                "reg_layer": next(e for e in ends if e.output_shape[2] == boxes),
                "cls_layer": next(e for e in ends if e.output_shape[2] == classes),
            }
            for size, ends in sizes.items()
        }
        if boxes == BOX_SIDES:
            found.append(HeadKind("yolov6", scales, classes))
        elif boxes == BOX_SIDES * USUAL_BINS:
            found.append(HeadKind("yolov8", scales, classes, USUAL_BINS))
    return found


def _triples(sizes: Mapping[Size, Sequence[Layer]]) -> list[HeadKind]:
    channels = _common(sizes, 3)
    if channels is None or len(set(channels)) < len(channels):
        return []
    if not {BOX_SIDES, OBJECTNESS} < set(channels):
        return []
    (classes,) = set(channels) - {BOX_SIDES, OBJECTNESS}
    keys = {BOX_SIDES: "reg_layer", OBJECTNESS: "objectness_layer", classes: "cls_layer"}
    scales = {
        size: {keys[end.output_shape[2]]: end for end in ends} for size, ends in sizes.items()
    }
    return [HeadKind("yolox", scales, classes)]


def _common(sizes: Mapping[Size, Sequence[Layer]], count: int) -> tuple[int, ...] | None:
    """Channels of the layers of every size; None if they differ, or are not so many."""
    found = {tuple(sorted(end.output_shape[2] for end in ends)) for ends in sizes.values()}
    channels = next(iter(found))
    return channels if len(found) == 1 and len(channels) == count else None
