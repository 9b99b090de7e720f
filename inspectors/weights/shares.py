"""Shares of the output channels of layers, chosen and put into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from utils.har.weight_channels import Flags, WeightChannels
from utils.wording import listed, plural


def shares_above(
    channels: Sequence[WeightChannels],
    flags: Callable[[WeightChannels], Flags | None],
    share: float,
) -> dict[str, float]:
    """Share of flagged channels, by layer in graph order, where it is above `share`."""
    found = {each.layer.name: flags(each) for each in channels}
    shares = {name: float(flagged.mean()) for name, flagged in found.items() if flagged is not None}
    return {name: value for name, value in shares.items() if value > share}


def counted(channels: Sequence[WeightChannels], shares: Mapping[str, float]) -> str:
    """How many channels of which layers these shares are, the greatest share first."""
    by_name = {each.layer.name: each for each in channels}
    worst_first = sorted(shares, key=lambda name: -shares[name])
    return listed(
        [
            f"{round(shares[name] * by_name[name].count):,} of "
            f"{plural(by_name[name].count, 'channel')} ({shares[name]:.0%}) of "
            f"{by_name[name].layer.described()}"
            for name in worst_first
        ]
    )
