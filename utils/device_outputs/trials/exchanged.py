"""Outputs of the same shape under one another's names."""

from __future__ import annotations

import math

import numpy as np

from utils.device_outputs.apart import bounded, correlation
from utils.device_outputs.trials.pairs import Pairs, Reordered
from utils.wording import listed, without_scope

ALIKE = 0.9  # correlation of an output with what is stored under another name
LESS_ALIKE = 0.1  # by which it is lower with what is stored under its own


def undone(pairs: Pairs) -> Reordered | None:
    """Every output beside the array that correlates most, each array used once."""
    alike = _likenesses(pairs)
    chosen = _assigned(alike)
    moved = [place for place, other in enumerate(chosen) if place != other]
    if not moved or any(
        alike[place, chosen[place]] < max(ALIKE, alike[place, place] + LESS_ALIKE)
        for place in moved
    ):
        return None
    found = tuple(
        pair.holding(pairs[other].given) for pair, other in zip(pairs, chosen, strict=True)
    )
    names = [without_scope(pairs[place].expected.layer) for place in moved]
    said = [
        f"{n} under that of {without_scope(pairs[chosen[p]].expected.layer)}"
        for n, p in zip(names, moved, strict=True)
    ]
    layers = tuple(pairs[place].expected.layer for place in moved)
    return Reordered(found, listed(said, 3), layers)


def _likenesses(pairs: Pairs) -> np.ndarray:
    """Correlation of outputs with arrays; -1 where the shapes differ."""
    found = np.full((len(pairs), len(pairs)), -1.0)
    for place, pair in enumerate(pairs):
        for other, held in enumerate(pairs):
            if held.given.shape == pair.given.shape:
                likeness = correlation(pair.expected.values, bounded(held.given))
                found[place, other] = 0.0 if math.isnan(likeness) else likeness
    return found


def _assigned(alike: np.ndarray) -> list[int]:
    """For every output the array that goes with it, the most alike first."""
    left = alike.copy()
    chosen = list(range(len(left)))
    for _ in chosen:
        place, other = np.unravel_index(int(left.argmax()), left.shape)
        chosen[int(place)] = int(other)
        left[place, :] = left[:, other] = -2.0
    return chosen
