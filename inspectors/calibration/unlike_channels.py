"""What is wrong where channels differ from those of the calibration, each in its own way."""

from __future__ import annotations

from collections.abc import Callable

from inspectors.base_inspector import Context
from inspectors.calibration.unlike_words import how_far
from inspectors.named_data import data_of
from inspectors.preparation.channels import ChannelFault, Fault
from inspectors.preparation.difference import Difference
from inspectors.quantizing_again import given_set, quantize_again
from utils.findings import Finding
from utils.wording import listed, plural, rounded

Make = Callable[..., Finding]
CHANNELS_LISTED = 10
OR_AGAIN = "or quantize again on these data if the network was trained on such values"


def of_channels(context: Context, make: Make, found: Difference, samples: int) -> Finding:
    """The finding on a difference whose `fault` is known.

    Parameters
    ----------
    make : a finding with what all of these have in common.
    samples : how many there are.
    """
    fault = found.fault or ChannelFault(Fault.COLOUR)
    data = data_of(context, [found.layer.name])
    if fault.fault is Fault.UNIT:
        return _of_units(make, found, fault, data)
    if fault.fault is Fault.SIGN:
        return _of_signs(make, found, fault, data)
    if fault.fault is Fault.ORDER:
        return _of_order(make, found, fault, data, samples)
    if fault.fault is Fault.COLOUR:
        return _of_colour(context, make, found, samples)
    if fault.fault is Fault.GREY:
        return _of_grey(make, found, samples)
    is_unit = fault.fault is Fault.BY_ENDS
    here, there = "from about 0 to 1", "mean 0 and standard deviation 1"
    return make(
        headline="The channels were scaled by other rules than for the calibration",
        evidence=f"in {plural(samples, 'sample')} of {found.layer.described()} as good as all "
        f"channels have {_of_rule(here if is_unit else there)}, at calibration "
        f"{_of_rule(there if is_unit else here)}",
        why="Only one of the two can match the training: these data or the calibration data.",
        remedy=f"Scale {data} with the scaler that was fitted for the training, {OR_AGAIN}.",
    )


def _of_colour(context: Context, make: Make, found: Difference, samples: int) -> Finding:
    return make(
        headline="The archive was calibrated on grey pictures, and these are coloured",
        evidence=f"all channels of {found.layer.described()} had the same values at "
        f"calibration, and differ in {plural(samples, 'sample')}",
        why="Layers that compare colours saw nothing to compare, so their ranges are too "
        "narrow for coloured pictures.",
        remedy="Quantize again on these data if the network will see colours.",
        command=quantize_again(context, given_set(context)),
    )


def _of_grey(make: Make, found: Difference, samples: int) -> Finding:
    means = listed([rounded(float(each)) for each in found.stored.mean])
    return make(
        headline="These pictures are grey, and the archive was calibrated on coloured ones",
        evidence=f"all channels of {found.layer.described()} have the same values in "
        f"{plural(samples, 'sample')}; their means were {means} at calibration",
        why="The network sees no colours here, and was trained on them, if calibration saw "
        "what training saw.",
        remedy="Read the pictures with their colours, or calibrate on grey ones as well if the "
        "camera of the device gives such, as at night.",
    )


def _of_rule(rule: str) -> str:
    return f"values {rule}" if rule.startswith("from") else rule


def _of_units(make: Make, found: Difference, fault: ChannelFault, data: str) -> Finding:
    larger = fault.factor > 1
    factor = fault.factor if larger else 1 / fault.factor
    text, change = f"{factor:g}", "/" if larger else "*"
    channels = list(fault.channels)
    first = channels[0]
    how = f"{text} times as large" if larger else f"divided by {text}"
    named = listed([str(each) for each in channels], CHANNELS_LISTED)
    return make(
        headline="Some channels have another unit than for the calibration",
        evidence=f"channels {named} of {found.layer.described()} are {how}, by their standard "
        f"deviations: {rounded(float(found.seen.std[first]))} instead of "
        f"{rounded(float(found.stored.std[first]))} in channel {first}; the others are as before",
        why="Only one of the two can match the training: these data or the calibration data.",
        remedy=f"Change {data} with `x[..., {channels}] = x[..., {channels}] {change} {text}`, "
        f"{OR_AGAIN}.",
    )


def _of_signs(make: Make, found: Difference, fault: ChannelFault, data: str) -> Finding:
    channels = list(fault.channels)
    first = channels[0]
    named = listed([str(each) for each in channels], CHANNELS_LISTED)
    one = "channel" if len(channels) == 1 else "channels"
    rest = "; the others are as before" if len(channels) < found.seen.channels else ""
    return make(
        headline="Some channels have the opposite sign of the calibration",
        evidence=f"{one} {named} of {found.layer.described()}: mean "
        f"{rounded(float(found.seen.mean[first]))} instead of "
        f"{rounded(float(found.stored.mean[first]))} in channel {first}, with the same standard "
        f"deviation{rest}",
        why="The axis of a sensor points the other way, or a difference was taken the other way "
        "round. Only one of the two can match the training.",
        remedy=f"Change {data} with `x[..., {channels}] = -x[..., {channels}]`, {OR_AGAIN}.",
    )


def _of_order(
    make: Make, found: Difference, fault: ChannelFault, data: str, samples: int
) -> Finding:
    change = "Bring the channels into the order of the training"
    if fault.channels:
        change = f"Change {data} with `x = x[..., {list(fault.channels)}]`"
    return make(
        headline="The channels are in another order than for the calibration",
        evidence=f"{how_far(found, samples)}; in another order all channels have the mean and the "
        "standard deviation that they had at calibration",
        why="Each channel of the network sees the values of another.",
        remedy=f"{change}, {OR_AGAIN}.",
    )
