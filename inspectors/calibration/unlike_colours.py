"""What is wrong where data have another colour space than those of the calibration."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from inspectors.base_inspector import Context
from inspectors.named_data import data_of
from inspectors.preparation.tournament import Hypothesis
from inspectors.quantizing_again import given_set, quantize_again
from utils.findings import Finding
from utils.har.network import Layer

Make = Callable[..., Finding]


def of_colours(
    context: Context, make: Make, layer: Layer, recipe: Hypothesis, evidence: str
) -> Finding:
    """The finding on pictures of which one side is in RGB, and the other is not.

    Parameters
    ----------
    make : a finding with what all of these have in common.
    layer : the input.
    recipe : what explains how the pictures differ.
    evidence : how they differ.
    """
    data, done = data_of(context, [layer.name]), recipe.preparation
    finding = partial(
        make,
        headline="These data have another colour space than the calibration data",
        evidence=evidence,
        why="Only one of the two can match the training: these data or the calibration data. Most "
        "networks are trained on RGB.",
    )
    if done.of_archive:
        return finding(
            remedy="Quantize again on these data if the network was trained on RGB, else change "
            f"{data} with `{recipe.line}`.",
            command=quantize_again(context, given_set(context)),
        )
    return finding(
        remedy=f"Change {data} with `{recipe.line}`, or quantize again on these data if the "
        f"network was trained on {done.colour_space}."
    )
