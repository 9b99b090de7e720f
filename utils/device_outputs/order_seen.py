"""Whether near outputs show that every frame lies beside its own sample.

Samples that hardly change, as those of a fixed camera, have outputs that hardly change. Moved by a
frame they still pass for equal, and only the distance to the samples beside shows it, if anything.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from utils.device_outputs.apart import apart, bounded
from utils.device_outputs.attempts import MOST_DB
from utils.device_outputs.comparing import Output
from utils.device_outputs.dumped import Numbers
from utils.device_outputs.sampled import stride_over
from utils.device_outputs.trials.late import how_late
from utils.device_outputs.trials.pairs import Indices
from utils.stages import Reason
from utils.wording import plural

LATE, UNSEEN = "late", "order-unseen"
FARTHEST = 4  # frames, by which results are moved on trial; queues on a host are about as long
ENOUGH = 4096  # values of a frame of an output, by which frames are told apart
FEWEST_FRAMES = 4  # that have to be left after moving
FEWEST_VALUES = 64  # in these frames
LEAST_DB = 3.0  # nearer in its place than moved: half of the energy tells them apart


def order_reason(outputs: Sequence[Output], positions: Sequence[int]) -> Reason | None:
    """Move the frames of outputs that are near as they are.

    Parameters
    ----------
    positions : of the samples that were run among all; empty where all were run.

    Returns
    -------
    `late` where frames are clearly nearer some places on; `order-unseen` where they are as near a
    place before or behind; None where they are clearly nearest in their places, or too few tell.
    """
    if not outputs:
        return None
    places = np.array(positions or range(outputs[0].found.expected.samples), np.int64)
    as_is = _energy(outputs, places, 0)
    moved = _energies(outputs, places, (1, -1))
    # At first by one frame: where that is clearly farther off, more is so, too.
    if as_is is None or not moved or _is_nearer(as_is, min(moved.values()), LEAST_DB):
        return None
    moved |= _energies(outputs, places, [m for far in range(2, FARTHEST + 1) for m in (far, -far)])
    late = min(moved, key=lambda places_on: (moved[places_on], abs(places_on)))
    if _is_nearer(moved[late], as_is, MOST_DB) and _are_same(outputs, places, late):
        frames = plural(len(_within(outputs[0], places, late)), "frame")
        return Reason(LATE, f"{how_late(late)}, compared at {frames}")
    return Reason(UNSEEN, "a frame earlier or later the outputs are hardly farther apart")


def _energies(
    outputs: Sequence[Output], places: Indices, all_moved: Sequence[int]
) -> dict[int, float]:
    found = {moved: _energy(outputs, places, moved) for moved in all_moved}
    return {moved: energy for moved, energy in found.items() if energy is not None}


def _is_nearer(one: float, other: float, decibels: float) -> bool:
    return one * 10 ** (decibels / 10) <= other and other > 0


def _energy(outputs: Sequence[Output], places: Indices, moved: int) -> float | None:
    """Mean square of what lies between samples and the frames so many places on.

    Every output is brought to the same spread, so that none outweighs the others. None where too
    little is left to compare.
    """
    total, values = 0.0, 0
    for output in outputs:
        some = _within(output, places, moved)
        if len(some) < FEWEST_FRAMES:
            return None
        expected = output.found.expected.values
        stride = stride_over(expected.shape[1:], ENOUGH)
        wanted = expected.reshape(len(expected), -1)[:, ::stride].astype(np.float64)
        # Frame by frame, so that no second dump is held.
        given = np.stack([_given(output, places[[at]], moved).reshape(-1)[::stride] for at in some])
        spread = float(wanted.std()) or 1.0
        total += float(np.square((given - wanted[some]) / spread).sum())
        values += given.size
    return total / values if values >= FEWEST_VALUES else None


def _within(output: Output, places: Indices, moved: int) -> Indices:
    """Which of the samples have a frame so many places on."""
    whole = output.found.reading.whole
    count = len(output.found.reading.array if whole is None else whole)
    return np.flatnonzero((places + moved >= 0) & (places + moved < count))


def _given(output: Output, places: Indices, moved: int) -> Numbers:
    whole = output.found.reading.whole
    frames = output.found.reading.array if whole is None else whole
    there = places[_within(output, places, moved)] + moved
    return bounded(output.found.numbers(frames[there]))


def _are_same(outputs: Sequence[Output], places: Indices, moved: int) -> bool:
    """Whether moving makes all outputs the same, within what rounding does."""
    return all(
        apart(
            output.found.expected.taken(_within(output, places, moved)),
            _given(output, places, moved),
        ).is_same
        for output in outputs
    )
