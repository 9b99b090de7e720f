"""How far data are from those of the calibration, in words and numbers."""

from __future__ import annotations

from inspectors.normalization.channel_bounds import means_and_stds
from inspectors.preparation.difference import Difference
from inspectors.preparation.judged import Prepared
from inspectors.preparation.tournament import Hypothesis
from utils.wording import plural, rounded


def compared(found: Prepared, difference: Difference, samples: int) -> str:
    """How the data and those of the calibration differ; a clause."""
    what = f"compared with the calibration, {plural(samples, 'sample')} of "
    what += f"{found.layer.described()} are"
    if found.ratio:
        return f"{what} {_times(found.ratio)}, by their standard deviations: {_ranges(difference)}"
    if found.recipe is None:
        return how_far(difference, samples)
    return f"{what} {found.recipe.said}: {_both(difference, found.recipe)}"


def how_far(found: Difference, samples: int) -> str:
    """By which measure the data differ most clearly; a clause."""
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


def _both(difference: Difference, recipe: Hypothesis) -> str:
    """What the data and the calibration hold, where they differ."""
    done = recipe.preparation
    if recipe.is_reversal or done.colour_space or done.inverted_at:
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


def _span(found: Difference, channel: int) -> str:
    spans = [
        f"{rounded(values.minimum[channel])} to {rounded(values.maximum[channel])}"
        for values in (found.stored, found.seen)
    ]
    return f"calibrated for {spans[0]} and now {spans[1]}"
