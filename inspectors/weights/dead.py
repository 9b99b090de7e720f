"""Channels that never fired: asleep in calibration, or held down by their biases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from inspectors.agreement.judgement import bounded, is_known_to_be_kept
from inspectors.base_inspector import Context
from inspectors.calibration.other_samples import is_calibrated_on_others
from inspectors.squeeze_excite.pools import excite_layers
from inspectors.weights.shares import counted, shares_above
from utils.findings import Finding, Severity
from utils.har.weight_channels import WeightChannels
from utils.har.weight_codes import array
from utils.measurements.own_noise import NEGLIGIBLE_SHARE
from utils.model_script.calibration_size import requested_calibration_size
from utils.wording import listed, plural

# With fewer channels, biases may all be negative by chance, as one time in 256 with eight.
FEWEST_CHANNELS = 8
# In a layer, where outputs are of a kind that nobody knows; training silences so many and more.
FEW_DEAD = 3
# That calibration did not see, before their sleep counts as training's.
FEWEST_SAMPLES = 16
RECALIBRATE = "Calibrate again on samples like those that the device will see"
NOT_EXERCISED = "The calibration data hardly exercised this network."
# Where no calibration on the given data wakes them.
ASLEEP = (
    "They sleep on these data in float as well, so the data hardly exercise this network, or it "
    "lost an activation in the export."
)
OR_COMPARE = (
    ", or compare the archive with the original model by --reference if these data are like those"
)
SQUEEZED = (
    "Training leaves many such channels in squeeze-and-excite blocks, whose layers see one value "
    "of each sample instead of one of each pixel."
)


@dataclass(frozen=True)
class HeldDown:
    """A layer whose biases alone keep every channel below 0.

    Parameters
    ----------
    channels : the layer, no channel of which ever fired.
    biases : shape (channels,).
    reach : the largest sum of any channel without its bias.
    """

    channels: WeightChannels
    biases: NDArray[np.float64]
    reach: float

    def described(self) -> str:
        """How far the biases are from what the sums reach."""
        return (
            f"{self.channels.layer.described()} has biases of {self.biases.min():.3g} to "
            f"{self.biases.max():.3g} in {plural(self.channels.count, 'channel')}, whose sums "
            f"reach {self.reach:.3g} without them"
        )


def dead_channels(
    context: Context, channels: Sequence[WeightChannels], warning: float, error: float
) -> Iterator[Finding]:
    """Findings on channels whose weights were set to 0, and on others that never fired.

    Parameters
    ----------
    warning, error : share of a layer's channels above which it is one.
    """
    dead = shares_above(channels, lambda each: each.zeroed, warning)
    held = [found for each in channels if (found := held_down(context, each)) is not None]
    if held:
        yield _by_biases(context, held)
    for each in held:
        dead.pop(each.channels.layer.name, None)
    if dead:
        yield _by_calibration(context, channels, dead, error)
    kept = shares_above(channels, lambda each: each.kept_asleep, warning)
    if kept:
        yield Finding(
            id="dead-channels",
            severity=Severity.INFO,
            headline="Channels never fired in calibration, but their weights were kept",
            evidence=counted(channels, kept),
            why="For a small head with many channels that is normal.",
            layers=tuple(kept),
            measured=kept,
        )


def held_down(context: Context, channels: WeightChannels) -> HeldDown | None:
    """Whether a layer is dead in calibration and on these data because of its biases alone.

    Only what was measured tells: calibration itself may have been on the wrong data. All biases of
    a layer are hardly ever negative, so samples that are merely dim do not look like that.
    """
    layer, zeroed = channels.layer, channels.zeroed
    if zeroed is None or not zeroed.all() or channels.count < FEWEST_CHANNELS:
        return None
    measured = context.measured(layer.name)
    sums = measured.preactivation.maximum if measured and measured.preactivation else None
    biases = array(context.model.float_parameters.layer(layer.name), "bias")
    if sums is None or biases is None or biases.size != channels.count or sums.size != biases.size:
        return None
    biases = biases.astype(np.float64).ravel()
    alone = sums - biases
    is_held = (sums <= 0).all() and (biases < 0).all() and (alone > 0).all()
    # Where something else is added to the sums, it may be that which keeps them below 0.
    if not is_held or layer.params.get("elementwise_add"):
        return None
    return HeldDown(channels, biases, float(alone.max()))


def _by_biases(context: Context, held: Sequence[HeldDown]) -> Finding:
    names = tuple(each.channels.layer.name for each in held)
    samples = context.measurements.samples if context.measurements else 0
    return Finding(
        id="dead-channels",
        severity=Severity.WARNING,
        headline="No channel ever fires, since the biases keep all sums below 0",
        evidence=f"{listed([each.described() for each in held], 3)}, measured over "
        f"{plural(samples, 'sample')}",
        why="Nothing gets through such a layer, in float or on the chip, and no other calibration "
        "changes that.",
        remedy=f"Compare the biases of {listed(names, 3)} with those of the trained model, and "
        "export it again if they differ.",
        layers=names,
        measured=dict.fromkeys(names, 1.0),
    )


def _by_calibration(
    context: Context,
    channels: Sequence[WeightChannels],
    dead: Mapping[str, float],
    error: float,
) -> Finding:
    # A gate is computed from one mean of each map, so these layers see one value of a sample.
    squeezed = context.known(_squeezed)
    by_pixels = [share for name, share in dead.items() if name not in squeezed or share == 1.0]
    is_severe = max(by_pixels, default=0.0) > error
    counts = [round(dead[x.layer.name] * x.count) for x in channels if x.layer.name in dead]
    loses = bounded(context, Severity.WARNING, tuple(dead)) > Severity.INFO
    woken = _woken_by_others(context, channels, dead)
    # Data that calibration did not see tell more of the channels than what becomes of the outputs.
    are_kept = woken is None and is_known_to_be_kept(context, tuple(dead))
    is_spared = not (is_severe or loses) and (max(counts) <= FEW_DEAD or are_kept)
    finding = partial(
        Finding,
        id="dead-channels",
        headline="Channels never fired in calibration, so their weights were set to 0",
        evidence=counted(channels, dead),
        layers=tuple(dead),
        measured=dead,
    )
    cost = "These channels cannot fire on the chip, whatever the input is."
    if not by_pixels:
        return finding(severity=Severity.INFO, why=f"{cost} {SQUEEZED}")
    if is_spared:
        return finding(
            severity=Severity.INFO,
            why=f"{cost} Training leaves such channels, and no decision is lost on these data.",
        )
    if not is_severe and (said := _silenced_by_training(context, channels, dead, woken, loses)):
        return finding(severity=Severity.INFO, why=f"{cost} {said}.")
    if is_severe:
        # Data that calibration saw may be the wrong ones, and lose nothing all the same.
        is_new = woken is not None or _are_mostly_new(context)
        is_harmless = is_new and is_known_to_be_kept(context, tuple(dead))
        is_asleep = context.stages is None and _are_asleep(context, channels, dead)
        return finding(
            severity=Severity.WARNING if is_harmless else Severity.ERROR,
            why=f"{cost} {ASLEEP if is_asleep else NOT_EXERCISED}",
            remedy=f"{RECALIBRATE}{OR_COMPARE if is_asleep else ''}.",
        )
    return finding(
        severity=Severity.WARNING,
        why=f"{cost} That costs nothing where training has silenced them.",
        remedy=f"{RECALIBRATE}, if calibration saw others.",
    )


def _are_mostly_new(context: Context) -> bool:
    """Whether calibration took less than half as many samples as were measured."""
    samples = context.measurements.samples if context.measurements else 0
    return 2 * requested_calibration_size(context.script) <= samples


def _are_asleep(
    context: Context, channels: Sequence[WeightChannels], dead: Mapping[str, float]
) -> bool:
    """Whether the given data wake none of the channels in float, so that no calibration does."""
    return all(_woken(context, each) == 0 for each in channels if each.layer.name in dead)


def _silenced_by_training(
    context: Context,
    channels: Sequence[WeightChannels],
    dead: Mapping[str, float],
    woken: int | None,
    loses: bool,
) -> str:
    """How data that calibration did not see show that the chip misses nothing; "" if they do not.

    Parameters
    ----------
    woken : channels that these data wake, as of `_woken_by_others`.
    loses : whether outputs behind decide otherwise than in float, for whatever reason.
    """
    others = "On these data, which calibration did not see,"
    if woken == 0:
        return f"{others} none would in float either, so training has silenced them"
    if woken is None:
        return ""
    few = f"{others} at most {plural(woken, 'channel')} of a layer would"
    if not loses and woken <= FEW_DEAD:
        return f"{few}, and no decision is lost"
    missed = _missed_share(context, channels, dead)
    if missed is not None and missed < NEGLIGIBLE_SHARE:
        return f"{few}, and that is {missed:.1%} of the error of their layer at most"
    return ""


def _woken_by_others(
    context: Context, channels: Sequence[WeightChannels], dead: Mapping[str, float]
) -> int | None:
    """How many dead channels of a layer fire at most on data that calibration did not see.

    None where the data are those of the calibration, are of another kind, or do not tell.
    """
    samples = context.measurements.samples if context.measurements else 0
    if samples < FEWEST_SAMPLES or not is_calibrated_on_others(context):
        return None
    found = [_woken(context, each) for each in channels if each.layer.name in dead]
    return None if None in found else max(filter(None, found), default=0)


def _squeezed(context: Context) -> frozenset[str]:
    return excite_layers(context.model.network)


def _missed_share(
    context: Context, channels: Sequence[WeightChannels], dead: Mapping[str, float]
) -> float | None:
    """What dead channels make of the error of their layer, at most; None where it is not known."""
    noise = context.measurements.noise if context.measurements else None
    shares = []
    for each in channels:
        if each.layer.name not in dead:
            continue
        found = noise.layers.get(each.layer.name) if noise else None
        errors = found.output.by_channel if found else None
        if errors is None or each.zeroed is None or errors.size != each.count:
            return None
        shares.append(float(errors[each.zeroed].sum() / max(errors.sum(), np.finfo(float).tiny)))
    return max(shares, default=None)


def _woken(context: Context, channels: WeightChannels) -> int | None:
    measured = context.measured(channels.layer.name)
    sums = measured.preactivation.maximum if measured and measured.preactivation else None
    if sums is None or channels.zeroed is None or sums.size != channels.count:
        return None
    return int(np.count_nonzero(sums[channels.zeroed] > 0))
