"""Values that lie in the file in another order of axes than its shape says."""

from __future__ import annotations

import numpy as np

from utils.device_outputs.apart import correlation
from utils.device_outputs.dumped import Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials.undone import Undone

# By what the axes behind that of the samples are: where each of (height, width, channels) went.
ORDERS = {
    "(channels, height, width)": (2, 0, 1),
    "(width, height, channels)": (1, 0, 2),
    "(channels, width, height)": (2, 1, 0),
    "(height, channels, width)": (0, 2, 1),
}


def undone(expected: Expected, given: Numbers) -> Undone | None:
    """The values in the order of axes that fits the emulation best."""
    if sum(size > 1 for size in expected.shape) < 2:
        return None
    best: tuple[float, Undone] | None = None
    for name, order in ORDERS.items():
        sizes = [expected.shape[axis] for axis in order]
        back = np.argsort(order)
        lying = given.reshape(len(given), *sizes)
        values = np.ascontiguousarray(lying.transpose(0, *(back + 1)))
        likeness = correlation(expected.values, values)
        if likeness > 0 and (best is None or likeness > best[0]):
            best = likeness, Undone(values, f"the values lie as {name}", expected)
    return best[1] if best else None
