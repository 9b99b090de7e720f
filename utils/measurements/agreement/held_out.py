"""A trial that measures on some samples, and is judged on others."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from utils.findings import Gain
from utils.measurements.agreement import trial
from utils.measurements.agreement.change import gain_at_the_worst
from utils.measurements.agreement.outcome import Outcome, gained
from utils.wording import plural

# Half of them measure, the other half judges: as many as a trial takes to be believed.
FEWEST_SAMPLES = 16
# Noise of half the amplitude.
HALF_DB = 6.0


@dataclass(frozen=True)
class HeldOutTrial:
    """What a change, made of some samples, does to the outputs on others.

    Parameters
    ----------
    measured_on, judged_on : different samples, so many each.
    before, after : by output layer that could be run, on the samples that judge.
    """

    measured_on: int
    judged_on: int
    before: Mapping[str, Outcome]
    after: Mapping[str, Outcome]

    @property
    def helps(self) -> bool:
        """Whether some output gains decisions, a channel or a decibel, and none loses any."""
        return trial.helps(self.before, self.after)

    @property
    def mends(self) -> bool:
        """Whether it helps, and every output comes as it is wanted."""
        return trial.mends(self.before, self.after)

    def _lost(self) -> Iterator[tuple[str, Outcome]]:
        return ((n, found) for n, found in self.before.items() if not trial.is_wanted(found))

    @property
    def loses(self) -> bool:
        """Whether something is lost without it."""
        return any(True for _ in self._lost())

    @property
    def takes_half_back(self) -> bool:
        """Whether it helps, and half of what is lost comes back at every output.

        Decisions, to where they count as kept; where none are counted, 6 dB of the median sample.
        """
        return self.helps and all(_half_is_back(one, self.after[n]) for n, one in self._lost())

    @property
    def gain(self) -> Gain | None:
        """What is gained where most was lost."""
        return gain_at_the_worst(self.before, self.after)

    @property
    def reached(self) -> tuple[str, ...]:
        """Outputs that it changes."""
        return tuple(n for n, before in self.before.items() if self.after.get(n) != before)

    @property
    def measured(self) -> dict[str, float]:
        """SNR in dB of every output that has one, before and after."""
        found: dict[str, float] = {}
        for name, before in self.before.items():
            after = self.after.get(name, before)
            if math.isfinite(before.snr_db) and math.isfinite(after.snr_db):
                found[f"SNR of {name} before"] = before.snr_db
                found[f"SNR of {name} after"] = after.snr_db
        return found

    def described(self) -> str:
        """What changes, in words, at every output that it reaches."""
        return trial.described(self.before, self.after)

    def on_which_samples(self) -> str:
        """How many samples there were, in words."""
        return (
            f"measured on {plural(self.measured_on, 'sample')}, judged on {self.judged_on} others"
        )


def _half_is_back(before: Outcome, after: Outcome) -> bool:
    if trial.is_wanted(after):
        return True
    if after.silenced and after.silenced >= before.silenced:
        return False
    if before.room < 0:
        return after.room >= before.room / 2
    return gained(after.median_db, before.median_db, HALF_DB)
