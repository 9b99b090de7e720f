"""Which pixels of a plane are looked at, where to look at all of them would take too long."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Multiples of these two, modulo 1, fill a square evenly, and no two lie in one row or column for
# long: powers of the plastic number, the root of x^3 = x + 1. Every n-th pixel of the flattened
# plane would lie in one column wherever n is a multiple of the width.
# Source: M. Roberts, The unreasonable effectiveness of quasirandom sequences, 2018.
DOWN, ALONG = 0.7548776662466927, 0.5698402909980532


def spread_positions(
    height: int, width: int, count: int, samples: int = 1, first: int = 0
) -> NDArray[np.int64]:
    """Places in flattened planes, the same in every run; (samples, positions).

    Parameters
    ----------
    count : positions in each sample; all of its pixels where it has no more.
    samples : each has positions of its own, as few of them are looked at where samples are many.
    first : how many samples came before, so that blocks of any size look at the same.
    """
    if count >= height * width:
        return np.tile(np.arange(height * width), (samples, 1))
    number = 0.5 + np.arange(first * count, (first + samples) * count)
    rows, columns = (
        (number * step % 1.0 * size).astype(np.int64)
        for step, size in ((DOWN, height), (ALONG, width))
    )
    return (rows * width + columns).reshape(samples, count)
