"""Two kinds of samples in one set, and which of them has to change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspectors.preparation.noise import LEAST_OF_PICTURES
from utils.dataset.sample_digests import InputDigests
from utils.facts.input_preparations import WHITE

Flags = NDArray[np.bool_]

DARKEST = 0.1  # of white, that an ordinary picture reaches; darker ones say nothing of a scale
GREY = 1 / 255  # of white, that a picture spreads at least
FEWEST = 3  # of each kind, where no white tells
# Pictures that were normalized reach no farther: by ImageNet's constants 2.64, by their own 6.
FARTHEST_NORMALIZED = 8.0
OVERSHOOT = 0.1  # of white, by which resizing leaves the range


@dataclass(frozen=True, eq=False)
class Mix:
    """Two kinds of samples.

    Parameters
    ----------
    factor : how many times as large the larger ones are; 0 where no factor makes them alike.
    small, large : which samples are of which kind, (samples,); some may be of neither.
    limit : a value between the largest of both kinds.
    white : of the smaller ones; None for what has no white.
    is_large_right : whether the network takes the larger ones; None where nothing tells.
    """

    factor: float
    small: Flags
    large: Flags
    limit: float
    white: float | None = None
    is_large_right: bool | None = None

    @property
    def is_large_odd(self) -> bool:
        """Whether the larger ones have to change: those that do not fit, else the fewer."""
        if self.is_large_right is not None:
            return not self.is_large_right
        return int(self.large.sum()) <= int(self.small.sum())

    @property
    def is_normalized(self) -> bool:
        """Whether the smaller ones have a mean taken off, so that no factor makes them alike."""
        return self.factor == 0.0

    @property
    def odd(self) -> Flags:
        """The kind that has to change."""
        return self.large if self.is_large_odd else self.small


def ordinary(seen: InputDigests, white: float) -> Flags:
    """Samples that neighbours and spread show to be pictures, if this is white; (samples,)."""
    found: Flags = seen.spread >= GREY * white
    if seen.correlation is not None:
        found &= np.nan_to_num(seen.correlation) >= LEAST_OF_PICTURES
    return found


def normalized_among_pixels(seen: InputDigests) -> Mix | None:
    """Pictures with negative values beside raw pixels; None where all are of one kind."""
    signed, largest = seen.minimum < 0, seen.largest
    small = signed & (largest <= FARTHEST_NORMALIZED)
    large = ~signed & (largest >= DARKEST * WHITE) & (largest <= (1 + OVERSHOOT) * WHITE)
    # Resized pixels undershoot by a few grey levels; of such a set no picture is normalized.
    if (signed & ~small).any() or (~signed & (largest > (1 + OVERSHOOT) * WHITE)).any():
        return None
    if min(int((small & ordinary(seen, 1.0)).sum()), int(large.sum())) < FEWEST:
        return None
    limit = float(np.sqrt(largest[small].max() * largest[large].min()))
    return Mix(0.0, small, large, limit, 1.0)
