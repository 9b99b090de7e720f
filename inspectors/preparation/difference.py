"""The data at hand against what calibration stored of its own, channel by channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.preparation.channels import ChannelFault, Fault, channel_fault
from utils.dataset.sample_digests import InputDigests
from utils.dataset.stored_inputs import stored_input_statistics
from utils.findings import Severity
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics
from utils.measurements.spread import count_by_chance
from utils.model_script.calibration_size import requested_calibration_size

OTHER_SCALE = 10.0  # data of one kind spread alike; pixels that were divided 255 times less
# Channels that measure different things, and all spread by about as much less, were scaled.
MANY_CHANNELS = 6
OTHER_SCALE_OF_MANY = 4.0
ALIKE = 2.0  # the largest of their ratios over the smallest
MOST_CALIBRATED = 1_000_000  # samples; what a script asks for beyond that nobody has run


@dataclass(frozen=True)
class IdentityLimits:
    """By how much data of the same kind may differ.

    Parameters
    ----------
    warning, error : shares of the values that lie outside for more than chance.
    chance : probability of a false alarm at any channel of an input.
    errors : standard errors by which the mean of a channel may be off.
    spreads : standard deviations by which it has to be off as well.
    channels : share of the channels that may be off.
    samples : fewer different ones have no means and no spread to compare.
    """

    warning: float
    error: float
    chance: float
    errors: float
    spreads: float
    channels: float
    samples: int


SAME_KIND = IdentityLimits(
    warning=0.001,  # of the values, where chance does not explain them
    error=0.1,  # an archive calibrated on random numbers has 0.8, on data of their kind 0.004
    chance=1e-3,
    errors=6.0,  # 1 in 10^9 for means that are normal; those of few samples are not quite
    spreads=0.25,  # sparse data have means that are known well, and differ by little
    channels=0.2,
    samples=16,  # with fewer, the spread of the means is not known well enough
)


@dataclass(frozen=True)
class Difference:
    """How the data of one input differ from those of calibration.

    Parameters
    ----------
    layer : the input.
    severity : how much that matters.
    outside : share of all values that lie outside their channel's stored range.
    excess : the same, without channels where chance explains them.
    channels_off : share of the channels whose mean is off.
    worst : channel with most values outside, and their share of its values.
    stored, seen : statistics of calibration and of the data.
    fault : what explains it channel by channel, if anything does.
    """

    layer: Layer
    severity: Severity
    outside: float
    excess: float
    channels_off: float
    worst: tuple[int, float]
    stored: ChannelStatistics
    seen: ChannelStatistics
    fault: ChannelFault | None = None

    @property
    def is_scaled(self) -> bool:
        """Whether the values have another order of magnitude: they were prepared otherwise."""
        spreads = sorted((self.stored.pooled_std, self.seen.pooled_std))
        is_apart = spreads[0] > 0 and spreads[1] > OTHER_SCALE * spreads[0]
        return is_apart or self._are_channels_scaled

    @property
    def _are_channels_scaled(self) -> bool:
        varies = (self.stored.std > 0) & (self.seen.std > 0)
        if np.count_nonzero(varies) < max(MANY_CHANNELS, varies.size / 2):
            return False
        ratios = np.log(self.seen.std[varies] / self.stored.std[varies])
        is_alike = np.ptp(ratios) <= np.log(ALIKE)
        return bool(is_alike and abs(np.median(ratios)) > np.log(OTHER_SCALE_OF_MANY))


def calibrated_samples(context: Context) -> int:
    """How many samples the archive was calibrated on, as far as its script tells."""
    return min(requested_calibration_size(context.script), MOST_CALIBRATED)


def difference_of(
    context: Context, layer: Layer, limits: IdentityLimits, *, is_known: bool = False
) -> Difference | None:
    """How the data of an input differ; None where they do not, or nothing can be compared.

    Parameters
    ----------
    is_known : whether they are known to differ, in whatever these limits do not see.
    """
    if context.samples is None or layer.name not in context.samples.inputs:
        return None
    seen, stored = context.samples.inputs[layer.name], stored_input_statistics(context.model, layer)
    if stored is None or seen.outside is None:
        return None
    samples = len(seen.spread)
    calibrated = calibrated_samples(context)
    outside = seen.outside
    # A false alarm may come from either side of any channel.
    by_chance = count_by_chance(samples, calibrated, limits.chance / (2 * seen.shape[2]))
    unlikely = np.where(outside.samples_below > by_chance, outside.below, 0) + np.where(
        outside.samples_above > by_chance, outside.above, 0
    )
    count = max(seen.statistics.count, 1)
    shares = (outside.below + outside.above) / count
    excess = float(unlikely.mean()) / count
    different = context.samples.different
    is_enough = different >= limits.samples
    off = _is_mean_off(seen, stored, (different, calibrated), limits) if is_enough else None
    channels_off = 0.0 if off is None else float(off.mean())
    severity = _severity(excess, channels_off, limits)
    worst = int(np.argmax(shares))
    found = Difference(
        layer=layer,
        severity=severity or Severity.WARNING,
        outside=float(shares.mean()),
        excess=excess,
        channels_off=channels_off,
        worst=(worst, float(shares[worst])),
        stored=stored,
        seen=seen.statistics,
        fault=channel_fault(seen, stored) if is_enough else None,
    )
    is_scaled = found.is_scaled and is_enough
    # Heavy tails may make one channel look like another.
    is_faulty = found.fault is not None and found.fault.fault is not Fault.ORDER
    return found if severity or is_scaled or is_faulty or is_known else None


def _severity(excess: float, channels_off: float, limits: IdentityLimits) -> Severity | None:
    if excess > limits.error:
        return Severity.ERROR
    if excess > limits.warning or channels_off > limits.channels:
        return Severity.WARNING
    return None


def _is_mean_off(
    seen: InputDigests, stored: ChannelStatistics, counts: tuple[int, int], limits: IdentityLimits
) -> NDArray[np.bool_]:
    """Which channels have a mean that neither chance nor their spread explains.

    Parameters
    ----------
    counts : different samples, those given now and those of the calibration.
    """
    own, (samples, calibrated) = seen.sample_mean_spread, counts
    spread = seen.statistics.std
    # What the means of calibration's samples spread by follows from the spread of its values.
    factor = np.divide(stored.std, spread, out=np.zeros_like(spread), where=spread > 0)
    theirs = np.where(spread > 0, own * factor, stored.std)
    error = np.sqrt(own**2 / samples + theirs**2 / calibrated)
    shift = np.abs(seen.statistics.mean - stored.mean)
    pooled = np.sqrt((spread**2 + stored.std**2) / 2)
    off: NDArray[np.bool_] = (shift > limits.errors * error) & (shift > limits.spreads * pooled)
    # Rounding is no difference where nothing spreads.
    scale = np.maximum(np.abs(stored.mean), np.abs(seen.statistics.mean))
    return off & (shift > 1e-3 * scale)
