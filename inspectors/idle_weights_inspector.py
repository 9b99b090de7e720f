"""Weights that multiply nothing but 0, and are so large that the others have few codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspectors.agreement.judgement import bounded_where_known
from inspectors.base_inspector import BaseInspector, Context, Need, NotChecked, Priority
from utils.findings import Finding, Severity
from utils.har.network import Layer
from utils.har.weight_codes import channel_axis, integer_weights
from utils.wording import itemized, numbered, plural

MAX_NAMED = 3  # channels of a layer
SOME = 3  # layers that a remedy names


@dataclass(frozen=True)
class Idle:
    """A layer whose largest weights multiply nothing but 0.

    Parameters
    ----------
    channels : of its input, that are always 0, the largest weights first.
    largest : code of the largest of these weights.
    left : code of the largest of all other weights.
    """

    layer: Layer
    channels: tuple[int, ...]
    largest: int
    left: int

    @property
    def named(self) -> str:
        """The channels by their numbers."""
        return numbered("channel", self.channels, MAX_NAMED)

    def described(self) -> str:
        """Whose weights they are, and what they leave to the others."""
        return (
            f"at {self.layer.described()} those for {self.named} of its input reach code "
            f"{self.largest}, all others {self.left} at most"
        )


class IdleWeightsInspector(BaseInspector):
    """Do weights that do nothing take the codes of those that do?

    Training leaves channels of a ReLU that never fire. The batch normalization behind the next
    convolution then divides by a variance next to 0, so that folding it makes weights hundreds of
    times as large as the others. They multiply nothing but 0. But all weights of a layer share a
    scale, so that hardly any codes are left to the others. MobileNets are known for it. It takes
    data: a channel counts if it is 0 in all samples of the calibration and in all that are given.

    - `idle-weights` (info or warning): the largest weights of a layer multiply channels that are
      always 0, and all others have an eighth of its codes or less; an info where it was measured
      that decisions stay. Set these weights to 0 in the model, which changes nothing in float.
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.OUTPUT_STATISTICS

    LEFT_SHARE = 1 / 8  # of the codes, 3 bits
    FEWEST_SAMPLES = 16  # with fewer, channels may be silent by chance

    def should_skip(self, context: Context) -> NotChecked | str:
        """Say so without data."""
        if context.measurements is None:
            return NotChecked("the network has to be run on data", context.without_data)
        if context.measurements.samples < self.FEWEST_SAMPLES:
            return f"channels are called silent by {self.FEWEST_SAMPLES} samples or more"
        return ""

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield one finding for all such layers."""
        found = [each for layer in context.model.network if (each := self._idle(context, layer))]
        if found:
            found.sort(key=lambda each: each.left)
            yield _finding(context, found)

    def _idle(self, context: Context, layer: Layer) -> Idle | None:
        silent = _silent(context, layer)
        if silent is None or not silent.any() or silent.all():
            return None
        sizes = _sizes(context, layer, len(silent))
        if sizes is None:
            return None
        largest, left = sizes[silent].max(), sizes[~silent].max()
        if not 0 < left <= self.LEFT_SHARE * largest:
            return None
        loud = np.flatnonzero(silent & (sizes > left))
        order = loud[np.argsort(-sizes[loud], kind="stable")]
        return Idle(layer, tuple(map(int, order)), int(largest), int(left))


def _silent(context: Context, layer: Layer) -> NDArray[np.bool_] | None:
    """Which channels of the only input of a layer are always 0, (channels,); None if unknown."""
    sources = context.model.network.predecessors(layer)
    if len(sources) != 1:
        return None
    measured = context.measured(sources[0].name)
    stored = context.model.stored_statistics(layer.name, "input_0")
    if measured is None or stored is None or stored.channels != measured.output.channels:
        return None
    return np.asarray((stored.reach == 0) & (measured.output.reach == 0))


def _sizes(context: Context, layer: Layer, channels: int) -> NDArray[np.floating] | None:
    """The largest code of the weights for every channel of the input, (channels,)."""
    codes = integer_weights(context.model, layer)
    if codes is None or layer.type not in ("conv", "dw") or codes.ndim != 4:
        return None
    axis = channel_axis(layer, codes.shape) if layer.type == "dw" else codes.ndim - 2
    if axis is None or codes.shape[axis] != channels:
        return None
    return np.asarray(np.abs(np.moveaxis(codes, axis, 0)).reshape(channels, -1).max(axis=1))


def _finding(context: Context, found: Sequence[Idle]) -> Finding:
    layers = tuple(each.layer.name for each in found)
    samples = context.measurements.samples if context.measurements else 0
    places = [f"for {each.named} of the input of {each.layer.name}" for each in found[:SOME]]
    return Finding(
        id="idle-weights",
        severity=bounded_where_known(context, Severity.WARNING, layers),
        headline="The largest weights of a layer multiply channels that are always 0",
        evidence=f"{itemized([each.described() for each in found])}; these channels are 0 in "
        f"calibration and in all {plural(samples, 'sample')}",
        why="All weights of a layer share a scale, so these leave few codes to the others.",
        remedy=f"Set the weights {' and '.join(places)} to 0 in the model, which changes nothing "
        "in float, and quantize again.",
        layers=layers,
        measured={f"codes left at {each.layer.name}": float(each.left) for each in found},
        removes_cause=True,
    )
