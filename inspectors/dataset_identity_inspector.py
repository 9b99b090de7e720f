"""Whether the data given are those that the archive was quantized with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.calibration.awake import Shown, Suits, shown_by_channels
from inspectors.calibration.first_samples import (
    SortedFile,
    is_calibrated_on_the_first,
    sorted_file,
)
from inspectors.calibration.identity import differing, explained_otherwise, is_error
from inspectors.calibration.stored_sentinel import stored_sentinel
from inspectors.named_data import data_of
from inspectors.normalization.channel_bounds import PIXELS, means_and_stds, varying_range
from inspectors.normalization.sides import is_archive_right
from inspectors.preparation.difference import Difference
from inspectors.preparation.judged import Prepared
from inspectors.preparation.tournament import Hypothesis
from inspectors.quantizing_again import given_set, quantize_again
from utils.dataset.stored_inputs import stored_input_statistics
from utils.facts.optimize_command import DATASET
from utils.findings import Finding, NotChecked, Severity
from utils.har.image_like import is_image_shaped
from utils.wording import plural, rounded

SAME_WAY = "Prepare the data as those of the calibration were."
DARKER = 0.6  # of the largest pixel given, what calibration saw at most where it saw other light


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
    belong, noise, or values in another order, or whose data are normalized twice, are left to the
    inspector that says so.

    What differs is explained, if it can be: usual preparations are taken back one by one (scales
    of pixels, of 10, 12 and 16 bit, of percent, millimetres, degrees and g, ranges around 0, the
    constants of ImageNet, Caffe and the model script, each also with red and blue exchanged), and
    the samples are compared again. What then comes within a distance of 0.5 is named, the simplest
    of those that sampling cannot tell apart. The distance adds the largest difference of the
    standard deviations, as a logarithm, the largest of the means, in standard deviations, and ten
    times the share of values outside. A single factor is named only if the standard deviations
    have the same ratio within 3 to 10 %, as sampling explains, or if nothing is negative and the
    largest values do within 10 %. Otherwise the measured ratio is told, and no line of numpy.

    - `dataset-differs` (warning or error): more than 0.1 % of the values of an input lie outside
      the stored ranges of their channels, error above 10 %; or the means of more than 20 % of the
      channels are off, or the values spread 10 times more or less, a warning. An error as well if
      a preparation explains it, other than an exchange of red and blue: change the data with the
      line of numpy. If none does, the data are others, or were prepared in a way that was not
      tried: quantize again on them if the network will see data like these; if not, pass the set
      that it was quantized with, prepared in the same way. Where the first samples of the file
      have the very ends that the archive stores, it was calibrated on these, and the file is
      sorted: shuffle it, or let calibration see all of it. Where calibration saw a few values
      far from all others, such as -999, quantize again on these data. Which of the two is as in
      training is told where channels behind relu show it, more than 10 % of a layer: if they slept
      in calibration and fire on these data, quantize again on these; if it is the other way round
      and the scales differ, change the data.
    """

    PRIORITY = Priority.FIRST
    NEEDS = Need.SAMPLE_DIGESTS | Need.PREACTIVATION_STATISTICS

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
        samples = context.samples.samples if context.samples else 0
        for found in differing(context):
            if found.difference is not None:
                yield _finding(context, found, found.difference, samples)


def _finding(context: Context, found: Prepared, difference: Difference, samples: int) -> Finding:
    finding = partial(
        Finding,
        id="dataset-differs",
        severity=Severity.ERROR if is_error(found) else Severity.WARNING,
        layers=(found.layer.name,),
        measured={
            "outside": difference.outside,
            "outside_beyond_chance": difference.excess,
            "channels_with_other_mean": difference.channels_off,
        },
    )
    if is_calibrated_on_the_first(context, found.layer):
        return _of_the_first(finding, sorted_file(context), _evidence(difference, samples))
    if found.recipe is None and not found.ratio:
        sentinel = stored_sentinel(difference.seen, difference.stored)
        if sentinel is not None:
            return _of_sentinel(context, finding, _evidence(difference, samples), sentinel)
    shown = shown_by_channels(context, found.layer)
    if shown is not None and shown.suits is Suits.DATA:
        return _of_the_archive(context, finding, _compared(found, difference, samples), shown)
    is_right = difference.is_scaled and (
        shown is not None or is_archive_right(context, found.layer)
    )
    if found.ratio:
        return _scaled(finding, _compared(found, difference, samples))
    if found.recipe is None:
        # These data alone are no mix.
        dataset = DATASET if _is_darker(difference) else given_set(context)
        command = "" if difference.is_scaled else quantize_again(context, dataset)
        told = shown.described() if shown is not None and difference.is_scaled else ""
        return finding(
            headline="The data are unlike those that the archive was calibrated on",
            evidence="; ".join(filter(None, (_evidence(difference, samples), told))),
            why="They are other data, or were prepared in a way that was not tried: usual scales, "
            "constants and orders of colours do not explain it. What is measured with them is true "
            "of them only.",
            remedy=SAME_WAY if told else _remedy(difference),
            command=command,
        )
    data = data_of(context, [found.layer.name])
    return finding(
        headline="Red and blue are exchanged between these data and the calibration"
        if found.recipe.is_reversal
        else "The data are prepared otherwise than those of the calibration",
        evidence=_compared(found, difference, samples),
        why="The archive suits the values that it was calibrated on, so that these data are wrong."
        if is_right
        else "Only one of the two can be as in training, these data or the calibration.",
        remedy=f"Change {data} with `{found.recipe.line}` and keep the archive as it is."
        if is_right
        else f"Change {data} with `{found.recipe.line}`, or quantize again on these data if "
        "they are as in training.",
    )


def _of_the_archive(
    context: Context, finding: Callable[..., Finding], evidence: str, shown: Shown
) -> Finding:
    return finding(
        headline="The archive was calibrated on data that left much of the network asleep",
        evidence=f"{evidence}; {shown.described()}",
        why="Training makes use of nearly all channels, so that these data are as in training, "
        "and those of the calibration were not.",
        remedy="Quantize again on these data.",
        command=quantize_again(context, given_set(context)),
    )


def _of_sentinel(
    context: Context, finding: Callable[..., Finding], evidence: str, value: float
) -> Finding:
    return finding(
        headline="The archive was calibrated on data with a value far from all others",
        evidence=f"{evidence}; a few values of {rounded(value)} alone make what calibration saw so "
        "large",
        why="Such a value is padding, or stands for what was not measured. It takes the codes from "
        "all others.",
        remedy="Quantize again on these data.",
        command=quantize_again(context, given_set(context)),
    )


def _compared(found: Prepared, difference: Difference, samples: int) -> str:
    """How the data and those of the calibration differ."""
    what = f"compared with the calibration, {plural(samples, 'sample')} of "
    what += f"{found.layer.described()} are"
    if found.ratio:
        return f"{what} {_times(found.ratio)}, by their standard deviations: {_ranges(difference)}"
    if found.recipe is None:
        return _evidence(difference, samples)
    return f"{what} {found.recipe.said}: {_both(difference, found.recipe)}"


def _of_the_first(finding: Callable[..., Finding], file: SortedFile, evidence: str) -> Finding:
    return finding(
        headline="The archive was calibrated on the first samples, unlike the rest of the file",
        evidence=f"the first {plural(file.calibrated, 'sample')} have the ends that are stored; "
        f"{evidence}",
        why="Calibration takes the first samples. In a file that is sorted they are of one kind.",
        remedy=file.remedy,
        recommendation=file.recommendation,
        command=file.command,
    )


def _scaled(finding: Callable[..., Finding], evidence: str) -> Finding:
    return finding(
        headline="The data have another scale than those of the calibration",
        evidence=evidence,
        why="They are other data, or were scaled by a factor that was not tried. What is measured "
        "with them is true of them only.",
        remedy="Look up by which factor the data were scaled and undo it, or quantize again on "
        "these data if they are as in training.",
    )


def _both(difference: Difference, recipe: Hypothesis) -> str:
    """What the data and the calibration hold, where they differ."""
    if recipe.is_reversal:
        return f"{means_and_stds(difference.seen)} instead of {means_and_stds(difference.stored)}"
    return _ranges(difference)


def _ranges(difference: Difference) -> str:
    ranges = [
        f"{rounded(values.low)} to {rounded(values.high)}"
        for values in (difference.seen, difference.stored)
    ]
    return f"{ranges[0]} instead of {ranges[1]}"


def _times(ratio: float) -> str:
    """A measured ratio; more digits would pretend to know the factor."""
    is_larger = ratio >= 1.0
    text = f"about {float(f'{ratio if is_larger else 1 / ratio:.3g}'):,g}"
    return f"{text} times as large" if is_larger else f"divided by {text}"


def _remedy(found: Difference) -> str:
    if found.is_scaled:
        return (
            "Prepare the data as those of the calibration were, or quantize again if the network "
            "will see data like these."
        )
    if _is_darker(found):
        return "Quantize again on a mix of these data and those of the calibration."
    return (
        "Quantize again on these data if the network will see such, else pass the set that the "
        "archive was calibrated on."
    )


def _is_darker(found: Difference) -> bool:
    """Whether calibration saw pixels, but in less light than these."""
    low, high = varying_range(found.seen)
    stored_low, stored_high = varying_range(found.stored)
    return (
        is_image_shaped(found.layer.output_shape)
        and PIXELS.are_raw(low, high)
        and PIXELS.are_raw(stored_low, stored_high)
        and stored_high < DARKER * high
    )


def _evidence(found: Difference, samples: int) -> str:
    if found.excess > 0:
        channel, share = found.worst
        return (
            f"{found.outside:.1%} of the values of {found.layer.described()} in "
            f"{plural(samples, 'sample')} lie outside the stored ranges of their channels; "
            f"{share:.0%} in channel {channel}, {_span(found, channel)}"
        )
    if not found.channels_off:
        return (
            f"{found.layer.described()} has the standard deviation "
            f"{rounded(found.seen.pooled_std)} in {plural(samples, 'sample')}, at calibration "
            f"{rounded(found.stored.pooled_std)}"
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
