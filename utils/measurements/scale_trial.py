"""Finer codes for channels that have few: what the compiler offers, tried in emulation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from utils.measurements.agreement import trial
from utils.measurements.agreement.outcome import Outcome, Outcomes

Change = Literal["equalization", "output_scales", "sixteen_bit"]
# Outputs of these kinds have channels that count one by one, or may have.
COUNTING = ("regression", "scores", "unknown")


@dataclass(frozen=True)
class ScaleTrial:
    """What a change does to the outputs.

    Parameters
    ----------
    change : equalization, a scale for each channel of the outputs, or 16 bit.
    layers : whose channels it is to mend.
    before, after : by output layer that could be run, on the same samples.
    modes : precision modes that the change takes, by layer.
    by_channel : whether an output of unknown kind is judged channel by channel, as numbers are,
        since one of them lost its codes.
    """

    change: Change
    layers: tuple[str, ...]
    before: Mapping[str, Outcome]
    after: Mapping[str, Outcome]
    modes: Mapping[str, str] = field(default_factory=dict)
    by_channel: bool = False

    @property
    def helps(self) -> bool:
        """Whether some output gains decisions, a channel or a decibel, and none loses any."""
        return trial.helps(self._judged(self.before), self._judged(self.after))

    @property
    def mends(self) -> bool:
        """Whether it helps, and every output comes as it is wanted."""
        return trial.mends(self._judged(self.before), self._judged(self.after))

    @property
    def room(self) -> tuple[int, float, float]:
        """How well it does; the higher the better."""
        judged = self._judged(self.after)
        after = [judged[name] for name in self.before if name in judged]
        return (
            -sum(each.silenced for each in after),
            min((each.room for each in after if each.is_counted), default=0.0),
            min((each.median_db for each in after), default=0.0),
        )

    def described(self) -> str:
        """What it changes, in words, at every output that it reaches."""
        return trial.described(self._judged(self.before), self._judged(self.after))

    def _judged(self, outcomes: Outcomes) -> dict[str, Outcome]:
        return {
            name: replace(outcome, kind="regression")
            if self.by_channel and outcome.kind == "unknown"
            else outcome
            for name, outcome in outcomes.items()
        }


def best_trial(trials: Iterable[ScaleTrial]) -> ScaleTrial | None:
    """The first that mends all; else the one that helps most; None where none helps.

    Parameters
    ----------
    trials : the cheapest change first.
    """
    found = list(trials)
    mending = next((each for each in found if each.mends), None)
    helping = [each for each in found if each.helps]
    return mending or max(helping, key=lambda each: each.room, default=None)
