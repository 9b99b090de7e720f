"""Boxes of emulated heads whose sides are distributions over distances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from utils.device_outputs.expected import Expected
from utils.device_outputs.nms.lists import NOTHING, Boxes
from utils.device_outputs.trials.activation import sigmoid
from utils.measurements.agreement.boxes import decoded_distances

# A score below it is kept by nobody, and most cells have one.
LOWEST_SCORE = 0.01


class NotDecodedError(Exception):
    """How the boxes of a network are coded is not known; the text says why, a clause."""


def class_count(outputs: Sequence[Expected]) -> int:
    """How many classes the heads of a detector tell apart.

    Raises
    ------
    NotDecodedError : no heads of a known kind leave the network.
    """
    return next(scores.shape[2] for _, scores in _scales(outputs))


def decoded(
    outputs: Sequence[Expected], image: tuple[int, int], lowest: float = LOWEST_SCORE
) -> list[Boxes]:
    """Every box of every frame, none suppressed; sides as fractions of the input, y before x.

    Parameters
    ----------
    image : height and width of the input.
    lowest : score that a box has to exceed.

    Raises
    ------
    NotDecodedError : no heads of a known kind leave the network.
    """
    frames: list[list[Boxes]] = [[] for _ in range(outputs[0].samples)]
    for boxes, scores in _scales(outputs):
        for place in range(boxes.samples):
            frames[place].append(_of_frame(boxes, scores, place, image, lowest))
    return [np.concatenate(found) if found else NOTHING for found in frames]


def _scales(outputs: Sequence[Expected]) -> list[tuple[Expected, Expected]]:
    """Heads of boxes, with those of their scores."""
    by_name: Mapping[str, Expected] = {output.layer: output for output in outputs}
    found = [
        (output, by_name[output.settled.scores_at])
        for output in outputs
        if output.settled.scores_at in by_name and all(output.settled.cell)
    ]
    if not found:
        raise NotDecodedError(
            "only heads are decoded whose boxes are distributions over distances beside their "
            "scores, as those of YOLOv8 and what follows it"
        )
    return found


def _of_frame(
    boxes: Expected, scores: Expected, place: int, image: tuple[int, int], lowest: float
) -> Boxes:
    firing = scores.values[place].astype(np.float64)
    if scores.activation != "sigmoid":
        firing = sigmoid(firing)
    rows, columns, classes = np.nonzero(firing > lowest)
    distances = decoded_distances(boxes.values[place, rows, columns]).astype(np.float64)
    tall, wide = boxes.settled.cell
    middle_y, middle_x = (rows + 0.5) * tall, (columns + 0.5) * wide
    sides = np.stack(
        [
            (middle_y - distances[:, 1] * tall) / image[0],
            (middle_x - distances[:, 0] * wide) / image[1],
            (middle_y + distances[:, 3] * tall) / image[0],
            (middle_x + distances[:, 2] * wide) / image[1],
        ],
        axis=1,
    )
    return np.column_stack([sides, firing[rows, columns, classes], classes])
