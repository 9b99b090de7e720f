"""How far the samples of a batch reach within the codes of a layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from utils.emulator.measuring.batch_statistics import Values
from utils.emulator.quantized.coded import by_channel
from utils.har.quantization import Encoding
from utils.measurements.peaks import Peaks, farthest


def reduced_peaks(statistics: Values, encoding: Encoding, places: NDArray[np.int64]) -> Peaks:
    """The samples that reach farthest.

    Parameters
    ----------
    statistics : of what the layer computes in float; see `reduced_statistics`.
    encoding : how the archive codes it.
    places : of the samples in the file, (samples,).
    """
    scales, _ = by_channel(encoding, statistics["lows"].shape[1])
    # In float32, values of a damaged layer in codes of a small scale would overflow.
    low = (statistics["lows"].astype(np.float64) / scales).min(axis=1)
    high = (statistics["highs"].astype(np.float64) / scales).max(axis=1)
    return Peaks(farthest(places, low, is_high=False), farthest(places, high, is_high=True))
