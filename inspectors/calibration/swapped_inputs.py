"""Inputs of one shape whose arrays have changed places."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from inspectors.base_inspector import Context
from inspectors.preparation.distance import distance
from inspectors.preparation.seen import seen_at
from utils.dataset.recipes.commands import exchange_command
from utils.dataset.sample_digests import InputDigests
from utils.dataset.stored_inputs import stored_input_statistics
from utils.findings import Finding, Severity
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics

# Of the distance: sets of one kind of 64 samples stay near 0.3, and left and right pictures of one
# scene as well; other kinds of data are 1 and more apart.
ALIKE = 0.5
UNLIKE = 1.0


def swapped_pairs(context: Context) -> list[tuple[Layer, Layer]]:
    """Inputs whose data match what the archive stores for the other one, but not their own."""
    known = []
    for layer in context.model.network.input_layers:
        seen, stored = seen_at(context, layer), stored_input_statistics(context.model, layer)
        if seen is not None and stored is not None and seen.shape[2] == layer.output_shape[2]:
            known.append((layer, seen, stored))
    found = []
    for (one, data, stored), (other, other_data, other_stored) in combinations(known, 2):
        if one.output_shape != other.output_shape:
            continue
        straight = (_apart(data, stored), _apart(other_data, other_stored))
        crossed = (_apart(data, other_stored), _apart(other_data, stored))
        if max(crossed) <= ALIKE and min(straight) >= UNLIKE:
            found.append((one, other))
    return found


def _apart(seen: InputDigests, stored: ChannelStatistics) -> float:
    return distance(seen.statistics, seen.values, stored)


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
            remedy="Compare the arrays with the inputs of the original model, and exchange their "
            "names.",
            command=_exchange(context, one, other),
            layers=(one.name, other.name),
        )


def _exchange(context: Context, one: Layer, other: Layer) -> str:
    if context.calibration is None:
        return ""
    inputs = context.model.network.input_layers
    return exchange_command(context.calibration, inputs, (one.name, other.name))
