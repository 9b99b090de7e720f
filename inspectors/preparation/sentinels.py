"""A value that stands for none, far from all that was measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.dataset.sample_digests import InputDigests
from utils.facts.input_preparations import WHITE

# Widths of all other values, that lie empty before it. Borders, padding and what saturates lie in
# the range of the others or at its end; a floor of -230 dB below -80 to 0 is nearly 2 away.
GAP = 1.5
LEAST_SHARE, MOST_SHARE = 0.001, 0.9  # a few are accidents; what nearly all are is a background
FEWEST = 4  # of the values that are looked at
# Other values in its channel, at least so many different ones: flags and one-hot codes have two.
DIFFERENT = 16
# Of the values' reach, that lies empty beside 0 where a sensor had no answer there. Pixels of the
# night come down to it step by step.
LEAST_ANSWER = 1 / 16


@dataclass(frozen=True)
class Sentinel:
    """A value that stands for none.

    Parameters
    ----------
    share : of the values that are exactly this one.
    low, high : between which all others lie.
    """

    value: float
    share: float
    low: float
    high: float

    @property
    def in_their_unit(self) -> float | None:
        """What a grey level is among pixels from 0 to 1; None where that is not what it is."""
        is_level = self.value.is_integer() and 1.0 < self.value <= WHITE
        return self.value / WHITE if is_level and 0.0 <= self.low < self.high <= 1.0 else None

    @property
    def replacement(self) -> float:
        """Itself in the unit of the others, or the end of these that is next to it."""
        if self.in_their_unit is not None:
            return self.in_their_unit
        return self.high if self.value > self.high else self.low


def sentinel_of(seen: InputDigests) -> Sentinel | None:
    """The value that stands for none in the samples of an input, if one does.

    0 never counts: it is what empty places hold, and what layers take for nothing.
    """
    if not seen.values.size:
        return None
    ends = (float(seen.statistics.high), float(seen.statistics.low))
    found = (_sentinel(seen.values, value) for value in ends if value != 0.0)
    return next(filter(None, found), None)


def has_holes(seen: InputDigests) -> bool:
    """Whether 0 stands for no answer of a sensor, as in depth maps: nothing else is near it."""
    chosen = seen.values == 0.0
    share = float(chosen.mean()) if chosen.size else 0.0
    if not LEAST_SHARE <= share <= MOST_SHARE:
        return False
    sizes = np.abs(seen.values[~chosen])
    is_apart = sizes.min() >= LEAST_ANSWER * sizes.max()
    return bool(is_apart) and _stands_among_others(seen.values, chosen)


def _sentinel(values: NDArray[np.float32], value: float) -> Sentinel | None:
    chosen = values == value
    number = int(np.count_nonzero(chosen))
    if number < FEWEST or not LEAST_SHARE <= number / values.size <= MOST_SHARE:
        return None
    low = float(values.min(where=~chosen, initial=np.inf))
    high = float(values.max(where=~chosen, initial=-np.inf))
    gap = max(value - high, low - value)
    if gap < GAP * (high - low) or _is_white(value, low, high):
        return None
    if not _stands_among_others(values, chosen):
        return None
    return Sentinel(value, number / values.size, low, high)


def _is_white(value: float, low: float, high: float) -> bool:
    """Whether it is the white of the others' unit, which lamps in pictures of the night reach."""
    return low >= 0.0 and value == next((w for w in (1.0, WHITE) if high <= w), None)


def _stands_among_others(values: NDArray[np.float32], chosen: NDArray[np.bool_]) -> bool:
    """Whether channels that are measured hold it now and then, as many as others that do.

    Where a whole row is missing, the flags in it are, too.
    """
    held = np.flatnonzero(chosen.any(axis=0))
    measured = [one for one in held if np.unique(values[~chosen[:, one], one]).size >= DIFFERENT]
    return 2 * len(measured) >= len(held) and int(chosen[:, measured].sum()) >= FEWEST
