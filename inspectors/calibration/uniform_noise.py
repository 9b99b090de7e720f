"""Archives that were calibrated on uniform random numbers, as their own statistics tell."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inspectors.base_inspector import Context
from inspectors.optimization_flow.requests import requested_calibration_size
from inspectors.quantizing_again import quantize_again
from utils.dataset.stored_inputs import stored_input_statistics
from utils.facts.optimize_command import DATASET
from utils.findings import Finding, Severity
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics
from utils.wording import listed

MEAN, VARIANCE = 1 / 2, 1 / 12  # of uniform random numbers between 0 and 1
# Variance of a squared deviation from the mean: the fourth moment 1/80 less the square of 1/12.
VARIANCE_OF_SQUARES = 1 / 80 - 1 / 144


@dataclass(frozen=True)
class NoiseTest:
    """When statistics are those of uniform random numbers.

    Parameters
    ----------
    samples : how many calibration saw, at most.
    errors : standard errors by which mean and variance of a channel may be off.
    share : of the channels, that have to be within them.
    edge : how far the smallest value may lie from 0 and the largest from 1.
    values : that a sample has to hold; a few scaled features look uniform by chance.
    """

    samples: int
    errors: float
    share: float
    edge: float
    values: int

    def fitting_share(self, stored: ChannelStatistics, layer: Layer, samples: int) -> float:
        """Share of the channels that have mean and variance of uniform random numbers."""
        height, width, _ = layer.output_shape
        count = max(min(samples, self.samples), 1) * height * width
        mean_error = self.errors * math.sqrt(VARIANCE / count)
        variance_error = self.errors * math.sqrt(VARIANCE_OF_SQUARES / count)
        fitting = (np.abs(stored.mean - MEAN) <= mean_error) & (
            np.abs(stored.std**2 - VARIANCE) <= variance_error
        )
        return float(fitting.mean())

    def can_tell(self, stored: ChannelStatistics | None, layer: Layer) -> bool:
        """Whether there are enough values, and these between 0 and 1."""
        if stored is None or math.prod(layer.output_shape) < self.values:
            return False
        is_low = 0.0 <= stored.low <= self.edge
        return is_low and 1.0 - self.edge <= stored.high <= 1.0


def calibrated_on_noise(context: Context, test: NoiseTest) -> Iterator[Finding]:
    """One finding for all inputs whose stored statistics are those of random numbers."""
    shares = {}
    for layer in context.model.network.input_layers:
        stored = stored_input_statistics(context.model, layer)
        if stored is not None and test.can_tell(stored, layer):
            size = requested_calibration_size(context.script)
            share = test.fitting_share(stored, layer, size)
            if share >= test.share:
                shares[layer.name] = share
    if shares:
        named = [context.model.network[name].described() for name in shares]
        yield Finding(
            id="calibrated-on-noise",
            severity=Severity.ERROR,
            headline="The archive was calibrated on random numbers, not on data",
            evidence=f"{min(shares.values()):.0%} of the channels of {listed(named, 3)} have the "
            "mean 1/2 and the variance 1/12 of uniform random numbers between 0 and 1",
            why="--use-random-calib-set and numpy.random.rand make such data. The ranges in the "
            "archive do not fit what the network will see.",
            remedy="Quantize again on real samples, prepared as for inference.",
            command=quantize_again(context, _dataset(context, test)),
            layers=tuple(shares),
            measured=shares,
        )


def _dataset(context: Context, test: NoiseTest) -> str:
    """The file to calibrate on: the one that was given, unless that holds random numbers, too."""
    digests = context.samples
    if context.calibration is None or digests is None:
        return DATASET
    for layer in context.model.network.input_layers:
        seen = digests.inputs.get(layer.name)
        if seen is not None and test.can_tell(seen.statistics, layer):
            share = test.fitting_share(seen.statistics, layer, digests.samples)
            if share >= test.share:
                return DATASET
    return context.calibration.for_compiler or DATASET
