"""How far what a dump holds lies from what the emulation computes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.dumped import Numbers
from utils.device_outputs.expected import Expected
from utils.measurements.noise import decibels
from utils.stages import CodeShares

# What rounding of one more addition, or of one more interpolation, does to codes.
NEAR_CODES = 2.0
# No chip gives larger values; the squares of these can be summed.
LARGEST = 1e30
# Of the codes of an output, so many lie no farther apart; provisional, since no pair of the
# vendor's emulation and a chip was at hand.
NEAR_SHARE = 0.99
# What is not coded has no codes to count: equal but for the last bits of float32 arithmetic.
SAME_DB = 60.0
# Emulation and chip were seen to differ by this much where nothing was wrong (six heads of a
# detector, cosine 0.995 to 0.9997); less is said to be a difference.
LEAST_CORRELATION = 0.98
# Scales are kept in float32, and codes reach 32767.
_WHOLE = 0.02
_SLACK = 0.05


@dataclass(frozen=True)
class Apart:
    """How far values of an output lie apart.

    Parameters
    ----------
    snr_db : against the values of the emulation about their mean, so that no constant counts.
    correlation : of all values; NaN where one of both is constant.
    shares : of codes; None where the output is not coded.
    """

    snr_db: float
    correlation: float
    shares: CodeShares | None

    @property
    def is_same(self) -> bool:
        """Whether both hold the same codes, within what rounding does."""
        if self.shares is not None:
            return self.shares.within_two >= NEAR_SHARE
        return self.snr_db >= SAME_DB

    @property
    def is_rounded(self) -> bool:
        """Whether no code lies farther away than rounding moves it, and values follow each other.

        Outputs that use a handful of codes lie near whatever they hold.
        """
        is_close = self.shares is not None and self.shares.largest <= NEAR_CODES + _SLACK
        return is_close and self.correlation >= LEAST_CORRELATION

    @property
    def is_near(self) -> bool:
        """Whether they differ by no more than emulators do from the chip."""
        return self.is_same or (self.correlation >= LEAST_CORRELATION and self.snr_db >= 10.0)


def apart(expected: Expected, given: NDArray[np.floating]) -> Apart:
    """Compare values (samples, height, width, channels) with those of an output."""
    wanted = expected.values.astype(np.float64)
    if not (np.abs(given) < LARGEST).all():
        return Apart(-math.inf, math.nan, code_shares(expected, bounded(given)))
    error = given - wanted
    signal = float(np.square(wanted - wanted.mean()).sum())
    noise = float(np.square(error).sum())
    return Apart(decibels(signal, noise), correlation(wanted, given), code_shares(expected, given))


def bounded(given: NDArray[Any]) -> NDArray[np.float64]:
    """The values, as float64 that can be squared and summed: NaN as 0, no other above `LARGEST`."""
    values = np.nan_to_num(given.astype(np.float64), nan=0.0, posinf=LARGEST, neginf=-LARGEST)
    return np.clip(values, -LARGEST, LARGEST)


def is_constant(values: NDArray[Any]) -> bool:
    """Whether all values, of which there are some, are the same, which may be infinite."""
    return bool((values == values.flat[0]).all())


def code_shares(expected: Expected, given: NDArray[np.floating]) -> CodeShares | None:
    """How far the codes lie apart; None where the output is not coded."""
    codes, wanted = expected.codes_of(given), expected.codes
    if codes is None or wanted is None or not codes.size:
        return None
    distance = np.abs(codes - wanted)
    return CodeShares(
        float((distance < 0.5).mean()),
        float((distance <= 1 + _SLACK).mean()),
        float((distance <= NEAR_CODES + _SLACK).mean()),
        float(distance.max()),
        float((np.abs(codes - np.rint(codes)) <= _WHOLE).mean()),
    )


def correlation(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Of all values, about their means; NaN where one is constant, or too large to square."""
    first = np.asarray(one, np.float64).ravel()
    second = np.asarray(other, np.float64).ravel()
    if not all((np.abs(values) < LARGEST).all() for values in (first, second)):
        return math.nan
    first, second = first - first.mean(), second - second.mean()
    norm = math.sqrt(_product(first, first) * _product(second, second))
    return _product(first, second) / norm if norm > 0 and math.isfinite(norm) else math.nan


def _product(one: Numbers, other: Numbers) -> float:
    # Without BLAS, whose threads cost more than they save where other processes compute.
    return float(np.einsum("i,i->", one, other))
