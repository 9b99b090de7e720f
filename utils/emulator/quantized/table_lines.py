"""The table of an output stage as lines over sums, which is what its forms are made of."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from utils.quantizer.integers import LayerIntegers, OutputTable

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Lines:
    """A table over sums; `bound` is the sum at which the accumulator saturates."""

    thresholds: Array
    slopes: Array
    offsets: Array
    bound: float

    @classmethod
    def of(cls, table: OutputTable, group: int, integers: LayerIntegers) -> Lines:
        """The lines of a quantization group."""
        step, limit = 2.0**integers.mac_shift, integers.limit
        points = table.thresholds[group]
        first, last = np.searchsorted(points, [-limit, limit], side="right")
        slopes, offsets = (a[group][first : last + 1] for a in (table.slopes, table.offsets))
        # Tables end at the accumulator's limit, and repeat their last line there.
        joints = np.flatnonzero((np.diff(slopes) != 0) | (np.diff(offsets) != 0))
        lines = np.concatenate([[0], joints + 1])
        return cls(
            points[first:last][joints] * step, slopes[lines] / step, offsets[lines], limit * step
        )

    @property
    def is_single_line(self) -> bool:
        """One line, or one that starts where a flat part ends."""
        if len(self.slopes) == 1:
            return bool(self.slopes[0] > 0)
        if len(self.slopes) > 2 or self.slopes[0] != 0 or self.slopes[1] <= 0:
            return False
        joint = self.slopes[1] * self.thresholds[0] + self.offsets[1]
        return bool(joint == self.offsets[0])

    def values(self, sums: Array) -> Array:
        """Output codes before rounding."""
        inside = np.clip(sums, -self.bound, self.bound)
        index = np.searchsorted(self.thresholds, inside, side="right")
        result: Array = self.slopes[index] * inside + self.offsets[index]
        return result

    def marked(self, sums: Array, highest_code: int) -> Array:
        """Output codes; what lies beyond those that there are is -1, or one more than the highest.

        One beyond tells as much as many.
        """
        return np.clip(np.rint(self.values(sums)), -1, highest_code + 1)

    def changing(self, highest_code: int) -> tuple[int, int]:
        """The first and the last sum to know: those in front and behind have the codes of these."""
        bound = int(self.bound)
        if not np.isfinite(self.thresholds).all() or (np.diff(self.thresholds) < 0).any():
            return -bound, bound  # damaged: no line is where it seems to be
        edges = np.clip(np.ceil(self.thresholds), -bound, bound + 1).astype(int).tolist()
        lines = [range(*ends) for ends in pairwise([-bound, *edges, bound + 1])]
        first = -bound + self._alike(lines, highest_code) - 1
        last = bound - self._alike([line[::-1] for line in reversed(lines)], highest_code) + 1
        return first, max(first, last)

    def _alike(self, lines: Sequence[range], highest_code: int) -> int:
        """How many of the first sums have one code; along a line codes only rise, or only fall."""
        found, expected = 0, None
        for line in filter(None, lines):
            codes = partial(self._code, highest_code)
            expected = codes(line[0]) if expected is None else expected
            if codes(line[0]) != expected:
                break
            alike = bisect_left(line, True, key=lambda s: codes(s) != expected)
            found += alike
            if alike < len(line):
                break
        return max(found, 1)  # of what is not a number, none is like another

    def _code(self, highest_code: int, total: int) -> float:
        return float(self.marked(np.array([total], np.float64), highest_code)[0])
