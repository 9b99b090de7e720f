"""Boxes whose sides are distributions over distances, as YOLOv8 and what follows it code them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]

SIDES = 4


def decoded_distances(logits: Floats32) -> Floats32:
    """Distances of the sides from the middle of the cell, in cells: left, top, right, bottom.

    Parameters
    ----------
    logits : (boxes, 4 x bins), of the distances 0, 1, 2 and so on.

    Returns
    -------
    Expected distances, (boxes, 4).
    """
    bins = logits.shape[1] // SIDES
    parts = logits.reshape(-1, SIDES, bins)
    shares = np.exp(parts - parts.max(axis=2, keepdims=True))
    distances: Floats32 = (shares @ np.arange(bins, dtype=np.float32)) / shares.sum(axis=2)
    return distances


def side_errors(first: Floats32, second: Floats32, cell: tuple[float, float]) -> Floats32:
    """How far the sides of boxes around the same middle lie apart, mean of the four, (boxes,).

    Parameters
    ----------
    first, second : distances, (boxes, 4).
    cell : height and width of a cell, in the unit of the result.
    """
    height, width = cell
    sizes = np.array([width, height, width, height], np.float32)
    errors: Floats32 = (np.abs(first - second) * sizes).mean(axis=1)
    return errors


def overlaps(first: Floats32, second: Floats32) -> Floats32:
    """IoU of boxes around the same middle, (boxes,), from their distances (boxes, 4)."""
    inner = np.minimum(first, second)
    both = (inner[:, 0] + inner[:, 2]) * (inner[:, 1] + inner[:, 3])
    areas = [(box[:, 0] + box[:, 2]) * (box[:, 1] + box[:, 3]) for box in (first, second)]
    union = areas[0] + areas[1] - both
    found: Floats32 = np.where(union > 0, both / np.where(union > 0, union, 1), 1).astype(
        np.float32
    )
    return found
