"""Ranges of probabilities that a script forces on layers whose values are none."""

from __future__ import annotations

import math
from collections.abc import Iterator

from inspectors.base_inspector import Context
from inspectors.output_contract.expected_scores import expected_scores
from inspectors.output_contract.script_wishes import (
    PROBABILITY_RANGE,
    computing_layers,
    forced_to_probabilities,
    sigmoids_by_script,
)
from inspectors.script_lines import location
from utils.findings import Finding, Recommendation, Severity
from utils.har.network import Layer
from utils.model_script import Statement
from utils.model_script.range_settings import forced_range
from utils.outputs.heads import heads
from utils.outputs.probabilities import holds_probabilities
from utils.outputs.producers import SELECTING_TYPES
from utils.wording import interval

# What leaves these is not theirs to decide.
NOT_JUDGED = SELECTING_TYPES | {"input_layer", "const_input"}


def linear_and_forced(context: Context, harmless_share: float) -> Iterator[Finding]:
    """One finding for each linear layer that is cut to the range 0 to 1.

    Parameters
    ----------
    harmless_share : of the range that calibration saw, that may lie outside.
    """
    network = context.model.network
    # Where the scores are not known, any head can be one.
    sigmoids = sigmoids_by_script(context, expected_scores(context) or heads(network))
    for name, statement in forced_to_probabilities(context).items():
        for layer in computing_layers(network, network[name]):
            if layer.activation != "linear" or layer.name in sigmoids or layer.type in NOT_JUDGED:
                continue
            if holds_probabilities(network, layer):
                continue
            seen = _seen_range(context, layer)
            if seen is None or share_outside(*seen) > harmless_share:
                yield _forced(context, layer, name, statement, seen)


def _seen_range(context: Context, layer: Layer) -> tuple[float, float] | None:
    found = context.stored_statistics(layer.name, "output_0") or context.output_statistics(
        layer.name
    )
    if found is None or not math.isfinite(found.values.low + found.values.high):
        return None
    return found.values.low, found.values.high


def share_outside(low: float, high: float) -> float:
    """Share of a range that does not lie between 0 and 1; of a single value 0 or 1."""
    floor, ceiling = PROBABILITY_RANGE
    if high <= low:
        return 0.0 if floor <= low <= ceiling else 1.0
    return 1.0 - max(min(high, ceiling) - max(low, floor), 0.0) / (high - low)


def _forced(
    context: Context,
    layer: Layer,
    addressed: str,
    statement: Statement,
    seen: tuple[float, float] | None,
) -> Finding:
    command, values = None, "the range that calibration saw is unknown"
    remedy = (
        f"Delete force_range_out in line {statement.line} of the model script, or give "
        f"{layer.name} a sigmoid with change_output_activation, and quantize again."
    )
    if seen is not None:
        low, high = min(seen[0], 0.0), max(seen[1], 0.0)
        values = f"calibration saw {interval(*seen)}"
        command = forced_range(addressed, low, high)
        remedy = (
            f"Give {layer.name} the range that calibration saw with this line, or a sigmoid with "
            "change_output_activation, and quantize again."
        )
    return Finding(
        id="linear-output-forced",
        severity=Severity.ERROR,
        headline="The model script forces a linear output into the range from 0 to 1",
        evidence=f"{layer.described()}, {values}",
        why="The chip cuts off all values outside of this range. No sigmoid makes probabilities "
        "of them.",
        remedy=remedy,
        layers=(layer.name,),
        measured={} if seen is None else {"low": seen[0], "high": seen[1]},
        recommendation=None if command is None else Recommendation((command,)),
        location=location(context, statement),
    )
