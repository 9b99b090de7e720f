"""Lists of boxes as HailoRT gives them, made of decoded boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]  # (boxes, 6): y_min, x_min, y_max, x_max, score, class


def suppressed(boxes: Boxes, largest: float = 0.7) -> Boxes:
    """Boxes of which none of the same class overlaps a likelier one by more."""
    kept: list[NDArray[np.float64]] = []
    for box in boxes[np.argsort(-boxes[:, 4], kind="stable")]:
        if all(other[5] != box[5] or _iou(other, box) <= largest for other in kept):
            kept.append(box)
    return np.array(kept).reshape(-1, 6)


def _iou(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:4], other[2:4])
    both = np.clip(high - low, 0, None).prod()
    areas = sum((box[2:4] - box[:2]).prod() for box in (one, other))
    return float(both / (areas - both))


def padded(lists: Sequence[Boxes], classes: int) -> NDArray[np.float32]:
    """(frames, classes, 5, boxes), filled with zeros."""
    most = max(int((found[:, 5] == k).sum()) for found in lists for k in range(classes))
    array = np.zeros((len(lists), classes, 5, most + 2), np.float32)
    for frame, found in enumerate(lists):
        for k in range(classes):
            rows = found[found[:, 5] == k]
            array[frame, k, :, : len(rows)] = rows[:, :5].T
    return array


def packed(lists: Sequence[Boxes], classes: int) -> NDArray[np.float32]:
    """(frames, numbers): per class a count and so many boxes, then what was there before."""
    rows = []
    for found in lists:
        numbers: list[Any] = []
        for k in range(classes):
            of_class = found[found[:, 5] == k][:, :5]
            numbers += [len(of_class), *of_class.ravel()]
        rows.append(numbers)
    array = np.full((len(rows), max(map(len, rows)) + 7), 0.77, np.float32)
    for place, row in enumerate(rows):
        array[place, : len(row)] = row
    return array


def by_score(lists: Sequence[Boxes], size: int = 22) -> NDArray[np.uint8]:
    """(frames, bytes): a count, then structures of so many bytes, the highest score first."""
    fields: list[tuple[Any, ...]] = [("sides", "<f4", 4), ("score", "<f4"), ("class", "<u2")]
    struct = np.dtype([*fields, *([("padding", "<u2")] if size == 24 else [])])
    frames = []
    for found in lists:
        rows = np.zeros(len(found), struct)
        ordered = found[np.argsort(-found[:, 4], kind="stable")]
        rows["sides"], rows["score"], rows["class"] = ordered[:, :4], ordered[:, 4], ordered[:, 5]
        begin = np.array([len(found)], "<u2").view(np.uint8)
        padding = np.zeros(2 if size == 24 else 0, np.uint8)
        frames.append(np.concatenate([begin, padding, rows.view(np.uint8)]))
    array = np.full((len(frames), max(map(len, frames)) + 30), 77, np.uint8)
    for place, frame in enumerate(frames):
        array[place, : len(frame)] = frame
    return array
