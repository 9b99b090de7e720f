"""Lists of boxes in the forms in which HailoRT and users keep them.

By class: y_min, x_min, y_max, x_max, score, as one array for each class, padded with zeros, or
packed behind their numbers. By score: structures with the class behind the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.dumped import Dumped, natural_order

Boxes = NDArray[np.float64]  # (boxes, 6): the four sides as they lie, score, class
BOX, BY_SCORE = 5, 6  # numbers of a box, without and with its class
MOST_BOXES = 100_000  # of one frame
NOTHING = np.zeros((0, BY_SCORE))
_STRUCTS = (
    np.dtype([("sides", "<f4", 4), ("score", "<f4"), ("class", "<u2")]),
    np.dtype([("sides", "<f4", 4), ("score", "<f4"), ("class", "<u2"), ("padding", "<u2")]),
)


def is_box_list(array: NDArray[Any]) -> bool:
    """Whether an array may hold the boxes of one class in one frame."""
    return array.ndim == 2 and array.shape[1] in (BOX, BY_SCORE) and array.dtype.kind == "f"


def stacked_lists(lists: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Lists of different lengths as one array, padded with zeros."""
    longest = max(len(each) for each in lists)
    found = np.zeros((len(lists), longest, lists[0].shape[1]), np.float32)
    for place, each in enumerate(lists):
        found[place, : len(each), : each.shape[1]] = each[:, : found.shape[2]]
    return found


def box_lists(arrays: Sequence[Dumped], samples: int, classes: int) -> list[Boxes] | None:
    """Boxes of every frame; None where the arrays hold no such lists.

    Parameters
    ----------
    classes : how many the network tells apart.
    """
    ordered = sorted(arrays, key=lambda dumped: natural_order(dumped.name))
    if len(ordered) == 1:
        only = ordered[0]
        if only.is_raw:
            return _raw(only.array, samples, classes)
        return _array(only.array, samples, classes)
    if len(ordered) == classes and all(_is_padded(d.array, samples) for d in ordered):
        by_class = [d.array.reshape(samples, -1, BOX) for d in ordered]
        return [_joined([each[frame] for each in by_class]) for frame in range(samples)]
    is_list = all(is_box_list(dumped.array) for dumped in ordered)
    if is_list and len(ordered) == samples * classes:
        lists = [dumped.array for dumped in ordered]
        return [_joined(lists[first : first + classes]) for first in range(0, len(lists), classes)]
    return None


def _is_padded(array: NDArray[Any], samples: int) -> bool:
    shape = array.shape
    return shape[-1:] == (BOX,) and array.ndim == 3 and shape[0] == samples


def _array(array: NDArray[Any], samples: int, classes: int) -> list[Boxes] | None:
    shape = array.shape
    if array.dtype.kind != "f":
        return None
    if samples == 1 and shape[:1] != (1,):
        array = array[np.newaxis]
        shape = array.shape
    if shape[:1] != (samples,):
        return None
    # One more where somebody counts the background.
    if array.ndim == 4 and shape[1] in (classes, classes + 1) and BOX in shape[2:]:
        rows = array.transpose(0, 1, 3, 2) if shape[2] == BOX else array
        return [_joined(frame) for frame in rows]
    if array.ndim == 3 and shape[2] == BY_SCORE:
        return [_with_classes(frame, classes) for frame in array]
    if array.ndim == 2:
        return _packed(array, classes)
    return None


def _raw(data: NDArray[np.uint8], samples: int, classes: int) -> list[Boxes] | None:
    if data.size % samples:
        return None
    frames = data.reshape(samples, -1)
    if frames.shape[1] % 4 == 0:
        found = _packed(np.ascontiguousarray(frames).view("<f4"), classes)
        if found is not None:
            return found
    return _by_score(frames, classes)


def _packed(frames: NDArray[Any], classes: int) -> list[Boxes] | None:
    """Per class a number of boxes, and so many boxes right behind it; the rest is stale."""
    found = []
    for frame in frames:
        lists, place = [], 0
        for _ in range(classes):
            count = float(frame[place]) if place < len(frame) else -1.0
            end = place + 1 + BOX * int(count) if 0 <= count <= MOST_BOXES else -1
            if count != int(count if count >= 0 else 0) or not 0 < end <= len(frame):
                return None
            lists.append(frame[place + 1 : end].reshape(-1, BOX))
            place = end
        found.append(_joined(lists))
    return found


def _by_score(frames: NDArray[np.uint8], classes: int) -> list[Boxes] | None:
    """A number of boxes as two bytes, and so many structures, the highest score first."""
    for struct in _STRUCTS:
        found = [_structs(frame, struct, classes) for frame in frames]
        if all(each is not None for each in found):
            return [each for each in found if each is not None]
    return None


def _structs(frame: NDArray[np.uint8], struct: np.dtype[Any], classes: int) -> Boxes | None:
    first = 2 if struct is _STRUCTS[0] else 4  # aligned structures begin at a multiple of 4
    if len(frame) < first:
        return None
    count = int(np.ascontiguousarray(frame[:2]).view("<u2")[0])
    end = first + count * struct.itemsize
    if end > len(frame):
        return None
    rows = np.ascontiguousarray(frame[first:end]).view(struct)
    numbers = np.concatenate([rows["sides"].ravel(), rows["score"]])
    if not np.isfinite(numbers).all():
        return None
    scores, named = rows["score"].astype(np.float64), rows["class"].astype(np.float64)
    in_order = bool((np.diff(scores) <= 1e-6).all()) and bool((scores >= 0).all())
    if not in_order or (count and (scores.max() > 1 or named.max() > classes)):
        return None
    return np.concatenate([rows["sides"].astype(np.float64), scores[:, None], named[:, None]], 1)


def _with_classes(frame: NDArray[Any], classes: int) -> Boxes:
    """Rows that name their class, first with the score behind it, or last."""
    rows: Boxes = frame[np.abs(frame).sum(axis=1) > 0].astype(np.float64)
    if not len(rows):
        return NOTHING
    first = rows[:, 0]
    is_first = bool((first == np.rint(first)).all() and first.max() <= classes)
    is_first = is_first and not bool((rows[:, 5] == np.rint(rows[:, 5])).all())
    return rows[:, [2, 3, 4, 5, 1, 0]] if is_first else rows


def _joined(lists: Sequence[NDArray[Any]] | NDArray[Any]) -> Boxes:
    """Boxes of one frame, class by class; those of score 0 fill up."""
    found = [
        np.concatenate([rows, np.full((len(rows), 1), place)], axis=1)
        for place, rows in enumerate(
            np.asarray(each, np.float64).reshape(-1, BOX) for each in lists
        )
    ]
    boxes: Boxes = np.concatenate(found) if found else NOTHING
    kept: Boxes = boxes[boxes[:, 4] > 0]
    return kept
