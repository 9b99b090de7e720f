"""Lists of boxes of the chip against every box of the emulated heads."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.nms.lists import Boxes
from utils.stages import Reason

# What two codes of scores and of sides do to a box: both are wide enough for what emulators
# differ by, and far from what another box is.
NEAR_SCORE, NEAR_IOU = 0.03, 0.8
ALL = 0.97  # share of boxes that have to be found
SUPPRESSED_IOU = 0.4  # boxes that lie less over any that was kept are not suppressed by it
FRACTIONS = 2.0  # sides that reach farther may be pixels
MOST_CANDIDATES = 500  # of a frame that are looked at, the highest scores first
FEWEST = 3  # boxes from which anything can be told
AS_MEANT = "y, x, y, x"
COLUMNS = {AS_MEANT: (0, 1, 2, 3), "x, y, x, y": (1, 0, 3, 2)}
# The same with the centre first, then height and width.
CENTRES = {"y, x, height, width": (0, 1, 2, 3), "x, y, width, height": (1, 0, 3, 2)}
LABELS = (0, -1, 1)


@dataclass(frozen=True)
class Judged:
    """What comes of comparing lists.

    Parameters
    ----------
    is_equal : whether the chip keeps the boxes that the archive's thresholds keep.
    reasons : why not.
    is_compared : False where nothing could be.
    note : the numbers, or why nothing was compared; a sentence without its period.
    """

    is_equal: bool
    note: str
    reasons: tuple[Reason, ...] = ()
    is_compared: bool = True


def not_compared(why: str) -> Judged:
    """What to say where lists cannot be compared; `why` is a clause."""
    return Judged(False, f"The lists of boxes were not compared, since {why}", is_compared=False)


@dataclass(frozen=True, eq=False)
class _Reading:
    """Lists of the chip read in one way; `found` marks boxes that the heads have as well."""

    lists: Sequence[Boxes]
    columns: str = AS_MEANT
    labels: int = 0
    found: list[NDArray[np.bool_]] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Of the boxes, how many were found."""
        count = sum(len(each) for each in self.found)
        return sum(int(each.sum()) for each in self.found) / count if count else 0.0


def judged(
    lists: Sequence[Boxes],
    decoded: Sequence[Boxes],
    image: tuple[int, int],
    configured: float | None,
) -> Judged:
    """Compare the lists of the chip with every box of the heads.

    Parameters
    ----------
    lists, decoded : by frame.
    image : height and width of the input.
    configured : score from which the archive's configuration keeps boxes; None where none is
        stored.
    """
    count = sum(len(each) for each in lists)
    if count < FEWEST:
        boxes = f"{count} box{'' if count == 1 else 'es'}"
        return not_compared(f"the chip keeps {boxes}, which are too few")
    readings = list(_readings(lists, decoded, image, COLUMNS))
    best, plain = max(readings, key=_likeness), readings[0]
    if best.share < ALL:
        best = max([best, *_readings(lists, decoded, image, CENTRES)], key=_likeness)
    note = f"{best.share:.0%} of {count:,} boxes of the chip are among those of the emulated heads"
    if best.share < ALL:
        return Judged(False, note)
    reasons = [*_columns(best, plain), *_labels(best)]
    cut, missing, extra = _cut(best.lists, decoded, configured)
    note += f"; the lowest score is {cut:.3g}"
    if missing > (1 - ALL) * count:
        return Judged(False, f"{note}, and {missing:,} boxes above it are missing", tuple(reasons))
    # Where nobody says which cut is meant, every list of a chip has one: it is told, no more.
    is_equal = not reasons and (configured is None or not extra)
    if extra and (configured is not None or not reasons):
        reasons.append(Reason("nms-threshold", _threshold(cut, extra, configured)))
    return Judged(is_equal, note, tuple(reasons))


def _likeness(reading: _Reading) -> tuple[float, bool, bool]:
    return reading.share, reading.columns == AS_MEANT, reading.labels == 0


def _readings(
    lists: Sequence[Boxes],
    decoded: Sequence[Boxes],
    image: tuple[int, int],
    orders: Mapping[str, tuple[int, ...]],
) -> Iterator[_Reading]:
    """The lists with every order of columns, and with labels moved; as they should be first."""
    reach = max((float(boxes[:, :4].max()) for boxes in lists if len(boxes)), default=0.0)
    units = [(1, 1), image] if reach > FRACTIONS else [(1, 1)]
    for columns, order in orders.items():
        sides, kept = lists, order
        if columns in CENTRES:
            sides, kept = [_of_centres(boxes, order) for boxes in lists], COLUMNS[AS_MEANT]
        for moved, unit in product(LABELS, units):
            turned = [_turned(boxes, kept, moved, unit) for boxes in sides]
            found = [_found(b, d) for b, d in zip(turned, decoded, strict=True)]
            yield _Reading(turned, columns, moved, found)


def _of_centres(boxes: Boxes, order: tuple[int, ...]) -> Boxes:
    """Boxes of centres and sizes as y, x, y, x."""
    centres, sizes = boxes[:, list(order[:2])], boxes[:, list(order[2:])]
    return np.column_stack([centres - sizes / 2, centres + sizes / 2, boxes[:, 4:]])


def _turned(boxes: Boxes, order: tuple[int, ...], moved: int, unit: tuple[int, int]) -> Boxes:
    """Boxes as y, x, y, x in fractions; `unit` is height and width of the whole, as they count."""
    sides = boxes[:, list(order)] / np.array([*unit, *unit], np.float64)
    return np.column_stack([sides, boxes[:, 4], boxes[:, 5] + moved])


def _found(boxes: Boxes, decoded: Boxes) -> NDArray[np.bool_]:
    """Which boxes the heads have as well, with their class and about their score."""
    found = np.zeros(len(boxes), np.bool_)
    for place, box in enumerate(boxes):
        alike = decoded[(decoded[:, 5] == box[5]) & (np.abs(decoded[:, 4] - box[4]) <= NEAR_SCORE)]
        found[place] = bool((_overlaps(alike, box) >= NEAR_IOU).any())
    return found


def _overlaps(boxes: Boxes, box: NDArray[np.float64]) -> NDArray[np.float64]:
    """IoU of boxes with one."""
    low = np.maximum(boxes[:, :2], box[:2])
    high = np.minimum(boxes[:, 2:4], box[2:4])
    both = np.clip(high - low, 0, None).prod(axis=1)
    areas = np.clip(boxes[:, 2:4] - boxes[:, :2], 0, None).prod(axis=1)
    own = float(np.clip(box[2:4] - box[:2], 0, None).prod())
    union = areas + own - both
    found: NDArray[np.float64] = np.divide(both, union, out=np.zeros(len(boxes)), where=union > 0)
    return found


def _cut(
    lists: Sequence[Boxes], decoded: Sequence[Boxes], configured: float | None
) -> tuple[float, int, int]:
    """Lowest score of the chip; boxes above it that are missing; boxes that the cut is wrong for.

    The last are those between it and the configured cut, or below it where none is configured.
    """
    cut = min((float(boxes[:, 4].min()) for boxes in lists if len(boxes)), default=math.nan)
    missing = sum(
        _beside(boxes, found[found[:, 4] > cut + NEAR_SCORE])
        for boxes, found in zip(lists, decoded, strict=True)
    )
    wanted = 0.0 if configured is None else configured
    extra = sum(
        _beside(boxes, found[(found[:, 4] < cut - NEAR_SCORE) & (found[:, 4] > wanted)])
        for boxes, found in zip(lists, decoded, strict=True)
    )
    if configured is not None and cut < configured - NEAR_SCORE:
        extra += sum(int((boxes[:, 4] < configured - NEAR_SCORE).sum()) for boxes in lists)
    return cut, missing, extra


def _beside(kept: Boxes, candidates: Boxes) -> int:
    """How many candidates no box of their class that was kept would have suppressed."""
    count = 0
    likeliest = candidates[np.argsort(-candidates[:, 4], kind="stable")[:MOST_CANDIDATES]]
    for candidate in likeliest:
        same = kept[kept[:, 5] == candidate[5]]
        count += not bool((_overlaps(same, candidate) >= SUPPRESSED_IOU).any())
    return count


def _columns(best: _Reading, plain: _Reading) -> Iterator[Reason]:
    if best.columns != plain.columns:
        evidence = f"sides read as {best.columns}: {best.share:.0%} of the boxes are found"
        yield Reason("nms-columns", f"{evidence}, {plain.share:.0%} as {plain.columns}")


def _labels(best: _Reading) -> Iterator[Reason]:
    if best.labels:
        way = "too high" if best.labels < 0 else "too low"
        yield Reason("nms-labels", f"classes are 1 {way}: {best.share:.0%} of the boxes are found")


def _threshold(cut: float, extra: int, configured: float | None) -> str:
    if configured is None:
        return f"no box of the chip has a score below {cut:.3g}, {extra:,} of the heads have"
    told = f"the archive's configuration keeps boxes from {configured:.3g}"
    return f"the lowest score of the chip is {cut:.3g}, {told}, {extra:,} boxes lie between"
