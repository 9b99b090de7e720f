"""Lists that end at the most boxes that are kept of a class, or of a frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from utils.device_outputs.nms.lists import Boxes
from utils.device_outputs.nms.readings import NEAR_SCORE, overlaps

FEWEST_FULL = 3  # lists that end at one number of boxes: fewer have it by chance
MOST_ELSEWHERE = 0.03  # of the boxes that are missing, in lists that are not full
SUPPRESSED_IOU = 0.4  # boxes that lie less over any that was kept are not suppressed by it
MOST_CANDIDATES = 500  # of a frame that are looked at, the highest scores first


def limit_of(lists: Sequence[Boxes], decoded: Sequence[Boxes], cut: float) -> str:
    """That boxes above a score are missing in full lists alone; "" where it is not so.

    Parameters
    ----------
    cut : score from which boxes are to be kept.
    """
    for what, groups in (
        ("a class", _by_class(lists, decoded)),
        ("a frame", [*zip(lists, decoded, strict=True)]),
    ):
        most = max((len(boxes) for boxes, _ in groups), default=0)
        full, missing, elsewhere = 0, 0, 0
        for boxes, heads in groups:
            count = not_suppressed(boxes, heads[heads[:, 4] > cut + NEAR_SCORE])
            is_full = len(boxes) == most
            full += is_full
            missing += count if is_full else 0
            elsewhere += 0 if is_full else count
        if most and full >= FEWEST_FULL and missing and elsewhere <= MOST_ELSEWHERE * missing:
            return (
                f"{full} lists end at {most} box{'' if most == 1 else 'es'} of {what}, and "
                f"{missing:,} boxes with scores above {cut:.3g} are missing there alone"
            )
    return ""


def _by_class(lists: Sequence[Boxes], decoded: Sequence[Boxes]) -> list[tuple[Boxes, Boxes]]:
    """The boxes of every class of a frame, with those of the heads."""
    numbers = np.unique(np.concatenate([boxes[:, 5] for boxes in decoded]))
    return [
        (boxes[boxes[:, 5] == number], heads[heads[:, 5] == number])
        for boxes, heads in zip(lists, decoded, strict=True)
        for number in numbers
    ]


def not_suppressed(kept: Boxes, candidates: Boxes) -> int:
    """How many candidates no box of their class that was kept would have suppressed."""
    count = 0
    likeliest = candidates[np.argsort(-candidates[:, 4], kind="stable")[:MOST_CANDIDATES]]
    for candidate in likeliest:
        same = kept[kept[:, 5] == candidate[5]]
        count += not bool((overlaps(same, candidate) >= SUPPRESSED_IOU).any())
    return count
