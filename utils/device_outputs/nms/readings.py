"""Lists of boxes in every order of their columns, beside the boxes of the emulated heads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.nms.lists import Boxes

# What two codes of scores and of sides do to a box: both are wide enough for what emulators
# differ by, and far from what another box is.
NEAR_SCORE, NEAR_IOU = 0.03, 0.8
FRACTIONS = 2.0  # sides that reach farther may be pixels
AS_MEANT = "y, x, y, x"
COLUMNS = {AS_MEANT: (0, 1, 2, 3), "x, y, x, y": (1, 0, 3, 2)}
# The same with the centre first, then height and width.
CENTRES = {"y, x, height, width": (0, 1, 2, 3), "x, y, width, height": (1, 0, 3, 2)}
# And with the first corner in its place, as COCO has it.
CORNERS = {
    "y, x, height, width from a corner": (0, 1, 2, 3),
    "x, y, width, height from a corner": (1, 0, 3, 2),
}
LABELS = (0, -1, 1)


@dataclass(frozen=True, eq=False)
class Reading:
    """Lists of the chip read in one way, beside the boxes of the heads.

    Parameters
    ----------
    lists : by frame.
    heads : of the samples that the frames belong to, clipped where the lists are.
    columns : order of the sides that they are read in.
    labels : what is added to their classes.
    found : which of their boxes the heads have as well.
    """

    lists: Sequence[Boxes]
    heads: Sequence[Boxes] = ()
    columns: str = AS_MEANT
    labels: int = 0
    found: list[NDArray[np.bool_]] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Of the boxes, how many were found."""
        count = sum(len(each) for each in self.found)
        return sum(int(each.sum()) for each in self.found) / count if count else 0.0


def likeness(reading: Reading) -> tuple[float, bool, bool]:
    """What the likeliest of several readings has most of."""
    return reading.share, reading.columns == AS_MEANT, reading.labels == 0


def readings(
    lists: Sequence[Boxes],
    decoded: Sequence[Boxes],
    image: tuple[int, int],
    orders: Mapping[str, tuple[int, ...]],
    added: Sequence[int] = LABELS,
) -> Iterator[Reading]:
    """The lists with every order of columns, and with labels moved; as they should be first."""
    reach = max((float(boxes[:, :4].max()) for boxes in lists if len(boxes)), default=0.0)
    units = [(1, 1), image] if reach > FRACTIONS else [(1, 1)]
    for columns, order in orders.items():
        sides, kept = lists, order
        if columns in CENTRES:
            sides, kept = [_of_centres(boxes, order) for boxes in lists], COLUMNS[AS_MEANT]
        elif columns in CORNERS:
            sides, kept = [_of_corners(boxes, order) for boxes in lists], COLUMNS[AS_MEANT]
        for labels, unit in product(added, units):
            turned = [_turned(boxes, kept, labels, unit) for boxes in sides]
            yield reading_of(turned, decoded, columns, labels)


def reading_of(
    lists: Sequence[Boxes], decoded: Sequence[Boxes], columns: str = AS_MEANT, labels: int = 0
) -> Reading:
    """Lists as they are meant, and which of their boxes the heads have.

    Where no box reaches out of the picture, hosts may have clipped those that did.
    """
    beside = decoded
    if all(((boxes[:, :4] >= 0) & (boxes[:, :4] <= 1)).all() for boxes in lists):
        beside = [np.column_stack([np.clip(b[:, :4], 0, 1), b[:, 4:]]) for b in decoded]
    found = [_found(boxes, heads) for boxes, heads in zip(lists, beside, strict=True)]
    return Reading(lists, beside, columns, labels, found)


def _of_centres(boxes: Boxes, order: tuple[int, ...]) -> Boxes:
    """Boxes of centres and sizes as y, x, y, x."""
    centres, sizes = boxes[:, list(order[:2])], boxes[:, list(order[2:])]
    return np.column_stack([centres - sizes / 2, centres + sizes / 2, boxes[:, 4:]])


def _of_corners(boxes: Boxes, order: tuple[int, ...]) -> Boxes:
    """Boxes of a corner and sizes as y, x, y, x."""
    corners, sizes = boxes[:, list(order[:2])], boxes[:, list(order[2:])]
    return np.column_stack([corners, corners + sizes, boxes[:, 4:]])


def _turned(boxes: Boxes, order: tuple[int, ...], moved: int, unit: tuple[int, int]) -> Boxes:
    """Boxes as y, x, y, x in fractions; `unit` is height and width of the whole, as they count."""
    sides = boxes[:, list(order)] / np.array([*unit, *unit], np.float64)
    return np.column_stack([sides, boxes[:, 4], boxes[:, 5] + moved])


def _found(boxes: Boxes, decoded: Boxes) -> NDArray[np.bool_]:
    """Which boxes the heads have as well, with their class and about their score."""
    found = np.zeros(len(boxes), np.bool_)
    for place, box in enumerate(boxes):
        alike = decoded[(decoded[:, 5] == box[5]) & (np.abs(decoded[:, 4] - box[4]) <= NEAR_SCORE)]
        found[place] = bool((overlaps(alike, box) >= NEAR_IOU).any())
    return found


def overlaps(boxes: Boxes, box: NDArray[np.float64]) -> NDArray[np.float64]:
    """IoU of boxes with one."""
    low = np.maximum(boxes[:, :2], box[:2])
    high = np.minimum(boxes[:, 2:4], box[2:4])
    both = np.clip(high - low, 0, None).prod(axis=1)
    areas = np.clip(boxes[:, 2:4] - boxes[:, :2], 0, None).prod(axis=1)
    own = float(np.clip(box[2:4] - box[:2], 0, None).prod())
    union = areas + own - both
    found: NDArray[np.float64] = np.divide(both, union, out=np.zeros(len(boxes)), where=union > 0)
    return found
