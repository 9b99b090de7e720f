"""One scale for all channels of an output whose channels have scales of their own."""

from __future__ import annotations

import numpy as np

from utils.device_outputs.apart import apart
from utils.device_outputs.dumped import Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials.undone import Undone


def undone(expected: Expected, given: Numbers) -> Undone | None:
    """Codes found with the scale of one channel, then read with the scales of all.

    Where every value is 0, HailoRT's single scale was taken, which is 0 there: the codes are lost,
    so the emulation is multiplied by 0 as well.
    """
    if not expected.has_scale_per_channel or expected.scales is None:
        return None
    if not given.any():
        if not expected.values.any():
            return None
        evidence = (
            f"every value is 0, which a scale of 0 makes of codes; {len(expected.scales)} channels "
            "have scales of their own"
        )
        return Undone(given, evidence, expected.with_values(np.zeros_like(expected.values)))
    return _by_one_channel(expected, given)


def _by_one_channel(expected: Expected, given: Numbers) -> Undone | None:
    assert expected.scales is not None and expected.zero_points is not None
    pairs = np.stack([expected.scales, expected.zero_points], axis=1)
    _, places = np.unique(pairs, axis=0, return_index=True)
    best: tuple[float, Undone] | None = None
    for channel in sorted(places):
        scale, zero = expected.scales[channel], expected.zero_points[channel]
        values = expected.values_of(given / scale + zero)
        found = apart(expected, values)
        share = found.shares.within_two if found.shares else 0.0
        evidence = f"the scale of channel {channel} in all of {len(expected.scales)} channels"
        if best is None or share > best[0]:
            best = share, Undone(values, evidence, expected)
    return best[1] if best else None
