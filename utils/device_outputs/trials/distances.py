"""How far rows of numbers lie from one another."""

from __future__ import annotations

import numpy as np

from utils.device_outputs.dumped import Numbers


def squared_distances(rows: Numbers, others: Numbers) -> Numbers:
    """Of every row from every other one, (rows, others), both as (rows, values)."""
    products = np.einsum("id,jd->ij", rows, others)
    sizes = np.square(rows).sum(axis=1)[:, None] + np.square(others).sum(axis=1)
    # Rounding can take what is the same below 0.
    return np.asarray(np.maximum(sizes - 2 * products, 0))
