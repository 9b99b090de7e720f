"""Results of some samples among all frames of a dump: late, or in another order.

Of many samples some are run, evenly spread. A result that is one frame late then lies beside none
of them, so it is looked for in the whole dump.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from utils.device_outputs.apart import apart, bounded
from utils.device_outputs.attempts import is_explained
from utils.device_outputs.comparing import Output
from utils.device_outputs.dumped import Numbers
from utils.device_outputs.sampled import stride_over
from utils.device_outputs.trials.distances import squared_distances
from utils.device_outputs.trials.late import how_late
from utils.device_outputs.trials.pairs import Indices
from utils.device_outputs.trials.reordered import known_orders
from utils.stages import Reason
from utils.wording import plural

MOST_FRAMES = 4096  # more take too many comparisons
ENOUGH = 1024  # values of a frame of an output, by which frames are told apart
FEWEST_VALUES = 4  # of a frame: fewer fit some other sample by chance
FEWEST_FRAMES, LEAST_SHARE = 4, 1 / 3  # samples that have to be found
# Of the energy by which samples differ, what may be left between a sample and its own frame.
MOST_LEFT = 0.05
MOST_OTHERS = 0.05  # of the samples, those that lie elsewhere than a rule says


def found_elsewhere(outputs: Sequence[Output], positions: Indices) -> tuple[Reason, ...]:
    """Where the results of the samples lie in a dump of more frames; () where not in one way.

    Parameters
    ----------
    positions : of the samples that were run among all.
    """
    wholes = [output.found.reading.whole for output in outputs]
    counts = {len(whole) for whole in wholes if whole is not None}
    if not outputs or len(counts) != 1 or any(whole is None for whole in wholes):
        return ()
    count = counts.pop()
    expected, given = _features(outputs)
    if count > MOST_FRAMES or expected.shape[1] < FEWEST_VALUES:
        return ()
    distances = squared_distances(expected, given)
    nearest = distances.argmin(axis=1)
    spread = float(np.square(expected - expected.mean(axis=0)).sum(axis=1).mean())
    there = np.flatnonzero(distances.min(axis=1) <= MOST_LEFT * spread)
    if len(there) < max(FEWEST_FRAMES, LEAST_SHARE * len(expected)):
        return ()
    word, evidence = _rule(positions[there], nearest[there], count)
    if not word or not _explains(outputs, there, nearest[there]):
        return ()
    return (Reason(word, f"{evidence}, compared at {plural(len(there), 'sample')}"),)


def _features(outputs: Sequence[Output]) -> tuple[Numbers, Numbers]:
    """Some values of every sample, and of every frame of the dump, (frames, values) each."""
    expected: list[Numbers] = []
    given: list[Numbers] = []
    for output in outputs:
        whole = output.found.reading.whole
        wanted = output.found.expected.values
        if whole is None:
            continue
        stride = stride_over(wanted.shape[1:], ENOUGH)
        rows = wanted.reshape(len(wanted), -1)[:, ::stride].astype(np.float64)
        scale = float(rows.std()) or 1.0
        held = [
            bounded(output.found.numbers(frame[np.newaxis])).reshape(-1)[::stride]
            for frame in whole
        ]
        expected.append(rows / scale)
        given.append(np.stack(held) / scale)
    return np.concatenate(expected, axis=1), np.concatenate(given, axis=1)


def _rule(positions: Indices, places: Indices, count: int) -> tuple[str, str]:
    """Word and evidence of what leads from samples to frames; "" where they lie in their places."""
    most = MOST_OTHERS * len(positions)
    distances, times = np.unique(places - positions, return_counts=True)
    late = int(distances[times.argmax()])
    if times.max() >= len(positions) - most:
        return ("late", how_late(late)) if late else ("", "")
    for order, samples in known_orders(count).items():
        if (samples[places] != positions).sum() <= most:
            return "reordered", f"the frames lie {order}"
    moved = np.flatnonzero(places != positions)
    if len(np.unique(places)) < len(places):
        return "", ""
    first = moved[0]
    return "reordered", (
        f"the results for {len(moved)} of {plural(len(positions), 'sample')} lie elsewhere, the "
        f"first of them that for sample {positions[first]} at frame {places[first]}"
    )


def _explains(outputs: Sequence[Output], samples: Indices, places: Indices) -> bool:
    """Whether every output is the same once each sample stands beside its frame."""
    for output in outputs:
        whole = output.found.reading.whole
        if whole is None:
            return False
        expected, given = output.found.expected.taken(samples), output.found.numbers(whole[places])
        after = apart(expected, given)
        if not after.is_same and not is_explained(output.apart, after, given.size):
            return False
    return True
