"""Bias correction, tried in emulation where the compiler did not run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from utils.findings import Gain
from utils.measurements.agreement import trial
from utils.measurements.agreement.change import gain_at_the_worst
from utils.measurements.agreement.outcome import Outcome, gained

# Half of them measure the biases, the other half judges: as many as a trial takes to be believed.
FEWEST_SAMPLES = 16
# Noise of half the amplitude.
HALF_DB = 6.0


@dataclass(frozen=True)
class BiasTrial:
    """What corrected biases do to the outputs.

    Parameters
    ----------
    layers : with a corrected bias.
    measured_on, judged_on : different samples, so many each.
    before, after : by output layer that could be run, on the samples that judge.
    suffices : whether every output comes where a 16-bit plan would have to bring it.
    """

    layers: tuple[str, ...]
    measured_on: int
    judged_on: int
    before: Mapping[str, Outcome]
    after: Mapping[str, Outcome]
    suffices: bool = False

    @property
    def helps(self) -> bool:
        """Whether some output gains decisions, a channel or a decibel, and none loses any."""
        return trial.helps(self.before, self.after)

    @property
    def mends(self) -> bool:
        """Whether it helps, and every output comes as it is wanted."""
        return trial.mends(self.before, self.after)

    @property
    def takes_half_back(self) -> bool:
        """Whether it helps, and half of what is lost comes back at every output.

        Decisions, to where they count as kept; where none are counted, 6 dB of the median sample.
        """
        lost = {n: found for n, found in self.before.items() if not trial.is_wanted(found)}
        return self.helps and all(_half_is_back(one, self.after[n]) for n, one in lost.items())

    @property
    def gain(self) -> Gain | None:
        """What is gained where most was lost."""
        return gain_at_the_worst(self.before, self.after)

    def described(self) -> str:
        """What changes, in words, at every output that it reaches."""
        return trial.described(self.before, self.after)


def _half_is_back(before: Outcome, after: Outcome) -> bool:
    if trial.is_wanted(after):
        return True
    if after.silenced and after.silenced >= before.silenced:
        return False
    if before.room < 0:
        return after.room >= before.room / 2
    return gained(after.median_db, before.median_db, HALF_DB)
