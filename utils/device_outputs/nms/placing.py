"""Lists of boxes beside other samples, or with sides in the units of another frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.nms.lists import Boxes
from utils.device_outputs.nms.readings import (
    COLUMNS,
    NEAR_SCORE,
    Reading,
    likeness,
    reading_of,
    readings,
)
from utils.wording import rounded

MOST_LATE, LEAST_SHARE = 8, 1 / 3  # frames; of the frames that have to be left
FEWEST = 8  # boxes beside those of the heads with their score, to fit a line through their sides
MOST_FITTED = 200
MOST_TRIED = 200  # boxes of all frames, of which it is seen whether they are late
SMALLEST, NOTHING = 1e-3, 0.005  # slope of a line; offset in fractions that is none


def frames_behind(late: int, count: int) -> tuple[range, range]:
    """Frames of the dump and the samples that they belong to."""
    return range(max(late, 0), count + min(late, 0)), range(max(-late, 0), count - max(late, 0))


def moved(
    best: Reading, lists: Sequence[Boxes], decoded: Sequence[Boxes], image: tuple[int, int]
) -> tuple[Reading, int]:
    """The reading, or that of lists which lie beside other samples, and how many frames late."""
    most = min(MOST_LATE, int((1 - LEAST_SHARE) * len(lists)))
    each = max(MOST_TRIED // max(len(lists), 1), 1)
    few = [boxes[:each] for boxes in lists]
    found: tuple[float, int] = (best.share, 0)
    for late in (way * far for far in range(1, most + 1) for way in (1, -1)):
        some, beside = _beside(late, few, decoded)
        if sum(len(boxes) for boxes in some) >= FEWEST:
            tried = readings(some, beside, image, COLUMNS, (0,))
            found = max(found, (max(reading.share for reading in tried), late), key=lambda f: f[0])
    if not found[1]:
        return best, 0
    whole = readings(*_beside(found[1], lists, decoded), image, COLUMNS)
    return max(
        [(best, 0), *((reading, found[1]) for reading in whole)], key=lambda f: likeness(f[0])
    )


def _beside(
    late: int, lists: Sequence[Boxes], decoded: Sequence[Boxes]
) -> tuple[list[Boxes], list[Boxes]]:
    """Lists of the chip that are late, with the boxes of the heads that they belong to."""
    given, heads = frames_behind(late, len(lists))
    return [lists[place] for place in given], [decoded[place] for place in heads]


def mapped(best: Reading, lists: Sequence[Boxes], decoded: Sequence[Boxes]) -> tuple[Reading, str]:
    """The reading, or that of sides that were mapped to another frame, and what to say of them.

    Boxes and those of the heads are told to be the same by their scores; one line for each axis
    then leads from one to the other.
    """
    found = [(best, "")]
    for columns, order in COLUMNS.items():
        turned = [np.column_stack([boxes[:, list(order)], boxes[:, 4:]]) for boxes in lists]
        same = list(_same_scores(turned, decoded))
        if len(same) < FEWEST:
            continue
        one, other = (np.array(side)[:, :4] for side in zip(*same, strict=True))
        lines = [_line(other[:, axis::2].ravel(), one[:, axis::2].ravel()) for axis in (0, 1)]
        if min(slope for slope, _ in lines) < SMALLEST:
            continue
        slopes = np.array([slope for slope, _ in lines] * 2)
        offsets = np.array([offset for _, offset in lines] * 2)
        back = [np.column_stack([(b[:, :4] - offsets) / slopes, b[:, 4:]]) for b in turned]
        found.append((reading_of(back, decoded, columns), _said(lines)))
    return max(found, key=lambda each: likeness(each[0]))


def _same_scores(
    lists: Sequence[Boxes], decoded: Sequence[Boxes]
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Boxes beside the box of the heads with their class whose score is nearest to theirs."""
    count = 0
    for boxes, heads in zip(lists, decoded, strict=True):
        for box in boxes:
            alike = heads[heads[:, 5] == box[5]]
            distances = np.abs(alike[:, 4] - box[4])
            if count < MOST_FITTED and len(alike) and distances.min() <= NEAR_SCORE:
                count += 1
                yield box, alike[distances.argmin()]


def _line(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and offset that most points share: medians, which wrong pairs hardly move."""
    one, other = np.triu_indices(len(x), 1)
    far = np.abs(x[one] - x[other]) > SMALLEST
    if not far.any():
        return 0.0, 0.0
    slope = float(np.median((y[one] - y[other])[far] / (x[one] - x[other])[far]))
    return slope, float(np.median(y - slope * x))


def _said(lines: Sequence[tuple[float, float]]) -> str:
    """What was done to the sides, beginning with a comma."""
    said = []
    for axis, (slope, offset) in zip(("y", "x"), lines, strict=True):
        moved_by = "" if abs(offset) < NOTHING * slope else f" and moved by {rounded(offset)}"
        said.append(f"{axis} as {rounded(slope)} times the fraction of the input{moved_by}")
    return f", with {' and '.join(said)}"
