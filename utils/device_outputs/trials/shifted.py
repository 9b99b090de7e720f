"""Results that are right up to some frame, from which on one that got lost moves all others."""

from __future__ import annotations

import numpy as np

from utils.device_outputs.trials.late import how_late
from utils.device_outputs.trials.nearest import moves_midway, nearest_samples
from utils.device_outputs.trials.pairs import Pairs, Reordered
from utils.wording import plural


def undone(pairs: Pairs) -> Reordered | None:
    """Every frame beside the sample whose result it holds."""
    found = nearest_samples(pairs)
    if found is None or not moves_midway(*found):
        return None
    held, nearest = found
    moved = np.flatnonzero(nearest != held)
    first = moved[0]
    evidence = (
        f"{len(moved)} of {plural(len(pairs[0].given), 'frame')}, from frame {held[first]} on, are "
        f"{how_late(int(held[first] - nearest[first]))}, the others are in their places"
    )
    return Reordered(tuple(pair.taken(nearest, held) for pair in pairs), evidence)
