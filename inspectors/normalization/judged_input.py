"""What is known of one input: what normalizes it, and its values before and behind that."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from inspectors.base_inspector import Context, SourcedStatistics
from inspectors.normalization.channel_bounds import means_and_stds, varying_range
from inspectors.normalization.on_chip import (
    CONVERTED_CHANNELS,
    channel_counts,
    normalization_steps,
    values_are_converted,
)
from inspectors.normalization.steps import NormalizationStep, joined
from utils.har.image_like import is_image_like, is_image_shaped
from utils.har.model import WEIGHT_TYPES
from utils.har.network import Layer, Network
from utils.har.statistics import ChannelStatistics
from utils.wording import listed, rounded

# Layers that hand on the values of an input, among those of others or normalized on the chip.
HANDED_ON = ("concat", "normalization")


@dataclass(frozen=True)
class NormalizedInput:
    """What is known of one input.

    Parameters
    ----------
    layer : the input layer.
    steps : its normalization on the chip, from the data inwards.
    channels : how many channels there may be where it is normalized.
    raw, after : statistics of the data as they enter, and behind all steps.
    named : the input as a line of a script has to name it; "" where there is only one.
    """

    layer: Layer
    steps: tuple[NormalizationStep, ...]
    channels: frozenset[int]
    raw: SourcedStatistics | None
    after: SourcedStatistics | None
    named: str

    @property
    def values(self) -> ChannelStatistics | None:
        """Statistics of the data as they enter."""
        return self.raw.values if self.raw else None

    @property
    def source(self) -> str:
        """Where they come from."""
        return self.raw.source if self.raw else "unknown"

    @property
    def reach(self) -> str:
        """From where to where the data reach, with their mean and spread, for messages."""
        low, high = varying_range(self.values)
        return f"from {low:.4g} to {high:.4g}, {means_and_stds(self.values)}, {self.source}"

    @property
    def is_image_like(self) -> bool:
        """Whether shape and values are those of images."""
        return is_image_like(self.layer.output_shape, self.values)

    @property
    def may_hold_images(self) -> bool:
        """As `is_image_like`, but where the values are not known the shape is enough."""
        unknown = self.values is None or self.values.non_zero_share is None
        return self.is_image_like or (unknown and is_image_shaped(self.layer.output_shape))

    @property
    def place(self) -> str:
        """Where it is normalized, for messages."""
        return listed([step.place for step in self.steps])

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the input layer and the layers that normalize it."""
        return (self.layer.name, *(name for step in self.steps for name in step.layers))

    @property
    def channel_count(self) -> int:
        """The most likely number of channels where it is normalized."""
        return CONVERTED_CHANNELS if CONVERTED_CHANNELS in self.channels else min(self.channels)

    def steps_with_statistics(
        self,
    ) -> Iterator[tuple[NormalizationStep, ChannelStatistics | None]]:
        """Every step with the statistics of what enters it; None where these are not known."""
        before = self.values
        for step in self.steps:
            yield step, before
            before = step.applied(before) if before else None


def normalized_input(context: Context, layer: Layer) -> NormalizedInput:
    """Gather the facts of one input layer."""
    steps = normalization_steps(context.model, context.script, layer)
    raw = input_statistics(context, layer)
    return NormalizedInput(
        layer=layer,
        steps=steps,
        channels=channel_counts(context.script, layer),
        raw=raw,
        after=_statistics_behind(context, layer, steps, raw) if steps else raw,
        named=layer.name if len(context.model.network.input_layers) > 1 else "",
    )


def input_statistics(context: Context, layer: Layer) -> SourcedStatistics | None:
    """Statistics of the data at an input: measured, else stored there or at what takes them."""
    found = context.output_statistics(layer.name)
    if found is not None:
        return found
    for successor in context.model.network.successors(layer):
        place = f"input_{successor.inputs.index(layer.name)}"
        found = context.stored_statistics(successor.name, place)
        if found is not None:
            return found
    return None


def _statistics_behind(
    context: Context,
    layer: Layer,
    steps: tuple[NormalizationStep, ...],
    raw: SourcedStatistics | None,
) -> SourcedStatistics | None:
    """Statistics behind all steps: at the last layer, else computed from the data's own."""
    last = steps[-1].layers[-1:]
    # Stored statistics of the layer tell nothing about data that were measured just now.
    if last and (context.measured(last[0]) or not context.measured(layer.name)):
        found = context.output_statistics(last[0])
        if found is not None:
            return found
    whole = joined(steps)
    if raw is None or whole is None or values_are_converted(context.script):
        return None
    after = whole.applied(raw.values)
    return None if after is None else SourcedStatistics(after, raw.source)


def as_calibrated(context: Context) -> Context:
    """The context without the data at hand: what the calibration of the archive has seen."""
    return replace(context, measurements=None)


def is_script_unread(context: Context) -> bool:
    """Whether a script that cannot be parsed may hold a normalization fused into a layer."""
    return context.script is None and "normalization" in (context.model.script_text or "")


@dataclass(frozen=True)
class FirstAnswer:
    """What the first layer with weights makes of an input, before its activation.

    Parameters
    ----------
    layer : of several the one that answers most widely; None if nothing is known of any.
    std : standard deviation over all its values; NaN if unknown.
    spread : the same within its channels, where biases do not count; NaN if unknown.
    """

    layer: Layer | None = None
    std: float = math.nan
    spread: float = math.nan

    @property
    def measured(self) -> dict[str, float]:
        """Its number for a finding, by name."""
        return {} if self.layer is None else {"first_layer_std": self.std}

    @property
    def text(self) -> str:
        """What is known of it, as the main clause of a sentence; "" if nothing is."""
        if self.layer is None:
            return ""
        return (
            f"the pre-activations of {self.layer.described()} have a standard deviation of "
            f"{rounded(self.std)}"
        )


def first_answer(context: Context, layer: Layer) -> FirstAnswer:
    """What is known of the layers with weights that an input feeds."""
    answers = [FirstAnswer()]
    for first in _first_layers(context.model.network, layer):
        found = context.preactivation_statistics(first.name)
        if found is not None and math.isfinite(found.values.pooled_std):
            spread = math.sqrt(float(np.mean(found.values.std**2)))
            answers.append(FirstAnswer(first, found.values.pooled_std, spread))
    return max(answers, key=lambda answer: (answer.layer is not None, answer.std))


def _first_layers(network: Network, layer: Layer) -> Iterator[Layer]:
    pending, seen = [layer], {layer.name}
    while pending:
        for successor in network.successors(pending.pop()):
            if successor.name in seen:
                continue
            seen.add(successor.name)
            if successor.type in WEIGHT_TYPES:
                yield successor
            elif successor.is_pass_through or successor.type in HANDED_ON:
                pending.append(successor)
