"""Inputs of one shape whose arrays have changed places."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from inspectors.base_inspector import Context
from utils.dataset.stored_inputs import stored_input_statistics
from utils.findings import Finding, Severity
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics

# Distance between statistics, as of `_distance`: sets of one kind of 64 samples stay near 0.2,
# and left and right pictures of one scene as well; other kinds of data are 1 and more apart.
ALIKE = 0.5
UNLIKE = 1.0
FARTHEST = 5.0  # what one channel counts at most, so that none decides alone


def swapped_pairs(context: Context) -> list[tuple[Layer, Layer]]:
    """Inputs whose data match what the archive stores for the other one, but not their own."""
    seen = context.samples.inputs if context.samples else {}
    known = []
    for layer in context.model.network.input_layers:
        stored = stored_input_statistics(context.model, layer)
        if stored is not None and layer.name in seen:
            known.append((layer, seen[layer.name].statistics, stored))
    found = []
    for (one, data, stored), (other, other_data, other_stored) in combinations(known, 2):
        if one.output_shape != other.output_shape:
            continue
        straight = (_distance(data, stored), _distance(other_data, other_stored))
        crossed = (_distance(data, other_stored), _distance(other_data, stored))
        if max(crossed) <= ALIKE and min(straight) >= UNLIKE:
            found.append((one, other))
    return found


def _distance(one: ChannelStatistics, other: ChannelStatistics) -> float:
    """How far mean and spread are apart, in spreads and in powers of e, averaged over channels."""
    if one.channels != other.channels:
        return np.inf
    scale = max(float(np.abs([one.mean, other.mean]).max()), float(other.std.max()))
    floor = 1e-6 * scale + 1e-30  # constant channels have no spread
    spread = np.sqrt((one.std**2 + other.std**2) / 2) + floor
    shift = np.abs(one.mean - other.mean) / spread
    ratio = np.abs(np.log((one.std + floor) / (other.std + floor)))
    return float((np.minimum(shift, FARTHEST) + np.minimum(ratio, FARTHEST)).mean())


def swapped_inputs(context: Context) -> Iterator[Finding]:
    """One finding for each pair."""
    for one, other in swapped_pairs(context):
        yield Finding(
            id="calibration-input-names",
            severity=Severity.WARNING,
            headline="The arrays of two inputs seem to be swapped",
            evidence=f"{one.described()} and {other.described()} each have the mean and spread "
            "that the archive stores for the other",
            why="Each input sees the data of the other. The compiler names inputs by their order "
            "in the graph.",
            remedy=f"Exchange the arrays x1 and x2 of the two inputs with `{_line(one, other)}`.",
            layers=(one.name, other.name),
        )


def _line(one: Layer, other: Layer) -> str:
    """Numpy that writes the array of either input under the name of the other."""
    return f"np.savez('calib.npz', **{{'{one.base_name}': x2, '{other.base_name}': x1}})"
