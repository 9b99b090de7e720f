"""Samples of the right shape whose values lie in another order than the input takes them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from inspectors.base_inspector import Context
from inspectors.named_data import data_of
from inspectors.preparation.judged import Prepared, prepared_inputs
from inspectors.preparation.views import Neighbours
from inspectors.quantizing_again import given_set, quantize_again
from utils.facts.optimize_command import CHANGED
from utils.findings import Finding, Severity
from utils.har.image_like import is_image_shaped
from utils.wording import plural


def scrambled_samples(context: Context) -> Iterator[Finding]:
    """One finding for each input whose samples, or whose calibration, have another order."""
    for found in context.known(prepared_inputs).values():
        if found.neighbours is not None:
            yield _samples(context, found, found.neighbours)
        elif found.is_archive_scrambled:
            yield _archive(context, found)


def _samples(context: Context, found: Prepared, seen: Neighbours) -> Finding:
    layer = found.layer
    data = data_of(context, [layer.name])
    line = found.recipe.line if found.recipe else f"x = {seen.expression}"
    finding = partial(
        Finding,
        id="calibration-scrambled",
        severity=Severity.ERROR if is_image_shaped(layer.output_shape) else Severity.WARNING,
        headline="The values of the samples lie in another order than the input takes them",
        evidence=f"in {plural(seen.samples, 'sample')} of {layer.described()} neighbouring values "
        f"correlate by {seen.as_is:.2f}, read as `{seen.expression}` by {seen.correlation:.2f}",
        why=f"The samples look like arrays that were {seen.done}.",
        layers=(layer.name,),
        measured={"correlation": seen.as_is, "correlation_moved": seen.correlation},
        holds_for_any_calibration=True,
    )
    if found.is_archive_scrambled:
        return finding(
            remedy=f"Change {data} with `{line}` and quantize again on them, as the archive was "
            "calibrated on values in the same order.",
            command=quantize_again(context, CHANGED),
        )
    if found.is_archive_in_order:
        return finding(remedy=f"Change {data} with `{line}` and keep the archive as it is.")
    return finding(
        remedy=f"Change {data} with `{line}`, and quantize again if the archive was calibrated "
        "on this file."
    )


def _archive(context: Context, found: Prepared) -> Finding:
    return Finding(
        id="calibration-scrambled",
        severity=Severity.WARNING,
        headline="The archive seems to be calibrated on values in another order",
        evidence=f"mean and spread that the archive stores of the channels of "
        f"{found.layer.described()} are those of these data after one transpose or reshape more "
        "than needed",
        why="Channels were mixed: the ranges in the archive do not fit what the network will see.",
        remedy="Quantize again on these data if neighbouring values in them belong together.",
        command=quantize_again(context, given_set(context)),
        layers=(found.layer.name,),
    )
