"""Frames that hold the result of another frame: a buffer that was overwritten, or not renewed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.dumped import Numbers
from utils.device_outputs.trials.missing_frames import empty_frames
from utils.device_outputs.trials.pairs import Indices, Pairs, Reordered, frames
from utils.wording import plural

FEWEST_FRAMES = 3
FEWEST_VALUES = 4  # of a frame: fewer fit some other sample by chance
FEWEST_KEPT = 8  # of all frames that are kept once, below which nothing is judged
FEWEST_IN_RUNS = 2  # of a frame: one fits the first or the last sample of a row by chance
MANY_RUNS = 8  # that all fit so by chance are none, even of one value
# Mean squares of what is left, in units of the variance of the outputs.
MOST_FARTHER, NEARNESS = 4.0, 0.01


def overwritten(pairs: Pairs) -> Reordered | None:
    """Frames that hold a result which came later: one buffer, in which it overwrote the others."""
    return _undone(pairs, of_the_first=False)


def not_renewed(pairs: Pairs) -> Reordered | None:
    """Frames that hold the result of the first of them, which was kept again."""
    return _undone(pairs, of_the_first=True)


def _undone(pairs: Pairs, *, of_the_first: bool) -> Reordered | None:
    """Every different frame once, beside the sample that it is nearest to.

    Parameters
    ----------
    of_the_first : whether equal frames are to hold the result of the first of them, or not.
    """
    expected, given = _sides(pairs)
    count = len(given)
    if count < FEWEST_FRAMES or empty_frames(pairs).any():
        return None
    if _are_few(pairs, given):
        return _runs_undone(pairs, of_the_first=of_the_first)
    samples, kept, owned = [], [], []
    foreign: list[tuple[int, int]] = []
    are_of_the_first = True
    for group in _equal_frames(given):
        if len(group) == 1 or len(_equal_frames(expected[group])) == 1:
            # Samples that are alike have results that are alike.
            samples += list(group)
            kept += list(group)
            continue
        owner = int(_distances(expected, given[group[0]]).argmin())
        are_of_the_first &= owner == int(group[0])
        foreign += [(int(place), owner) for place in group if place != owner]
        samples.append(owner)
        kept.append(int(group[0]))
        owned.append(len(kept) - 1)
    rest = np.square(expected[samples] - given[kept]).mean(axis=1)
    if not foreign or not _fit(rest, owned) or are_of_the_first != of_the_first:
        return None
    taken = np.array(samples, np.int64), np.array(kept, np.int64)
    return Reordered(tuple(pair.taken(*taken) for pair in pairs), _evidence(foreign, count))


def _sides(pairs: Pairs) -> tuple[Numbers, Numbers]:
    """Values of every frame, as they are where each is near to a sample so; else in their spreads.

    A result that is kept again and again changes the spread, so that it is no longer nearest to
    its own sample.
    """
    expected, given = frames(pairs, in_one_unit=True)
    kept = [given[group[0]] for group in _equal_frames(given) if len(group) > 1]
    left = max((np.square(expected - each).mean(axis=1).min() for each in kept), default=0.0)
    return (expected, given) if left <= NEARNESS else frames(pairs)


def _are_few(pairs: Pairs, given: Numbers) -> bool:
    """Whether values are too few to know a sample by them, unless they are the very ones of it."""
    values, kept = given.shape[1], _equal_frames(given)
    if values < FEWEST_VALUES:
        return True
    if values * len(kept) >= FEWEST_KEPT:
        return False
    return any(_owners(pairs, int(group[0])).sum() != 1 for group in kept)


def _owners(pairs: Pairs, frame: int) -> NDArray[np.bool_]:
    """Of every sample, whether a frame has its very values at all outputs, (samples,)."""
    same = [(pair.expected.values == pair.given[frame]).all(axis=(1, 2, 3)) for pair in pairs]
    found: NDArray[np.bool_] = np.all(same, axis=0)
    return found


def _runs_undone(pairs: Pairs, *, of_the_first: bool) -> Reordered | None:
    """Every frame beside the first, or the last, of those in a row that are equal.

    A few values are near to some sample by chance, so no other one is looked for.
    """
    expected, given = frames(pairs)
    kept = _equal_frames(given)
    # One result that several samples have may be that of black pictures as well.
    repeated = sum(len(run) > 1 for run in _runs(given))
    if given.shape[1] < FEWEST_IN_RUNS and repeated < MANY_RUNS:
        return None
    if len(kept) == 1 and _owners(pairs, 0).sum() > 1:
        return None
    owners = np.arange(len(given))
    for run in _runs(given):
        if len(run) > 1 and len(_equal_frames(expected[run])) > 1:
            owners[run] = run[0] if of_the_first else run[-1]
    foreign = [(place, int(owner)) for place, owner in enumerate(owners) if owner != place]
    if not foreign:
        return None
    every = np.arange(len(given))
    moved = tuple(pair.taken(owners, every) for pair in pairs)
    return Reordered(moved, _evidence(foreign, len(given)))


def _fit(rest: Numbers, owned: list[int]) -> bool:
    """Whether frames that many samples share are as near to one sample as all others are to theirs.

    Those of a black picture are near to none.
    """
    others = np.delete(rest, owned)
    if len(others) < FEWEST_FRAMES:
        return True
    return bool((rest[owned] <= MOST_FARTHER * np.median(others) + NEARNESS).all())


def _evidence(foreign: list[tuple[int, int]], count: int) -> str:
    owners = {owner for _, owner in foreign}
    if len(foreign) >= count - 1 and len(owners) == 1:
        return f"all {count} frames hold the result for sample {owners.pop()}"
    place, owner = min(foreign)
    return (
        f"{len(foreign)} of {plural(count, 'frame')} hold the result for another sample, the first "
        f"of them frame {place} that for sample {owner}"
    )


def _equal_frames(rows: Numbers) -> list[Indices]:
    """The places of each different row; of long rows `numpy.unique` makes a field each."""
    places: dict[bytes, list[int]] = {}
    for place, row in enumerate(rows + 0.0):  # which makes 0 of -0
        places.setdefault(row.tobytes(), []).append(place)
    return [np.array(group, np.int64) for group in places.values()]


def _runs(rows: Numbers) -> list[Indices]:
    """The places of rows that are equal one after the other; of coarse codes others are, too."""
    changes = np.flatnonzero((rows[1:] != rows[:-1]).any(axis=1)) + 1
    return np.split(np.arange(len(rows)), changes)


def _distances(expected: Numbers, frame: Numbers) -> NDArray[np.float64]:
    """Of every sample from a frame, apart from scale and offset."""
    held = frame - frame.mean()
    wanted = expected - expected.mean(axis=1, keepdims=True)
    norms = np.sqrt((wanted**2).sum(axis=1) * (held**2).sum())
    alike = np.divide(wanted @ held, norms, out=np.zeros(len(wanted)), where=norms > 0)
    near = ((expected - frame) ** 2).mean(axis=1)
    return np.asarray(near / (near.max() or 1.0) - alike)
