"""Samples of one set that were prepared in two ways: of two scales, or normalized and raw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.calibration.misfit import samples_listed
from inspectors.calibration.mixed_kinds import (
    DARKEST,
    FEWEST,
    Flags,
    Mix,
    normalized_among_pixels,
    ordinary,
)
from inspectors.named_data import data_of
from inspectors.normalization.on_chip import normalization_steps
from inspectors.normalization.recipes import expected_maximum
from inspectors.normalization.steps import joined
from utils.dataset.sample_digests import InputDigests, SampleDigests
from utils.facts.input_preparations import WHITE
from utils.findings import Finding, Severity
from utils.wording import rounded

# White of the smaller and of the larger pictures: 0..1, 8 bit, and 16 bit.
WHITES = ((1.0, 255.0), (255.0, 65535.0), (1.0, 65535.0))
# What values without a white are multiplied by: percent, 8 and 16 bit, a unit and its thousandth.
FACTORS = (100.0, 255.0, 257.0, 1000.0, 32768.0, 65535.0)
MOST_ZEROS = 0.5  # of an ordinary picture; more have black frames with a few bright pixels
APART = 4.0  # times as large as the white of the smaller ones are all larger ones
SIXTEEN_BIT = 257  # an 8-bit pixel is repeated by it in 16 bit
OF_PICTURES = 2.5  # by how much medians of few pictures miss the factor: some are darker
# Amplitudes have no white, so they have to tell by themselves that there are two kinds.
OF_VALUES = 1.1
SAME_END = 0.05  # by which pixels may miss the ends of -1 to 1
ALIKE = 2.0  # times the median, or divided by it, are all values of one kind at most
LEAST_VALUES = 16  # in a sample; a few numbers are large or small by chance
AGAIN = "and quantize again if the archive was calibrated on them"


def mix_of(seen: InputDigests) -> Mix | None:
    """The two kinds that the samples of an input are of; None where they are of one."""
    if seen.is_image_like:
        found = (_of_pictures(seen, *whites) for whites in WHITES)
        return next(filter(None, found), None) or normalized_among_pixels(seen)
    return _of_values(seen)


def _of_pictures(seen: InputDigests, white: float, larger_white: float) -> Mix | None:
    largest, is_whole = seen.largest, np.dtype(seen.dtype).kind in "iub"
    if (is_whole and white == 1.0) or seen.minimum.min() < 0 or largest.max() > larger_white:
        return None
    small = (largest <= white) & (largest >= DARKEST * white) & ordinary(seen, white)
    small &= seen.zero_share <= MOST_ZEROS
    large = largest > white
    if not small.any() or not large.any() or largest[large].min() < APART * white:
        return None
    factor = _factor(largest[large], white, larger_white)
    ratio = float(np.median(largest[large]) / np.median(largest[small])) / factor
    if not 1 / OF_PICTURES <= ratio <= OF_PICTURES:
        return None
    return Mix(factor, small, large, float(np.sqrt(white * largest[large].min())), white)


def _factor(largest: NDArray[np.float64], white: float, larger_white: float) -> float:
    """What makes pictures of the larger white, or 255 where pixels were multiplied by that."""
    is_16_bit = (white, larger_white) == (WHITE, 65535.0)
    was_multiplied = not (largest % WHITE).any() and (largest % SIXTEEN_BIT).any()
    return WHITE if is_16_bit and was_multiplied else larger_white / white


def _of_values(seen: InputDigests) -> Mix | None:
    largest = seen.largest
    varying = ~seen.is_flat & (largest > 0)
    order = np.sort(largest[varying])
    if seen.values_per_sample < LEAST_VALUES or len(order) < 2 * FEWEST:
        return None
    place = int(np.argmax(order[1:] / order[:-1])) + 1
    low, high = order[:place], order[place:]
    if min(len(low), len(high)) < FEWEST or not (_are_alike(low) and _are_alike(high)):
        return None
    limit = float(np.sqrt(low[-1] * high[0]))
    small, large = varying & (largest < limit), varying & (largest > limit)
    ratios = [
        float(np.median(part[large]) / np.median(part[small])) for part in (largest, seen.spread)
    ]
    for factor in FACTORS:
        if all(1 / OF_VALUES <= ratio / factor <= OF_VALUES for ratio in ratios):
            return Mix(factor, small, large, limit)
    return None


def _are_alike(values: NDArray[np.float64]) -> bool:
    middle = float(np.median(values))
    return bool(values.max() <= ALIKE * middle and values.min() >= middle / ALIKE)


def mixed_inputs(context: Context) -> dict[str, Mix]:
    """The inputs that take two kinds of samples, by scoped name."""
    inputs = context.samples.inputs if context.samples else {}
    found = {name: mix_of(seen) for name, seen in inputs.items()}
    return {name: _as_taken(context, name, mix) for name, mix in found.items() if mix is not None}


def _as_taken(context: Context, name: str, mix: Mix) -> Mix:
    """With the kind that the normalization on the chip is made for, however few these are."""
    model = context.model
    if mix.white is None or name not in model.network:
        return mix
    whole = joined(normalization_steps(model, context.script, model.network[name]))
    white = expected_maximum(whole.mean, whole.std) if whole else None
    if mix.is_normalized:
        return replace(mix, is_large_right=True) if white == WHITE else mix
    if white not in (mix.white, mix.white * mix.factor):
        return mix
    return replace(mix, is_large_right=white != mix.white)


def mixed_scales(context: Context, digests: SampleDigests) -> Iterator[Finding]:
    """One finding for each input with samples of two kinds."""
    network = context.model.network
    for name, mix in context.known(mixed_inputs).items():
        seen = digests.inputs[name]
        described = network.described(name)
        count = int(mix.odd.sum())
        yield Finding(
            id="calibration-mixed-scales",
            severity=Severity.ERROR if seen.is_image_like else Severity.WARNING,
            headline="Some samples are normalized, the others are raw pixels"
            if mix.is_normalized
            else "Some samples are scaled differently from the others",
            evidence=f"{_named(digests, mix)} ({count:,} of {digests.samples:,}) of {described} "
            f"{'is' if count == 1 else 'are'} {_how(mix)}: values from {_reach(seen, mix.odd)}, of "
            f"the others {_reach(seen, mix.small if mix.is_large_odd else mix.large)}",
            why="No scale and no normalization is right for both, and the larger ones alone set "
            "the range.",
            remedy=_remedy(context, digests, name, mix),
            layers=(name,),
            measured={"samples": float(count)}
            | ({} if mix.is_normalized else {"factor": mix.factor}),
        )


def _how(mix: Mix) -> str:
    if mix.is_normalized:
        return "raw pixels" if mix.is_large_odd else "normalized"
    if mix.is_large_odd:
        return f"{mix.factor:g} times as large as the others"
    return f"divided by {mix.factor:g}, the others are not"


def _reach(seen: InputDigests, samples: Flags) -> str:
    low, high = seen.minimum[samples].min(), seen.maximum[samples].max()
    return f"{rounded(float(low))} to {rounded(float(high))}"


def _named(digests: SampleDigests, mix: Mix) -> str:
    indices = digests.indices[mix.odd].tolist()
    return f"sample{'s' if len(indices) > 1 else ''} {samples_listed(digests, indices)}"


def _remedy(context: Context, digests: SampleDigests, name: str, mix: Mix) -> str:
    """To prepare all alike; the line goes by values, so it mends what was not looked at as well."""
    if mix.is_normalized:
        return _remedy_of_normalized(context, digests, name, mix)
    change = "/" if mix.is_large_odd else "*"
    if digests.names:
        done = "Divide" if mix.is_large_odd else "Multiply"
        return f"{done} the values of {_named(digests, mix)} by {mix.factor:g}, {AGAIN}."
    sign = ">" if mix.is_large_odd else "<="
    line = (
        f"x = np.where(np.abs(x).max(axis=(1, 2, 3), keepdims=True) {sign} {mix.limit:.3g}, "
        f"x {change} {mix.factor:g}, x)"
    )
    return f"Change {data_of(context, [name])} with `{line}`, {AGAIN}."


def _remedy_of_normalized(context: Context, digests: SampleDigests, name: str, mix: Mix) -> str:
    if not mix.is_large_right:
        return f"Prepare all samples in one way, as for the training, {AGAIN}."
    seen = digests.inputs[name]
    # Where no picture is black and none is white, nothing tells by which constants.
    if digests.names or abs(float(seen.largest[mix.small].max()) - 1.0) > SAME_END:
        return (
            "Leave out the normalization of these samples, as the chip normalizes raw pixels, "
            f"{AGAIN}."
        )
    line = "x = np.where(x.min(axis=(1, 2, 3), keepdims=True) < 0, (x + 1) * 127.5, x)"
    return f"Change {data_of(context, [name])} with `{line}`, {AGAIN}."
