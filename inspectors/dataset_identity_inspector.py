"""Whether the data given are those that the archive was quantized with."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.calibration.identity import (
    SAME_KIND,
    Difference,
    differences,
    explained_otherwise,
)
from inspectors.normalization.channel_bounds import PIXELS, varying_range
from inspectors.quantizing_again import quantize_again
from utils.dataset.stored_inputs import stored_input_statistics
from utils.facts.optimize_command import DATASET
from utils.findings import Finding, NotChecked
from utils.har.image_like import is_image_shaped
from utils.wording import plural, rounded


class DatasetIdentityInspector(BaseInspector):
    """Are the data given those that the archive was quantized with, or of their kind?

    Every verdict that rests on data is about the data given. If these are of another kind than
    those of calibration, either the wrong file was passed, or the archive was calibrated on the
    wrong one; both have to be known first. An archive stores minimum, maximum and mean of every
    channel of its inputs, from 64 samples unless `calibset_size` says otherwise. Of any other 64
    samples of the same kind some lie outside, by chance; so values count only where they
    leave the range of their channel by more than 2 % of it, and in more samples than chance
    explains. A mean counts as off if it differs by more than 6 standard errors and by more than a
    quarter of the standard deviation. It looks at the samples that are measured, at least at
    the first 1,024 of the file. Inputs whose arrays are swapped, that hold 0 and 1 where pictures
    belong, or whose data are normalized twice, are left to the inspector that says so.

    - `dataset-differs` (warning or error): more than 0.1 % of the values of an input lie outside
      the stored ranges of their channels, error above 10 %; or the means of more than 20 % of the
      channels are off, a warning. If the network will see data like these, quantize it again on
      them; if not, pass the set that it was quantized with, prepared in the same way.
    """

    PRIORITY = Priority.FIRST
    NEEDS = Need.SAMPLE_DIGESTS

    LIMITS = SAME_KIND

    def should_skip(self, context: Context) -> NotChecked | str:
        """Without data, or without anything to compare them with, there is nothing to say."""
        inputs = context.model.network.input_layers
        if not any(stored_input_statistics(context.model, layer) for layer in inputs):
            return "the archive holds no statistics of its inputs to compare data with"
        if context.samples is None:
            return NotChecked(
                "there are no data to compare with the archive's own", context.without_data
            )
        return ""

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Yield inputs that cannot be compared, or of which another finding tells why."""
        for name, finding_id in context.known(explained_otherwise).items():
            yield f"whether the data of {name} are of another kind, as {finding_id} explains them"
        for layer in context.model.network.input_layers:
            seen = context.samples.inputs.get(layer.name) if context.samples else None
            if seen is None or seen.outside is None:
                yield (
                    f"whether the data of {layer.name} are of another kind, as the archive holds "
                    "no statistics that fit them"
                )

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield one finding for each input."""
        for found in differences(context, self.LIMITS):
            samples = context.samples.samples if context.samples else 0
            yield Finding(
                id="dataset-differs",
                severity=found.severity,
                headline="The data are unlike those that the archive was calibrated on",
                evidence=_evidence(found, samples),
                why="They are other data, or prepared in another way. What is measured with them "
                "is true of them only.",
                remedy=_remedy(found),
                command="" if found.is_scaled else quantize_again(context, _path(context)),
                layers=(found.layer.name,),
                measured={
                    "outside": found.outside,
                    "outside_beyond_chance": found.excess,
                    "channels_with_other_mean": found.channels_off,
                },
            )


def _remedy(found: Difference) -> str:
    if found.is_scaled:
        return (
            f"{_preparation(found)} as those of the calibration were, or quantize again if the "
            "network will see data like these."
        )
    return (
        "Quantize again on these data if the network will see such, else pass the set that the "
        "archive was calibrated on."
    )


def _preparation(found: Difference) -> str:
    """What makes pixels as they are into the values that calibration saw, as an imperative."""
    if is_image_shaped(found.layer.output_shape) and PIXELS.are_raw(*varying_range(found.seen)):
        low, high = varying_range(found.stored)
        if PIXELS.are_divided(low, high):
            return "Divide these pixels by 255"
        if PIXELS.are_signed(low, high):
            return "Normalize these pixels"
    return "Prepare the data"


def _path(context: Context) -> str:
    return (context.calibration.for_compiler if context.calibration else "") or DATASET


def _evidence(found: Difference, samples: int) -> str:
    if found.excess > 0:
        channel, share = found.worst
        return (
            f"{found.outside:.1%} of the values of {found.layer.described()} in "
            f"{plural(samples, 'sample')} lie outside the stored ranges of their channels; "
            f"{share:.0%} in channel {channel}, {_span(found, channel)}"
        )
    return (
        f"{found.channels_off:.0%} of the channels of {found.layer.described()} have another mean "
        f"than at calibration in {plural(samples, 'sample')}, all channels together "
        f"{rounded(found.seen.pooled_mean)} instead of {rounded(found.stored.pooled_mean)}"
    )


def _span(found: Difference, channel: int) -> str:
    spans = [
        f"{rounded(values.minimum[channel])} to {rounded(values.maximum[channel])}"
        for values in (found.stored, found.seen)
    ]
    return f"calibrated for {spans[0]} and now {spans[1]}"
