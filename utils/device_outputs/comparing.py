"""Outputs of the chip beside those of the emulation: agreement first, then codes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from utils.device_outputs.apart import NEAR_SHARE, SAME_DB, Apart, apart
from utils.device_outputs.matching import Found
from utils.device_outputs.trials.pairs import Pair
from utils.measurements.agreement.outcome import Outcome
from utils.stages import Match
from utils.stages.comparing import compared


@dataclass(frozen=True, eq=False)
class Output:
    """One output that was found in a dump.

    Parameters
    ----------
    found : the array that holds it.
    match : how it compares.
    apart : how far its values lie apart.
    """

    found: Found
    match: Match
    apart: Apart

    @property
    def pair(self) -> Pair:
        """What trials compare."""
        return Pair(self.found.expected, self.found.values)

    @cached_property
    def decides_alike(self) -> bool:
        """Whether the chip decides as the emulation, or differs by rounding alone."""
        agreement = self.match.agreement
        if agreement is None:
            return False
        if self.apart.is_rounded:  # the nearest of many alike changes by a code, as does a class
            return True
        return Outcome.of(agreement, has_signal=not self.found.expected.is_numbered).is_fine

    @property
    def is_equal(self) -> bool:
        """Whether it decides alike, and holds the same codes within what rounding does."""
        if self.found.reading.undoes or self.found.said_for:
            return False
        shares = self.apart.shares
        same = shares.within_two >= NEAR_SHARE if shares else self.match.snr_db >= SAME_DB
        return self.decides_alike and (same or self.found.expected.is_numbered)

    @property
    def is_near(self) -> bool:
        """Whether it decides alike, and differs by no more than emulators do."""
        if self.found.reading.undoes or self.found.said_for:
            return False
        return self.is_equal or (self.decides_alike and self.apart.is_near)


def output_compared(found: Found) -> Output:
    """An output with its agreement and its codes."""
    expected, values = found.expected, found.values
    match = compared(
        expected.layer,
        found.name,
        found.by,
        found.reading.layout,
        expected.values,
        values.astype(np.float32),
        expected.settled,
        expected.threshold,
        is_numbered=expected.is_numbered,
    )
    distance = apart(expected, values)
    return Output(found, replace(match, codes=distance.shares), distance)
