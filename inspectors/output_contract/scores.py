"""Scores: whether calibration saw any, and whether something makes probabilities of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inspectors.base_inspector import Context
from inspectors.output_contract.expected_scores import expected_scores, whether_scores
from inspectors.output_contract.script_wishes import sigmoids_by_script
from utils.findings import Finding, NotChecked, Recommendation, Severity
from utils.har.network import Layer, Network
from utils.outputs.heads import are_scales, heads
from utils.outputs.probabilities import PROBABILITY_ACTIVATIONS, holds_probabilities
from utils.outputs.producers import SELECTING_TYPES
from utils.quantizer.precision_plan import hands_codes_on
from utils.wording import listed, these

MAX_NAMED = 3  # layers of one finding; a report has them all


def sigmoid_heads(context: Context) -> tuple[Layer, ...]:
    """Heads of which a sigmoid makes probabilities, in the graph or by the script."""
    found = heads(context.model.network)
    by_script = sigmoids_by_script(context, expected_scores(context) or ())
    return tuple(
        layer
        for layer in found
        if layer.activation in PROBABILITY_ACTIVATIONS or layer.name in by_script
    )


@dataclass(frozen=True)
class HighestScore:
    """The largest probability that was seen at a head, and the words that say where."""

    value: float
    source: str


def highest_score(context: Context, layer: Layer) -> HighestScore | None:
    """Largest probability that calibration saw; None where it is not known.

    What is stored of a layer that the script gives its sigmoid may be from before or from behind
    it: a probability is never negative, and logits that are never negative always fire.
    """
    stored = context.stored_statistics(layer.name, "output_0") or context.output_statistics(
        layer.name
    )
    if stored is None or not math.isfinite(stored.values.low + stored.values.high):
        return None
    low, high = stored.values.low, stored.values.high
    if low < 0 and layer.activation not in PROBABILITY_ACTIVATIONS:
        high = 1 / (1 + math.exp(-high)) if high > -700 else 0.0  # beyond, exp overflows
    return HighestScore(high, stored.source)


def never_firing(context: Context, limit: float) -> Iterator[Finding]:
    """One finding for each head, or for a head at all its scales, that stayed below a limit.

    What is known to be no score, such as a depth map, need not fire.
    """
    for layers in _scales_together(sigmoid_heads(context)):
        are_scores = whether_scores(context, layers)
        if are_scores is False:
            continue
        known = {layer.name: highest_score(context, layer) for layer in layers}
        highest = {name: found for name, found in known.items() if found is not None}
        # Objects of one size may well be missing from the data: one scale that fires is enough.
        if len(highest) == len(layers) and all(x.value < limit for x in highest.values()):
            yield _never_fires(layers, highest, are_scores is True)


def _never_fires(
    layers: tuple[Layer, ...], highest: Mapping[str, HighestScore], are_likely: bool
) -> Finding:
    described = listed([layer.described() for layer in layers], MAX_NAMED)
    names = listed(list(highest), MAX_NAMED)
    best = max(highest.values(), key=lambda found: found.value)
    return Finding(
        id="score-never-fires",
        severity=Severity.WARNING if are_likely else Severity.INFO,
        headline="An output with a sigmoid stayed low for all samples"
        if are_likely
        else "If the output with a sigmoid is a score, it never fired in calibration",
        evidence=f"at most {best.value:.3g} at {described}, {best.source}",
        why="If it is a score, the data held no positive example, or do not look as the network "
        "expects. The ranges of all layers in front of it are then too narrow.",
        remedy=f"Calibrate on data that hold positive examples, if {names} computes a score.",
        layers=tuple(highest),
        measured={f"highest of {name}": found.value for name, found in highest.items()},
    )


def _scales_together(layers: tuple[Layer, ...]) -> Iterator[tuple[Layer, ...]]:
    """Heads with the same number of channels and no size twice in one group, others alone."""
    by_channels: dict[int, tuple[Layer, ...]] = {}
    for layer in layers:
        channels = layer.output_shape[2]
        by_channels[channels] = (*by_channels.get(channels, ()), layer)
    for group in by_channels.values():
        yield from (group,) if are_scales(group) else ((layer,) for layer in group)


def scores_without_statistics(context: Context) -> Iterator[NotChecked | str]:
    """Sentences on what could not be judged."""
    unknown = [x.described() for x in sigmoid_heads(context) if highest_score(context, x) is None]
    if unknown:
        yield NotChecked(
            f"whether {listed(unknown, MAX_NAMED)} ever fired: the archive holds no usable "
            "statistics",
            context.without_data,
        )
    if expected_scores(context) is None:
        yield (
            "whether scores have a sigmoid: several heads stand beside the boxes, and neither "
            "their names nor an activation tell which of them are scores"
        )


def missing_sigmoids(context: Context) -> Iterator[Finding]:
    """A finding for the scores that leave as they are."""
    network = context.model.network
    scores = expected_scores(context) or ()
    mended = sigmoids_by_script(context, scores)
    bare = [
        layer
        for layer in scores
        if layer.activation == "linear" and layer.name not in mended
        if not holds_probabilities(network, layer)
        if not _continues(network, layer)
    ]
    if bare:
        named = listed([layer.described() for layer in bare], MAX_NAMED)
        yield Finding(
            id="sigmoid-missing",
            severity=Severity.WARNING,
            headline="The scores of the detector leave the chip as logits, without a sigmoid",
            evidence=f"{named}, neither the graph nor the model script makes probabilities of them",
            why="A threshold between 0 and 1 selects wrong boxes, unless the code on the host "
            "applies a sigmoid.",
            remedy=f"Give the scores a sigmoid with {these(len(bare), 'line')}, unless the code on "
            "the host applies one.",
            layers=tuple(layer.name for layer in bare),
            measured={"layers": len(bare)},
            recommendation=Recommendation(
                tuple(f"change_output_activation({layer.name}, sigmoid)" for layer in bare),
                question=f"Give {named} a sigmoid on the chip? Only if the host applies none.",
                default=False,
            ),
        )


def _continues(network: Network, layer: Layer) -> bool:
    """Whether a selection takes the scores on the chip, and applies what they need."""
    pending, seen = [layer], {layer.name}
    while pending:
        for taker in network.successors(pending.pop()):
            if taker.type in SELECTING_TYPES:
                return True
            if hands_codes_on(taker) and taker.name not in seen:
                seen.add(taker.name)
                pending.append(taker)
    return False
