"""Values that the host scaled frame by frame: to a length of 1, to 0..1, or to a spread of 1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from utils.device_outputs.dumped import Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials.undone import Undone
from utils.wording import rounded

FEWEST_VALUES, FEWEST_FRAMES = 8, 2
# A line through codes is exact but for rounding.
ON_A_LINE = 0.999
# Slopes of frames that differ by less, as a share, are one slope.
OTHER_SLOPE = 0.02
CLOSE = 1e-3  # to what all frames of a kind have
# What frames have in common once they are scaled so; each is a test of (frames, values).
KINDS: dict[str, Callable[[Numbers], Numbers]] = {
    "a length of 1": lambda v: np.sqrt(np.square(v).sum(axis=1)) - 1,
    "0 to 1": lambda v: np.abs(v.min(axis=1)) + np.abs(v.max(axis=1) - 1),
    "0 to 255": lambda v: (np.abs(v.min(axis=1)) + np.abs(v.max(axis=1) - 255)) / 255,
    "a mean of 0 and a spread of 1": lambda v: np.abs(v.mean(axis=1)) + np.abs(v.std(axis=1) - 1),
}


def undone(expected: Expected, given: Numbers) -> Undone | None:
    """Every frame brought back by the line that fits it."""
    count = len(given)
    wanted, held = (v.reshape(count, -1) for v in (expected.values.astype(np.float64), given))
    if count < FEWEST_FRAMES or held.shape[1] < FEWEST_VALUES:
        return None
    wanted_centred, held_centred = (v - v.mean(axis=1, keepdims=True) for v in (wanted, held))
    wanted_energy, held_energy = (np.square(v).sum(axis=1) for v in (wanted_centred, held_centred))
    common = (wanted_centred * held_centred).sum(axis=1)
    varies = (wanted_energy > 0) & (held_energy > 0)
    if varies.sum() < FEWEST_FRAMES:
        return None
    slopes = common[varies] / wanted_energy[varies]
    alike = common[varies] / np.sqrt(wanted_energy[varies] * held_energy[varies])
    if (alike < ON_A_LINE).any() or np.ptp(slopes) < OTHER_SLOPE * np.abs(slopes).max():
        return None
    # A constant emulation shows no slope; a dump that alone is constant was not scaled.
    values = np.where(wanted_energy[:, None] > 0, held, wanted)
    values[varies] = (
        wanted[varies].mean(axis=1, keepdims=True) + held_centred[varies] / slopes[:, None]
    )
    return Undone(values.reshape(given.shape), _evidence(held[varies], slopes), expected)


def _evidence(held: Numbers, slopes: Numbers) -> str:
    kinds = [kind for kind, off in KINDS.items() if (np.abs(off(held)) < CLOSE).all()]
    to = f"every frame was brought to {kinds[0]}" if kinds else "every frame has its own scale"
    least, most = (rounded(float(slope)) for slope in (slopes.min(), slopes.max()))
    return f"{to}, with slopes from {least} to {most}"
