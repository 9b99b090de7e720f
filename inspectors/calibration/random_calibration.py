"""Archives that were calibrated on random numbers or on nothing, as their own statistics tell."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from inspectors.base_inspector import Context
from inspectors.calibration.identity import differing, explained_otherwise, is_error
from inspectors.preparation.judged import prepared_inputs
from inspectors.quantizing_again import given_set, quantize_again
from utils.dataset.stored_inputs import stored_input_statistics
from utils.facts.optimize_command import DATASET
from utils.facts.random_numbers import KINDS, RandomNumbers
from utils.findings import Finding, Severity
from utils.har.image_like import is_image_shaped, is_small_picture_shaped
from utils.har.network import Layer, Shape
from utils.har.statistics import ChannelStatistics
from utils.model_script.calibration_size import requested_calibration_size
from utils.wording import listed, rounded

ON_REAL_SAMPLES = "Quantize again on real samples, prepared as for inference."
# Nobody calibrates on such data before they are mended.
FAULTS_OF_DATA = frozenset(
    {
        "calibration-dtype",
        "calibration-input-names",
        "calibration-masks",
        "calibration-mixed-scales",
        "data-normalized-twice",
    }
)
COLOURS = 3
RANGES_DO_NOT_FIT = "The ranges in the archive do not fit what the network will see."


@dataclass(frozen=True)
class NoiseTest:
    """When statistics are those of random numbers.

    Parameters
    ----------
    samples : how many calibration saw, at most.
    errors : standard errors by which mean and variance of a channel may be off.
    share : of the channels, that have to be within them.
    edge : share of the range, by which the extremes may lie inside the ends of uniform numbers.
    tail : standard deviations by which the extremes of normal numbers may lie elsewhere than
        expected of so many.
    values : that a sample has to hold; a few scaled features look uniform by chance.
    """

    samples: int
    errors: float
    share: float
    edge: float
    tail: float
    values: int

    def kind_of(
        self, stored: ChannelStatistics | None, layer: Layer, samples: int
    ) -> tuple[RandomNumbers, float] | None:
        """The random numbers that statistics are those of, and by what share of the channels."""
        if stored is None or math.prod(layer.output_shape) < self.values:
            return None
        height, width, _ = layer.output_shape
        count = max(min(samples, self.samples), 1) * height * width
        for kind in KINDS:
            if not _may_be_calibrated_on(kind, layer.output_shape):
                continue
            if self._has_ends(stored, kind, count):
                share = self._fitting_share(stored, kind, count)
                if share >= self.share:
                    return kind, share
        return None

    def _fitting_share(self, stored: ChannelStatistics, kind: RandomNumbers, count: int) -> float:
        """Share of the channels with this mean and variance."""
        mean_error = self.errors * math.sqrt(kind.variance / count)
        variance_error = self.errors * math.sqrt(kind.squares / count)
        fitting = (np.abs(stored.mean - kind.mean) <= mean_error) & (
            np.abs(stored.std**2 - kind.variance) <= variance_error
        )
        return float(fitting.mean())

    def _has_ends(self, stored: ChannelStatistics, kind: RandomNumbers, count: int) -> bool:
        """Whether the values end where these do."""
        if math.isfinite(kind.high):
            slack = self.edge * (kind.high - kind.low)
            is_low = kind.low <= stored.low <= kind.low + slack
            return is_low and kind.high - slack <= stored.high <= kind.high
        expected = math.sqrt(kind.variance) * _largest_of(count)
        ends = np.array([kind.mean - stored.minimum, stored.maximum - kind.mean])
        return bool((np.abs(ends - expected) <= self.tail).all())


def _may_be_calibrated_on(kind: RandomNumbers, shape: Shape) -> bool:
    """Whether nothing else than these numbers has their moments at an input of this shape.

    Tables are scaled to these by design, but not to grey levels in three channels alike.
    """
    if kind.of_any_input or is_image_shaped(shape):
        return True
    are_levels = 1.0 < kind.high < math.inf
    return are_levels and shape[2] == COLOURS and is_small_picture_shaped(shape)


def _largest_of(count: int) -> float:
    """About the largest of so many normal random numbers, in standard deviations."""
    if count < 3:
        return 0.0
    root = math.sqrt(2 * math.log(count))
    return root - (math.log(math.log(count)) + math.log(4 * math.pi)) / (2 * root)


def calibrated_on_noise(context: Context, test: NoiseTest) -> Iterator[Finding]:
    """One finding for all inputs whose stored statistics are those of random numbers."""
    found = {}
    size = requested_calibration_size(context.script)
    for layer in context.model.network.input_layers:
        stored = stored_input_statistics(context.model, layer)
        fitting = test.kind_of(stored, layer, size)
        if fitting is not None:
            found[layer.name] = fitting
    if found:
        named = [context.model.network[name].described() for name in found]
        kind, _ = next(iter(found.values()))
        yield Finding(
            id="calibrated-on-noise",
            severity=Severity.ERROR,
            headline="The archive was calibrated on random numbers, not on data",
            evidence=f"{min(share for _, share in found.values()):.0%} of the channels of "
            f"{listed(named, 3)} have the mean {rounded(kind.mean)} and the variance "
            f"{rounded(kind.variance)} of {kind.name}",
            why=f"--use-random-calib-set and {kind.call} make such data. {RANGES_DO_NOT_FIT}"
            if kind.of_any_input
            else f"{kind.call} makes such data. {RANGES_DO_NOT_FIT}",
            remedy=ON_REAL_SAMPLES,
            command=quantize_again(context, _dataset(context, test, found)),
            layers=tuple(found),
            measured={name: share for name, (_, share) in found.items()},
        )


def calibrated_on_constant(context: Context) -> Iterator[Finding]:
    """One finding for all inputs that held one value throughout the calibration."""
    inputs = context.model.network.input_layers
    found = {}
    for layer in inputs:
        stored = stored_input_statistics(context.model, layer)
        is_alone = len(inputs) == 1 or is_image_shaped(layer.output_shape)
        if stored is not None and is_alone and stored.low == stored.high:
            found[layer.name] = stored.low
    if found:
        named = [context.model.network[name].described() for name in found]
        are_zeros = not any(found.values())
        yield Finding(
            id="calibrated-on-constant",
            severity=Severity.ERROR,
            headline="The archive was calibrated on zeros, not on data"
            if are_zeros
            else "The archive was calibrated on one value only",
            evidence=f"calibration saw nothing but {listed([f'{v:g}' for v in found.values()])} at "
            f"{listed(named, 3)}",
            why=f"An array that nobody filled, or pictures that could not be read, make such data. "
            f"{RANGES_DO_NOT_FIT}",
            remedy=ON_REAL_SAMPLES,
            command=quantize_again(context, DATASET),
            layers=tuple(found),
            measured=found,
        )


def _dataset(context: Context, test: NoiseTest, noisy: Collection[str]) -> str:
    """The file to calibrate on: the one that was given, unless that is wrong, too.

    Parameters
    ----------
    noisy : inputs that were calibrated on random numbers, which all data are unlike.
    """
    digests = context.samples
    prepared = context.known(prepared_inputs).values()
    is_in_order = all(each.neighbours is None for each in prepared)
    faults = FAULTS_OF_DATA.intersection(context.known(explained_otherwise).values())
    is_other = any(is_error(each) and each.layer.name not in noisy for each in differing(context))
    if digests is None or faults or is_other or not is_in_order:
        return DATASET
    for layer in context.model.network.input_layers:
        seen = digests.inputs.get(layer.name)
        if seen is not None and test.kind_of(seen.statistics, layer, digests.samples):
            return DATASET
    return given_set(context)
