"""Vectors that are compared with each other: whether they still point where they did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.measurements.agreement.decisions import Decisions, counted

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

KEPT_SAMPLES = 256  # each is compared with each other one
LONGEST = 4096  # values of a vector
# A sample that is farther by no more than this part of the distance was found as rightly: small
# trained embeddings that lose nothing (27 to 32 dB) exchange such neighbours in 5 to 12 % of the
# samples, and farther ones in 2 to 5 %.
AS_NEAR = 0.05


@dataclass(frozen=True, eq=False)
class Embedding:
    """The vectors of the first samples.

    Parameters
    ----------
    positions : of the samples, all below 256, (samples,).
    floats, chip : float32 (samples, length).
    steps : what one code is worth at every place of a vector, (length,).
    """

    positions: Integers
    floats: Floats32
    chip: Floats32
    steps: Floats32

    @classmethod
    def of(
        cls, positions: Integers, floats: Floats32, chip: Floats32, steps: Floats32
    ) -> Embedding:
        """Of some samples, of which the first are kept."""
        early = positions < KEPT_SAMPLES
        return cls(positions[early], floats[early].copy(), chip[early].copy(), steps)

    def merged(self, other: Embedding) -> Embedding:
        """Of both sets of samples, in the order of their positions."""
        positions = np.concatenate([self.positions, other.positions])
        order = np.argsort(positions, kind="stable")
        return Embedding(
            positions[order],
            np.concatenate([self.floats, other.floats])[order],
            np.concatenate([self.chip, other.chip])[order],
            self.steps,
        )

    @property
    def cosines(self) -> Floats:
        """Cosine between both vectors about the mean vector in float, (samples,).

        NaN where one of them is the mean itself.
        """
        mean = self.floats.mean(axis=0, dtype=np.float64)
        x, y = self.floats - mean, self.chip - mean
        lengths = np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
        with np.errstate(divide="ignore", invalid="ignore"):
            cosines: Floats = (x * y).sum(axis=1) / lengths
        return cosines

    def same_neighbour(self) -> Decisions:
        """Whose nearest other vector on the chip is the nearest in float, or as near.

        None for a single vector. Undecided is where float was nearer to one than to the other by
        less than one code.
        """
        if len(self.positions) < 2:
            nothing = np.zeros(0, np.int64)
            return Decisions(nothing, nothing, nothing)
        distances = _distances(self.floats)
        nearest = distances.argmin(axis=1)
        chosen = _distances(self.chip).argmin(axis=1)
        rows = np.arange(len(nearest))
        margin = distances[rows, chosen] - distances[rows, nearest]
        undecided = margin < self.steps.max(initial=0.0)
        as_near = margin <= AS_NEAR * distances[rows, nearest]
        return counted(as_near[:, None], undecided[:, None])


def _distances(vectors: Floats32) -> Floats:
    """Distance of every vector to every other one; infinite to itself."""
    centred = vectors - vectors.mean(axis=0, dtype=np.float64)
    squares = (centred * centred).sum(axis=1)
    found = np.maximum(squares[:, None] + squares - 2 * centred @ centred.T, 0.0)
    np.fill_diagonal(found, np.inf)
    distances: Floats = np.sqrt(found)
    return distances
