"""A value far from all others in what calibration saw, by what the archive stores of it."""

from __future__ import annotations

import numpy as np

from utils.har.statistics import ChannelStatistics

FAR = 10.0  # times as far from 0 as anything in the data given
SAME = 1e-3  # share of the value by which channels may differ in it
ALONE = 0.1  # share of the energy of a channel that others may have
FEW = 0.1  # share of the values; what is more frequent is data


def stored_sentinel(seen: ChannelStatistics, stored: ChannelStatistics) -> float | None:
    """The value that alone makes the energy of channels at calibration; None without one.

    Where nearly all energy comes from one value v that few samples have, it is the mean times v.

    Parameters
    ----------
    seen, stored : of the same input, in the data given and in calibration.
    """
    reach = float(seen.reach.max())
    for ends in (stored.minimum, stored.maximum):
        far = np.isfinite(ends) & (np.abs(ends) > FAR * reach)
        if reach <= 0 or not far.any():
            continue
        value = float(ends[far][0])
        energy, mean = stored.energy[far], stored.mean[far]
        is_one = np.all(np.abs(ends[far] - value) <= SAME * abs(value))
        is_alone = np.all(np.abs(mean * value - energy) <= ALONE * energy)
        if is_one and is_alone and np.all(mean / value <= FEW):
            return value
    return None
