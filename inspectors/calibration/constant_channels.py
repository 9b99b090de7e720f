"""Channels that hold one value in all samples, beside others that do not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from utils.dataset.sample_digests import SampleDigests
from utils.findings import Finding, Severity
from utils.har.image_like import is_image_shaped
from utils.har.network import Network
from utils.wording import listed, numbered

FEWEST_SAMPLES = 16  # of fewer, a switch or a flag may never have moved
MAX_NAMED = 3


def constant_channels(network: Network, digests: SampleDigests) -> Iterator[Finding]:
    """One finding for each input with such channels.

    Where all of them hold one value it is the input that does, which is another finding.
    """
    for name, seen in digests.inputs.items():
        statistics = seen.statistics
        is_constant = statistics.minimum == statistics.maximum
        if len(seen.spread) < FEWEST_SAMPLES or not is_constant.any() or is_constant.all():
            continue
        channels = np.flatnonzero(is_constant)
        values = [f"{statistics.minimum[channel]:g} in channel {channel}" for channel in channels]
        named = numbered("channel", channels.tolist(), MAX_NAMED)
        of_picture = is_image_shaped(seen.shape)
        yield Finding(
            id="calibration-constant-channel",
            severity=Severity.WARNING if of_picture else Severity.INFO,
            headline="A channel of an input holds the same value in every sample",
            evidence=f"{network.described(name)}: "
            f"{listed(values, MAX_NAMED)}, of {is_constant.size} channels",
            why="Calibration never saw what the network computes from other values there."
            if of_picture
            else "It may be a sensor that was off, or a feature that these samples do not show.",
            remedy=f"Unless it was an opaque alpha in training as well, give {named} of {name} "
            "what the network will see, and quantize again."
            if of_picture
            else (
                f"Check that {named} of {name} {'was' if channels.size == 1 else 'were'} filled in."
            ),
            layers=(name,),
            measured={"channels": float(channels.size), "of": float(is_constant.size)},
        )
