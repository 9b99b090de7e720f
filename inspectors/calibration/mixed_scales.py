"""Samples of one set that were prepared in two ways: some are 255 times as large as the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.calibration.misfit import samples_listed
from inspectors.named_data import data_of
from inspectors.normalization.on_chip import normalization_steps
from inspectors.normalization.recipes import expected_maximum
from inspectors.normalization.steps import joined
from inspectors.preparation.noise import LEAST_OF_PICTURES
from utils.dataset.sample_digests import InputDigests, SampleDigests
from utils.findings import Finding, Severity
from utils.wording import rounded

Flags = NDArray[np.bool_]

# White of the smaller and of the larger pictures: 0..1, 8 bit, and 16 bit.
WHITES = ((1.0, 255.0), (255.0, 65535.0), (1.0, 65535.0))
# What values without a white are multiplied by: percent, 8 and 16 bit, a unit and its thousandth.
FACTORS = (100.0, 255.0, 257.0, 1000.0, 32768.0, 65535.0)
DARKEST = 0.1  # of white, that an ordinary picture reaches; darker ones say nothing of a scale
MOST_ZEROS = 0.5  # of an ordinary picture; more have black frames with a few bright pixels
APART = 4.0  # times as large as the white of the smaller ones are all larger ones
OF_PICTURES = 2.5  # by how much medians of few pictures miss the factor: some are darker
# Amplitudes have no white, so they have to tell by themselves that there are two kinds.
OF_VALUES = 1.1
ALIKE = 2.0  # times the median, or divided by it, are all values of one kind at most
FEWEST = 3  # of each kind, where no white tells
LEAST_VALUES = 16  # in a sample; a few numbers are large or small by chance
AGAIN = "and quantize again if the archive was calibrated on them"
GREY = 1 / 255  # of white, that a picture spreads at least


@dataclass(frozen=True, eq=False)
class Mix:
    """Two kinds of samples.

    Parameters
    ----------
    factor : how many times as large the larger ones are.
    small, large : which samples are of which kind, (samples,); some may be of neither.
    limit : a value between the largest of both kinds.
    white : of the smaller ones; None for what has no white.
    is_large_right : whether the network takes the larger ones; None where nothing tells.
    """

    factor: float
    small: Flags
    large: Flags
    limit: float
    white: float | None = None
    is_large_right: bool | None = None

    @property
    def is_large_odd(self) -> bool:
        """Whether the larger ones have to change: those that do not fit, else the fewer."""
        if self.is_large_right is not None:
            return not self.is_large_right
        return int(self.large.sum()) <= int(self.small.sum())

    @property
    def odd(self) -> Flags:
        """The kind that has to change."""
        return self.large if self.is_large_odd else self.small


def mix_of(seen: InputDigests) -> Mix | None:
    """The two kinds that the samples of an input are of; None where they are of one."""
    if seen.is_image_like:
        found = (_of_pictures(seen, *whites) for whites in WHITES)
        return next(filter(None, found), None)
    return _of_values(seen)


def _of_pictures(seen: InputDigests, white: float, larger_white: float) -> Mix | None:
    largest, is_whole = seen.largest, np.dtype(seen.dtype).kind in "iub"
    if (is_whole and white == 1.0) or seen.minimum.min() < 0 or largest.max() > larger_white:
        return None
    small = (largest <= white) & (largest >= DARKEST * white) & (seen.spread >= GREY * white)
    small &= seen.zero_share <= MOST_ZEROS
    if seen.correlation is not None:
        small &= np.nan_to_num(seen.correlation) >= LEAST_OF_PICTURES
    large = largest > white
    if not small.any() or not large.any() or largest[large].min() < APART * white:
        return None
    factor = larger_white / white
    ratio = float(np.median(largest[large]) / np.median(largest[small])) / factor
    if not 1 / OF_PICTURES <= ratio <= OF_PICTURES:
        return None
    return Mix(factor, small, large, float(np.sqrt(white * largest[large].min())), white)


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
    if white not in (mix.white, mix.white * mix.factor):
        return mix
    return replace(mix, is_large_right=white != mix.white)


def mixed_scales(context: Context, digests: SampleDigests) -> Iterator[Finding]:
    """One finding for each input with samples of two kinds."""
    network = context.model.network
    for name, mix in context.known(mixed_inputs).items():
        seen = digests.inputs[name]
        described = network[name].described() if name in network else name
        count = int(mix.odd.sum())
        how = f"{mix.factor:g} times as large as the others"
        if not mix.is_large_odd:
            how = f"divided by {mix.factor:g}, the others are not"
        yield Finding(
            id="calibration-mixed-scales",
            severity=Severity.ERROR if seen.is_image_like else Severity.WARNING,
            headline="Some samples are scaled differently from the others",
            evidence=f"{_named(digests, mix)} ({count:,} of {digests.samples:,}) of {described} "
            f"{'is' if count == 1 else 'are'} {how}: values from {_reach(seen, mix.odd)}, of the "
            f"others {_reach(seen, mix.small if mix.is_large_odd else mix.large)}",
            why="No scale and no normalization is right for both, and the larger ones alone set "
            "the range.",
            remedy=_remedy(context, digests, name, mix),
            layers=(name,),
            measured={"samples": float(count), "factor": mix.factor},
        )


def _reach(seen: InputDigests, samples: Flags) -> str:
    low, high = seen.minimum[samples].min(), seen.maximum[samples].max()
    return f"{rounded(float(low))} to {rounded(float(high))}"


def _named(digests: SampleDigests, mix: Mix) -> str:
    indices = digests.indices[mix.odd].tolist()
    return f"sample{'s' if len(indices) > 1 else ''} {samples_listed(digests, indices)}"


def _remedy(context: Context, digests: SampleDigests, name: str, mix: Mix) -> str:
    """To prepare all alike; the line goes by values, so it mends what was not looked at as well."""
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
