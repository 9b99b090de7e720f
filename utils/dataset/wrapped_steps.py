"""Steps between neighbouring pixels that lead over the end of 8 bit, as where a sum overflowed.

In pictures the larger a step is the rarer it is. Where values went beyond 255 and began again at 0
the largest steps are many, and those of half their size are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SPAN = 256  # values of 8 bit
SIGNED_LOW = -128
OVER = 192  # steps at least as large may lead over the end
MIDDLE = (96, 160)  # sizes of the steps that they are held against
FAR = 8  # values, that a step over the end leads on; black beside white leads on by 1
INNER = (64, 192)  # where most pixels of a graded picture lie, from the low end
MEETING = 16  # values from the middle, that black and white keep to if they are mistaken for grey


@dataclass(frozen=True)
class WrappedSteps:
    """Counts over some samples.

    Parameters
    ----------
    steps : between neighbours, along rows and columns.
    over : that may lead over the end.
    far : of these, that lead on by 8 values or more.
    between_ends : of these, from the very lowest value to the very highest, or back.
    middle : about half as large.
    over_unsigned : that may lead over the end once negative values are read as those above 127.
    inner, values : values in the middle half, however they are read, and all.
    """

    steps: int = 0
    over: int = 0
    far: int = 0
    between_ends: int = 0
    middle: int = 0
    over_unsigned: int = 0
    inner: int = 0
    values: int = 0

    def merged(self, other: WrappedSteps) -> WrappedSteps:
        """Both sets of samples."""
        return WrappedSteps(
            self.steps + other.steps,
            self.over + other.over,
            self.far + other.far,
            self.between_ends + other.between_ends,
            self.middle + other.middle,
            self.over_unsigned + other.over_unsigned,
            self.inner + other.inner,
            self.values + other.values,
        )


def wrapped_steps(samples: NDArray[Any]) -> WrappedSteps:
    """Counts over samples (n, height, width, channels); none where they are no 8-bit values."""
    if not np.isfinite(samples).all():
        return WrappedSteps()
    low, high = float(samples.min()), float(samples.max())
    first = SIGNED_LOW if low < 0 else 0
    if low < first or high > first + SPAN - 1 or (samples != np.rint(samples)).any():
        return WrappedSteps()
    values = samples.astype(np.int16)
    found = WrappedSteps(inner=_inner(values, first), values=values.size)
    for axis in (1, 2):
        found = found.merged(_along(values, axis, first))
    return found


def _inner(values: NDArray[np.int16], first: int) -> int:
    from_low = values - first
    count = int(np.count_nonzero((from_low >= INNER[0]) & (from_low < INNER[1])))
    if not first:
        return count
    # Read as unsigned, black and white meet in the very middle.
    off = np.abs(values % SPAN - SPAN // 2)
    return max(count, int(np.count_nonzero((off >= MEETING) & (off < SPAN // 4))))


def _along(values: NDArray[np.int16], axis: int, first: int) -> WrappedSteps:
    size = np.abs(np.diff(values, axis=axis))
    unsigned = np.abs(np.diff(values % SPAN, axis=axis)) if first else size
    over = size >= OVER
    return WrappedSteps(
        steps=size.size,
        over=int(np.count_nonzero(over)),
        far=int(np.count_nonzero(over & (SPAN - size >= FAR))),
        between_ends=int(np.count_nonzero(size == SPAN - 1)),
        middle=int(np.count_nonzero((size >= MIDDLE[0]) & (size < MIDDLE[1]))),
        over_unsigned=int(np.count_nonzero(unsigned >= OVER)),
    )
