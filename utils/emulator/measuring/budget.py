"""What may be spent behind the data pass; everything that is measured there shares it."""

from __future__ import annotations

import math
from collections.abc import Callable


def _unwatched(work: float) -> None:
    del work


class Budget:
    """Work that may still be done, in multiply-accumulates.

    Work is counted, not timed, so the same run measures the same on every machine.

    Attributes
    ----------
    work : all that may be spent; infinite where nothing limits it.
    spent : what was spent so far.
    """

    def __init__(
        self, work: float = math.inf, on_spent: Callable[[float], object] = _unwatched
    ) -> None:
        """Start with nothing spent.

        Parameters
        ----------
        on_spent : called with the work that was done since the last call.
        """
        self.work = work
        self.spent = 0.0
        self._on_spent = on_spent

    @property
    def left(self) -> float:
        """What may still be spent; 0 where more was spent than there was."""
        return max(self.work - self.spent, 0.0)

    def spend(self, work: float) -> None:
        """Count work that was done."""
        self.spent += work
        self._on_spent(work)


def affordable_count(work: float, each: float, least: int, most: int) -> int:
    """How many times `each` goes into `work`, at least `least` and at most `most`."""
    if each <= 0 or work / each >= most:
        return most
    return min(max(int(work / each), least), most)
