"""Dumps of the same samples that differ: the chip does not repeat itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from utils.device_outputs.comparing import Output
from utils.stages import Reason
from utils.wording import without_scope

# The arithmetic of the chip is that of integers: nothing in it may come out otherwise.
LARGEST_SHARE = 0.0


def not_repeatable(dumps: Sequence[Sequence[Output]]) -> tuple[Reason, ...]:
    """A reason where an output differs between two dumps; the output that differs most is told."""
    worst: tuple[float, Reason] | None = None
    for place, one in enumerate(dumps):
        for other in dumps[place + 1 :]:
            for found in _differing(one, other):
                if worst is None or found[0] > worst[0]:
                    worst = found
    return (worst[1],) if worst else ()


def _differing(one: Sequence[Output], other: Sequence[Output]) -> list[tuple[float, Reason]]:
    by_layer = {output.match.layer: output for output in other}
    found = []
    for output in one:
        layer = output.match.layer
        if layer not in by_layer:
            continue
        expected = output.found.expected
        first, second = output.found.values, by_layer[layer].found.values
        step = 1.0 if expected.scales is None else expected.scales
        distance = np.abs(first - second) / step
        share = float((distance >= 0.5).mean())
        if share > LARGEST_SHARE:
            unit = "values" if expected.scales is None else "codes"
            evidence = (
                f"{share:.1%} of the {unit} of {without_scope(layer)} differ between two dumps of "
                f"the same samples, by up to {distance.max():.0f}"
            )
            found.append((share, Reason("not-repeatable", evidence, layers=(layer,))))
    return found
