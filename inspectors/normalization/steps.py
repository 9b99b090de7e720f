"""One normalization (x - mean) / std with its constants, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from inspectors.normalization.recipes import (
    TOLERANCE,
    constants_text,
    contradicting_order,
    expected_maximum,
    matching_recipe,
)
from utils.facts.input_preparations import WHITE
from utils.facts.normalization_recipes import UNIT_RANGE
from utils.har.statistics import ChannelStatistics
from utils.wording import listed, plural


@dataclass(frozen=True)
class NormalizationStep:
    """One (x - mean) / std, by channel.

    Parameters
    ----------
    mean, std : one number per channel; lengths as written, () where the archive holds none.
    line : line of the model script that asks for it; 0 if the script does not.
    layers : scoped names of the layers of the graph that do it; () if it was fused.
    targets : names that the script gives to the layer.
    input_argument : input layer that the script names; "" if none.
    not_numbers : what stands among the constants of the script and is no number.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    line: int = 0
    layers: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    input_argument: str = ""
    not_numbers: tuple[str, ...] = ()

    @property
    def is_computable(self) -> bool:
        """Whether mean and std belong together and nothing is divided by 0."""
        values = np.array([*self.mean, *self.std])
        return (
            len(self.mean) == len(self.std) > 0
            and bool(np.isfinite(values).all())
            and 0.0 not in self.std
        )

    @property
    def is_known(self) -> bool:
        """Whether it is a known recipe, in grey levels or in units of 0..1."""
        return _is_known(self.mean, self.std)

    @property
    def divides(self) -> bool:
        """Whether it does more than to subtract a mean."""
        return not np.allclose(self.std, 1.0, rtol=TOLERANCE)

    @property
    def normalizes(self) -> bool:
        """Whether it is a known recipe that changes the values."""
        return self.is_computable and self.is_known and (self.divides or any(self.mean))

    @property
    def is_swapped(self) -> bool:
        """Whether a known recipe has its mean where its standard deviation belongs."""
        if len(self.mean) != len(self.std) or self.is_known:
            return False
        return _is_known(self.std, self.mean)

    @property
    def constants(self) -> str:
        """Mean and standard deviation, for messages."""
        return constants_text(self.mean, self.std)

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        if self.line:
            return f"line {self.line} of the model script"
        return listed(self.layers)

    def applied(self, statistics: ChannelStatistics) -> ChannelStatistics | None:
        """Statistics of what leaves it; None if its constants do not fit these channels."""
        if not self.is_computable or len(self.std) != statistics.channels:
            return None
        factor = 1.0 / np.array(self.std)
        return statistics.transformed(factor, -np.array(self.mean) * factor)


def joined(steps: Sequence[NormalizationStep]) -> NormalizationStep | None:
    """One step that does what several do in a row; None if that cannot be computed."""
    whole: NormalizationStep | None = None
    for step in steps:
        if not step.is_computable or (whole and len(whole.mean) != len(step.mean)):
            return None
        if whole is None:
            whole = step
            continue
        mean, std = np.array(whole.mean), np.array(whole.std)
        whole = NormalizationStep(
            mean=tuple((mean + np.array(step.mean) * std).tolist()),
            std=tuple((std * np.array(step.std)).tolist()),
            layers=whole.layers + step.layers,
        )
    return whole


def doubled(
    steps: Sequence[NormalizationStep],
) -> tuple[NormalizationStep, NormalizationStep] | None:
    """The first two in a row that are known recipes and normalize the same data twice.

    What only divides by 255 goes together with constants for 0..1 behind it, what only
    subtracts a mean with a division.
    """
    for first, second in pairwise(steps):
        if not (first.normalizes and second.normalizes):
            continue
        if matching_recipe(first.mean, first.std) is UNIT_RANGE:
            repeats = expected_maximum(second.mean, second.std) == WHITE
        else:
            repeats = first.divides or any(second.mean)
        if repeats:
            return first, second
    return None


@dataclass(frozen=True)
class Complaint:
    """What is wrong with constants, and what to do, as a sentence without its end."""

    reason: str
    remedy: str


def complaint(step: NormalizationStep, channels: frozenset[int]) -> Complaint | None:
    """What is wrong with constants in themselves; None if nothing is.

    Parameters
    ----------
    channels : what the number of constants may be; empty if that is not known.
    """
    if unfit := _unfit_lengths(step, channels):
        return unfit
    if step.line and step.is_swapped:
        return Complaint("mean and standard deviation have changed places", "Swap the two lists")
    if step.line and min(step.std, default=1.0) <= 0.0:
        return Complaint(
            f"a standard deviation is {min(step.std):g}, although it divides",
            "Write numbers above 0, with 1 where nothing is to be divided,",
        )
    if recipe := contradicting_order(step.mean, step.std):
        return Complaint(
            f"mean and standard deviation are those of {recipe.name}, but one is in RGB and the "
            "other in BGR order",
            "Reverse the list that is not in the order of the data",
        )
    return None


def _unfit_lengths(step: NormalizationStep, channels: frozenset[int]) -> Complaint | None:
    """What keeps mean and standard deviation from being one number per channel each."""
    if step.not_numbers:
        verb = "is not a number" if len(step.not_numbers) == 1 else "are not numbers"
        return Complaint(f"{listed(step.not_numbers)} {verb}", "Write numbers only")
    if len(step.mean) != len(step.std):
        return Complaint(
            f"{plural(len(step.mean), 'mean')} and {plural(len(step.std), 'standard deviation')} "
            "do not go together",
            _as_many_as(channels),
        )
    if step.line and channels and len(step.mean) not in channels:
        return Complaint(
            f"it has constants for {plural(len(step.mean), 'channel')}, the input has "
            f"{' or '.join(map(str, sorted(channels)))}",
            _as_many_as(channels),
        )
    return None


def _as_many_as(channels: frozenset[int]) -> str:
    if len(channels) != 1:
        return "Give one mean and one standard deviation per channel"
    (count,) = channels
    counts = f"{plural(count, 'mean')} and {plural(count, 'standard deviation')}"
    return f"Give {counts}, one per channel,"


def _is_known(mean: Sequence[float], std: Sequence[float]) -> bool:
    in_units = [[WHITE * value for value in values] for values in (mean, std)]
    return bool(matching_recipe(mean, std) or matching_recipe(*in_units))
