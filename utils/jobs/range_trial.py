"""Trials of output ranges: what is asked, and what a range would do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from utils.wording import tenths

# Less than this is within the spread between two halves of a calibration set.
MINIMUM_GAIN_DB = 0.1
# Each trial runs a part of the data again; the ranges that narrow most are tried.
MAX_TRIALS = 8


@dataclass(frozen=True)
class RangeTrial:
    """Output SNR of the quantized network, in dB by output layer.

    Parameters
    ----------
    before_db : as the archive has it.
    after_db : with the recommended range of one layer.
    """

    before_db: Mapping[str, float]
    after_db: Mapping[str, float]

    @property
    def accepted(self) -> bool:
        """Whether some output gains and none loses."""
        gains = [self.after_db[name] - before for name, before in self._reached.items()]
        if not gains or any(map(math.isnan, gains)):
            return False
        return min(gains) >= 0 and max(gains) >= MINIMUM_GAIN_DB

    @property
    def _reached(self) -> dict[str, float]:
        # An output that the layer does not reach has no noise before and after; one that is
        # always 0 has no signal either.
        return {
            name: before
            for name, before in self.before_db.items()
            if before != self.after_db[name]
            and not (math.isnan(before) and math.isnan(self.after_db[name]))
        }

    def described(self) -> str:
        """The numbers in words."""
        if not self._reached:
            return "no output of the network changes, or none could be emulated"
        return ", ".join(
            f"SNR at {name} {tenths(before)} dB before, {tenths(self.after_db[name])} dB after"
            for name, before in self._reached.items()
        )


@dataclass(frozen=True)
class RangeRequest:
    """Output ranges to be tried, one layer at a time, with the whole network quantized.

    Parameters
    ----------
    ranges : recommended (low, high) by layer.
    """

    ranges: Mapping[str, tuple[float, float]]


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
