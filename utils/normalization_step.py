"""One normalization (x - mean) / std with its constants, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utils.har.statistics import ChannelStatistics
from utils.normalization_recipes import (
    WHITE,
    constants_text,
    contradicting_order,
    matching_recipe,
)
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
        in_units = [[WHITE * value for value in values] for values in (self.mean, self.std)]
        return bool(matching_recipe(self.mean, self.std) or matching_recipe(*in_units))

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


def complaint(step: NormalizationStep, channels: frozenset[int]) -> str:
    """What is wrong with constants in themselves; "" if nothing is.

    Parameters
    ----------
    channels : what the number of constants may be; empty if that is not known.
    """
    if step.not_numbers:
        return f"{listed(step.not_numbers)} is no number"
    if len(step.mean) != len(step.std):
        return (
            f"{plural(len(step.mean), 'mean')} and {plural(len(step.std), 'standard deviation')} "
            "do not go together"
        )
    if step.line and channels and len(step.mean) not in channels:
        return (
            f"it has constants for {plural(len(step.mean), 'channel')}, the input has "
            f"{' or '.join(map(str, sorted(channels)))}"
        )
    if step.line and min(step.std, default=1.0) <= 0.0:
        return f"a standard deviation is {min(step.std):g}, but it divides and must be above 0"
    if recipe := contradicting_order(step.mean, step.std):
        return (
            f"its mean and its standard deviation are those of {recipe.name}, "
            "but one is in RGB and the other in BGR order"
        )
    return ""
