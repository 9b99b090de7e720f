"""Trials of output ranges: what is asked, and what a range would do."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from utils.findings import Gain
from utils.measurements.agreement.change import change_in_words, gain_at_the_worst
from utils.measurements.agreement.outcome import CLEAR_DB, SAME_DB, Outcome

# Each trial runs a part of the data again; the ranges that narrow most are tried.
MAX_TRIALS = 8


@dataclass(frozen=True)
class RangeTrial:
    """What becomes of the outputs of the quantized network, by output layer.

    Parameters
    ----------
    before : as the archive has it.
    after : with the recommended range of one layer, or of those that belong together.
    """

    before: Mapping[str, Outcome]
    after: Mapping[str, Outcome]

    @property
    def accepted(self) -> bool:
        """Whether some output gains and none loses: decisions, else SNR of the median sample."""
        return self._gains(SAME_DB, Outcome.is_worse_than)

    @property
    def serves_most(self) -> bool:
        """The same where a few samples are given up for a clear gain of all others."""
        return self._gains(CLEAR_DB, Outcome.is_worse_for_most)

    def _gains(self, least_db: float, is_worse: Callable[[Outcome, Outcome], bool]) -> bool:
        reached = self._reached
        if any(name not in self.after for name in reached):
            return False
        pairs = [(outcome, self.after[name]) for name, outcome in reached.items()]
        return any(after.is_better_than(before, least_db) for before, after in pairs) and not any(
            is_worse(after, before) for before, after in pairs
        )

    @property
    def helps(self) -> bool:
        """Whether some output gains so much that it is worth a line: decisions, or a decibel."""
        return any(
            self.after[name].helps_clearly_over(before)
            for name, before in self._reached.items()
            if name in self.after
        )

    @property
    def _reached(self) -> dict[str, Outcome]:
        # An output that the layer does not reach has the same noise before and after.
        return {
            name: before
            for name, before in self.before.items()
            if name not in self.after or _differs(before, self.after[name])
        }

    @property
    def gain(self) -> Gain | None:
        """What is gained where most was lost."""
        return gain_at_the_worst(self._reached, self.after)

    def described(self) -> str:
        """The numbers in words."""
        changes = {
            name: change_in_words(before, self.after[name]) if name in self.after else "nothing"
            for name, before in self._reached.items()
        }
        if not changes:
            return "no output of the network changes, or none could be emulated"
        return "; ".join(f"at {name} {change}" for name, change in changes.items())


def _differs(before: Outcome, after: Outcome) -> bool:
    numbers = (
        (before.snr_db, after.snr_db),
        (before.median_db, after.median_db),
        (before.room, after.room),
    )
    return any(
        one != other and not (math.isnan(one) and math.isnan(other)) for one, other in numbers
    )


@dataclass(frozen=True)
class RangeRequest:
    """Output ranges to be tried with the whole network quantized.

    Parameters
    ----------
    ranges : recommended (low, high) by layer.
    together : layers that are changed at once; all others are, one at a time.
    """

    ranges: Mapping[str, tuple[float, float]]
    together: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class RangeTrials:
    """What came of a request.

    Parameters
    ----------
    trials : by layer; layers that could not be tried, or were left out, are absent.
    assumptions : sentences on what had to be assumed.
    failure : why nothing could be tried; "" if that did not happen.
    left_out : why the rest was not tried; "" where all that was to be tried was.
    """

    trials: Mapping[str, RangeTrial] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    failure: str = ""
    left_out: str = ""
