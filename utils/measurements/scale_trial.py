"""Finer codes for channels that have few: what the compiler offers, tried in emulation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from utils.measurements.agreement.change import change_in_words
from utils.measurements.agreement.outcome import Outcome, Outcomes
from utils.measurements.mixed_precision import DEFAULT_TARGET_DB

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
        pairs = self._pairs
        if len(pairs) < len(self.before):
            return False
        return any(map(_is_better, pairs)) and not any(map(_is_worse, pairs))

    @property
    def mends(self) -> bool:
        """Whether it helps, and every output comes as it is wanted."""
        return self.helps and all(_is_wanted(after) for _, after in self._pairs)

    @property
    def room(self) -> tuple[int, float, float]:
        """How well it does; the higher the better."""
        after = [after for _, after in self._pairs]
        return (
            -sum(each.silenced for each in after),
            min((each.room for each in after if each.is_counted), default=0.0),
            min((each.median_db for each in after), default=0.0),
        )

    def described(self) -> str:
        """What it changes, in words, at every output that it reaches."""
        said = []
        for name, before in self._judged(self.before).items():
            after = self._judged(self.after).get(name)
            if after is None:
                said.append(f"{name} could not be run")
            elif after != before:
                clauses = (_silenced(before, after), change_in_words(before, after))
                said.append(f"{name} {', '.join(filter(None, clauses))}")
        return "; ".join(said) or "no output changes"

    @property
    def _pairs(self) -> list[tuple[Outcome, Outcome]]:
        before, after = self._judged(self.before), self._judged(self.after)
        return [(before[name], after[name]) for name in before if name in after]

    def _judged(self, outcomes: Outcomes) -> dict[str, Outcome]:
        return {
            name: replace(outcome, kind="regression")
            if self.by_channel and outcome.kind == "unknown"
            else outcome
            for name, outcome in outcomes.items()
        }


def _is_better(pair: tuple[Outcome, Outcome]) -> bool:
    before, after = pair
    return after.helps_over(before) or after.silenced < before.silenced


def _is_worse(pair: tuple[Outcome, Outcome]) -> bool:
    before, after = pair
    return after.is_worse_than(before) or after.silenced > before.silenced


def _is_wanted(after: Outcome) -> bool:
    """Whether nothing is lost; what nobody can count has to be as clear as a plan makes it."""
    is_clear = after.is_counted or not after.median_db < DEFAULT_TARGET_DB
    return after.is_fine and is_clear and not after.silenced


def _silenced(before: Outcome, after: Outcome) -> str:
    if not before.silenced:
        return ""
    noun = "constant channel" if before.silenced == 1 else "constant channels"
    return f"{before.silenced} {noun} before, {after.silenced or 'none'} after"


def best_trial(trials: Iterable[ScaleTrial]) -> ScaleTrial | None:
    """The first that mends all; else the one that helps most; None where none helps.

    Parameters
    ----------
    trials : the cheapest change first.
    """
    found = list(trials)
    mending = next((trial for trial in found if trial.mends), None)
    helping = [trial for trial in found if trial.helps]
    return mending or max(helping, key=lambda trial: trial.room, default=None)
