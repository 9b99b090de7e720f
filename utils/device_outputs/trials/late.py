"""Results that belong to samples some places earlier, with gaps that hold zeros."""

from __future__ import annotations

import math

import numpy as np

from utils.device_outputs.dumped import Numbers
from utils.device_outputs.trials.pairs import Pairs, Reordered, frames
from utils.wording import plural

FEWEST_FRAMES, LEAST_SHARE = 3, 1 / 3  # that have to fit
ALIKE = 0.9
LESS_ALIKE = 0.2
LEFT = 0.1  # of what did not follow before


def undone(pairs: Pairs) -> Reordered | None:
    """Frames moved by the one distance at which they follow the emulation."""
    expected, given = frames(pairs)
    count = len(given)
    filled = np.flatnonzero(np.abs(given).sum(axis=1) > 0)
    scores: dict[int, float] = {}
    fewest = max(FEWEST_FRAMES, round(LEAST_SHARE * count))
    for late in range(fewest - count, count - fewest + 1):
        there = filled[(filled - late >= 0) & (filled - late < count)]
        if len(there) >= fewest:
            scores[late] = _follows(expected[there - late], given[there])
    late = max(scores, key=lambda k: (scores[k], -abs(k)), default=0)
    if late == 0 or not _is_clear(scores[late], scores.get(0, 0.0)):
        return None
    there = filled[(filled - late >= 0) & (filled - late < count)]
    moved = tuple(pair.taken(there - late, there) for pair in pairs)
    return Reordered(moved, _evidence(late, count - len(filled), len(there)))


def _is_clear(moved: float, as_is: float) -> bool:
    """Whether frames follow the emulation once they are moved, and less before that.

    Frames of a video are alike, so that those beside one another follow it almost as well.
    """
    return moved >= ALIKE and (moved >= as_is + LESS_ALIKE or 1 - moved < LEFT * (1 - as_is))


def how_late(late: int) -> str:
    """How many frames late, or early where it is negative."""
    return f"{plural(abs(late), 'frame')} {'late' if late > 0 else 'early'}"


def _evidence(late: int, gaps: int, fitting: int) -> str:
    zeros = f", {plural(gaps, 'frame')} of zeros" if gaps else ""
    return f"{how_late(late)}{zeros}, compared at {plural(fitting, 'frame')}"


def _follows(expected: Numbers, given: Numbers) -> float:
    """Correlation of what changes from frame to frame; 0 where nothing does."""
    one, other = expected - expected.mean(axis=0), given - given.mean(axis=0)
    norm = math.sqrt(float((one**2).sum()) * float((other**2).sum()))
    return float((one * other).sum()) / norm if norm > 0 else 0.0
