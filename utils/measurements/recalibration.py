"""The network calibrated on the data given, tried in emulation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from utils.har.statistics import ChannelStatistics
from utils.measurements.agreement.held_out import HALF_DB, HeldOutTrial
from utils.measurements.agreement.outcome import Outcome
from utils.wording import plural

# Of the range that calibration stored. Less is what ends move from set to set.
ELSEWHERE = 0.2


def ends_elsewhere(given: ChannelStatistics, stored: ChannelStatistics) -> bool:
    """Whether the range of given data ends so far from the stored one that a trial is worth it."""
    width = max(stored.high, 0.0) - min(stored.low, 0.0)
    return max(abs(given.low - stored.low), abs(given.high - stored.high)) > ELSEWHERE * width


@dataclass(frozen=True)
class RecalibrationTrial(HeldOutTrial):
    """What ranges of the data given do to the outputs.

    Parameters
    ----------
    measured_on : samples that have the ranges; those that judge are among them.
    as_stored : by output layer, what the same quantizer makes of the stored ranges.
    """

    as_stored: Mapping[str, Outcome]

    @property
    def shows_gain(self) -> bool:
        """Whether much is gained, over the archive and by the ranges alone."""
        by_ranges = HeldOutTrial(self.measured_on, self.judged_on, self.as_stored, self.after)
        return all(trial.loses and trial.takes_half_back for trial in (self, by_ranges))

    @property
    def shows_no_gain(self) -> bool:
        """Whether nothing is gained, by a quantizer that makes of stored ranges what is stored.

        Channels that hold one code, before and after, show nothing.
        """
        is_constant = any(found.silenced for found in (*self.before.values(), *self.after.values()))
        return not (is_constant or self.helps) and self.is_made_alike

    @property
    def is_made_alike(self) -> bool:
        """Whether the same quantizer makes of the stored ranges what is stored, or nearly so."""
        return all(
            name in self.as_stored and _is_alike(before, self.as_stored[name])
            for name, before in self.before.items()
        )

    def on_which_samples(self) -> str:
        """How many samples there were, in words."""
        return f"ranges of all {plural(self.measured_on, 'sample')}, judged on {self.judged_on}"


def _is_alike(stored: Outcome, made: Outcome) -> bool:
    if stored.is_fine != made.is_fine or stored.silenced != made.silenced:
        return False
    differences = (stored.median_db - made.median_db, stored.snr_db - made.snr_db)
    return all(math.isnan(each) or abs(each) < HALF_DB / 2 for each in differences)
