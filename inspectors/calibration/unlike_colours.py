"""What is wrong where data have another colour space than those of the calibration."""

from __future__ import annotations

from collections.abc import Callable

from inspectors.base_inspector import Context
from inspectors.named_data import data_of
from inspectors.preparation.judged import Prepared
from inspectors.quantizing_again import given_set, quantize_again
from utils.findings import Finding

Make = Callable[..., Finding]


def of_colours(context: Context, make: Make, found: Prepared, evidence: str) -> Finding:
    """The finding on pictures of which one side is in RGB, and the other is not.

    Parameters
    ----------
    make : a finding with what all of these have in common.
    found : with the recipe that explains it.
    evidence : how the pictures differ.
    """
    recipe = found.recipe
    space = recipe.preparation.colour_space if recipe else ""
    of_archive = recipe is not None and recipe.preparation.of_archive
    line = recipe.line if recipe else ""
    change = f"hange {data_of(context, [found.layer.name])} with `{line}`"
    return make(
        headline="These data have another colour space than the calibration data",
        evidence=evidence,
        why="Only one of the two can match the training: these data or the calibration data. Most "
        "networks are trained on RGB.",
        remedy=f"Quantize again on these data if the network was trained on RGB, else c{change}."
        if of_archive
        else f"C{change}, or quantize again on these data if the network was trained on {space}.",
        command=quantize_again(context, given_set(context)) if of_archive else "",
    )
