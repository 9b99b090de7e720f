"""Whether the numbers over all samples of an output are those of a few of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from utils.measurements.agreement import SampleFigures
from utils.measurements.noise import decibels

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# A sample so far below the SNR of all together is not what that speaks of.
BELOW_DB = 10.0


def pooled_db(samples: SampleFigures) -> float:
    """SNR in dB over all samples."""
    return decibels(float(samples.signal.sum()), float(samples.noise.sum()))


def most_lie_below(samples: SampleFigures, gap_db: float = BELOW_DB) -> bool:
    """Whether more than half of the samples lie far below the SNR of all together."""
    ratios = samples.snr_db
    known = ratios[~np.isnan(ratios)]
    below = known < pooled_db(samples) - gap_db
    return 2 * int(below.sum()) > len(known) > 0


def holders(samples: SampleFigures, energies: Floats, share: float) -> tuple[Integers, float]:
    """The fewest samples that hold more than a share of an energy, the loudest first.

    Parameters
    ----------
    energies : of the signal or of the error of every sample, (samples,).

    Returns
    -------
    Their positions among the samples, and what they hold, 0 to 1; none where there is no energy.
    """
    total = float(energies.sum())
    if not 0 < total < np.inf:
        return np.zeros(0, np.int64), 0.0
    order = np.argsort(-energies, kind="stable")
    held = np.cumsum(energies[order]) / total
    count = int(np.searchsorted(held, share, side="right")) + 1
    return samples.positions[order[:count]], float(held[min(count, len(held)) - 1])
