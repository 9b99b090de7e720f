"""A channel in front of a decision that takes most of the codes which all channels share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inspectors.agreement.in_front import moved_channels
from inspectors.agreement.inputs import SHARED_WIDTH, named
from inspectors.agreement.judgement import Judged, judged_decisions
from inspectors.base_inspector import Context
from inspectors.noise.remedies import by_plan
from utils.findings import Finding
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.agreement.channels import Extremes
from utils.wording import rounded

# Range of all channels over that of the others: 3 of 8 bits are lost, as at joins.
WIDE_RATIO = 8.0
# Of the channels may be called wide: where many are, they are what the tensor is about.
WIDE_SHARE = 0.1
# What wins over all others decides among channels that are held against each other.
COMPARED = ("classes", "segmentation", "unknown")


@dataclass(frozen=True)
class WideChannels:
    """Channels that reach much farther than all others of their tensor.

    Parameters
    ----------
    channels : these, the farthest first.
    reach, others : smallest and largest value of theirs, and of the other channels.
    ratio : range of all over range of the others; 0 belongs to both, as to every range.
    """

    channels: tuple[int, ...]
    reach: tuple[float, float]
    others: tuple[float, float]
    ratio: float


def wide_channels(spans: Extremes) -> WideChannels | None:
    """The fewest channels without which the range is an eighth; None where many would be."""
    low, high = np.minimum(spans.low, 0.0), np.maximum(spans.high, 0.0)
    whole = float(high.max() - low.min())
    far = np.maximum(-low, high)
    order = np.argsort(-far, kind="stable")
    for count in range(1, min(max(int(WIDE_SHARE * far.size), 1), far.size - 2) + 1):
        wide, rest = order[:count], order[count:]
        left = float(high[rest].max() - low[rest].min())
        if 0 < left <= whole / WIDE_RATIO:
            return WideChannels(
                tuple(map(int, wide)),
                (float(spans.low[wide].min()), float(spans.high[wide].max())),
                (float(spans.low[rest].min()), float(spans.high[rest].max())),
                whole / left,
            )
    return None


def wide_channel_findings(context: Context, found: AgreementMeasurements) -> Iterator[Finding]:
    """One finding for each output that loses decisions behind such a channel."""
    judged = context.known(judged_decisions)
    for name, each in judged.items():
        wide = wide_channels(found.judged_codes(name).floats)
        if each.severity and each.kind in COMPARED and wide and _shares_codes(context, found, name):
            yield _finding(context, found, name, each, wide)


def _shares_codes(context: Context, found: AgreementMeasurements, name: str) -> bool:
    """Whether all channels of the tensor have codes of one width."""
    encoding = context.model.encoding(found.judged_layer(name))
    return encoding is not None and bool(np.ptp(encoding.scales) == 0)


def _finding(
    context: Context, found: AgreementMeasurements, name: str, judged: Judged, wide: WideChannels
) -> Finding:
    network, layer = context.model.network, found.judged_layer(name)
    highest = context.model.highest_code(layer)
    assert judged.severity is not None
    *_, maker = moved_channels(network, network[layer])
    made_by = maker.name
    which = named(wide.channels)
    return Finding(
        id="channel-without-codes",
        severity=judged.severity,
        headline="A few channels take most of the codes in front of a decision",
        evidence=f"{which} of {layer} {_between(wide.reach)}, the others {_between(wide.others)}: "
        f"they share {highest / wide.ratio:.2g} of {highest} codes",
        why=SHARED_WIDTH,
        remedy=by_plan(context) or f"Bound {which} in training, or give {made_by} 16 bit.",
        layers=tuple(dict.fromkeys([made_by, layer, name])),
        measured={"wide channels": float(len(wide.channels)), "ratio": wide.ratio},
    )


def _between(ends: tuple[float, float]) -> str:
    return f"from {rounded(ends[0])} to {rounded(ends[1])}"
