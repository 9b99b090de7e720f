"""Layers all of whose weights are 0, past which other paths may carry the samples."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import Context
from inspectors.noise.zero_weights import cut_off_by, has_zero_weights
from utils.findings import Finding, Severity
from utils.har.model import Model
from utils.har.network import Layer
from utils.wording import listed


def all_zero(model: Model) -> tuple[Layer, ...]:
    """Layers whose float weights are all 0, in graph order; ask for it by `Model.known`."""
    return tuple(layer for layer in model.network if has_zero_weights(model, layer))


def lost_weights(context: Context) -> Iterator[Finding]:
    """Yield one finding on such layers; it is worse where an output sees no input past them."""
    model = context.model
    empty = model.known(all_zero)
    if not empty:
        return
    names = tuple(layer.name for layer in empty)
    cuts_off = any(cut_off_by(model, output) for output in model.network.output_layers)
    yield Finding(
        id="weights-all-zero",
        severity=Severity.ERROR if cuts_off else Severity.WARNING,
        headline="Nothing of a sample passes a layer whose weights are all 0",
        evidence=f"in float and on the chip, at {listed([x.described() for x in empty], 3)}",
        why="Training hardly ever leaves that: weights were lost, or never loaded."
        + ("" if cuts_off else " What is added beside such a layer hides it."),
        remedy=f"Export the model again with the trained weights of {listed([*names], 3)}."
        if cuts_off
        else f"Compare the weights of {listed([*names], 3)} with those of the trained model, and "
        "export it again if they differ.",
        layers=names,
        measured={"layers": float(len(names))},
    )
