"""The samples that reach farthest at a layer: a few of them may set its range.

Reach is told in codes, counted from that of 0: channels may have scales of their own, and what
matters is how many codes a sample takes of those that there are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# More are no longer few, whatever the set: what they have in common is what the data are like.
FEW = 8
# With one more it is known how far all others come.
KEPT = FEW + 1


@dataclass(frozen=True, eq=False)
class Farthest:
    """The samples that reach farthest to one side, the farthest first, at most nine.

    Parameters
    ----------
    places : of these samples in the file, counted from 0, int64 (samples,).
    codes : the lowest, or the highest code of each of them, float64 (samples,).
    """

    places: NDArray[np.int64]
    codes: NDArray[np.float64]

    def without(self, places: Collection[int]) -> float:
        """How far all samples come but these, at most eight; NaN where there are no others."""
        others = self.codes[~np.isin(self.places, list(places))]
        return float(others[0]) if others.size else float("nan")


@dataclass(frozen=True, eq=False)
class Peaks:
    """How far the samples reach at one layer.

    Parameters
    ----------
    lowest, highest : to both sides.
    """

    lowest: Farthest
    highest: Farthest

    def merged(self, other: Peaks) -> Peaks:
        """Over both sets of samples."""
        return Peaks(
            farthest(*_both(self.lowest, other.lowest), is_high=False),
            farthest(*_both(self.highest, other.highest), is_high=True),
        )

    def without(self, places: Collection[int]) -> tuple[float, float]:
        """Lowest and highest code of all samples but these, at most eight."""
        return self.lowest.without(places), self.highest.without(places)


def farthest(places: NDArray[np.int64], codes: NDArray[np.float64], *, is_high: bool) -> Farthest:
    """Of samples with their codes, those that reach farthest; equal ones in the file's order."""
    order = np.lexsort((places, -codes if is_high else codes))[:KEPT]
    return Farthest(places[order], codes[order])


def _both(one: Farthest, other: Farthest) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    return (
        np.concatenate([one.places, other.places]),
        np.concatenate([one.codes, other.codes]),
    )
