"""Dumps of the same samples that differ: the chip does not repeat itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utils.device_outputs.apart import NEAR_CODES, NEAR_SHARE
from utils.device_outputs.comparing import Output
from utils.stages import Reason
from utils.wording import without_scope

# Of the codes; more that lie farther apart than rounding moves them are a difference of their own.
LARGEST_SHARE = 1 - NEAR_SHARE


@dataclass(frozen=True)
class Repetition:
    """What comes of comparing dumps of the same samples.

    Parameters
    ----------
    reasons : the reason where any code differs, as it is the arithmetic of integers that runs.
    is_apart : whether they differ by more than emulation and chip may.
    """

    reasons: tuple[Reason, ...] = ()
    is_apart: bool = False


def repetition(dumps: Sequence[Sequence[Output]]) -> Repetition:
    """Whether outputs differ between dumps; the output that differs most is told."""
    worst: tuple[float, float, Reason] | None = None
    for place, one in enumerate(dumps):
        for other in dumps[place + 1 :]:
            for found in _differing(one, other):
                if worst is None or found[:2] > worst[:2]:
                    worst = found
    return Repetition((worst[2],), worst[0] > LARGEST_SHARE) if worst else Repetition()


def _differing(one: Sequence[Output], other: Sequence[Output]) -> list[tuple[float, float, Reason]]:
    """Share of codes that lie far apart, of those that differ, and what to say."""
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
        if share > 0:
            unit = "values" if expected.scales is None else "codes"
            evidence = (
                f"{share:.1%} of the {unit} of {without_scope(layer)} differ between two dumps of "
                f"the same samples, by up to {distance.max():.0f}"
            )
            far = float((distance > NEAR_CODES + 0.5).mean())
            found.append((far, share, Reason("not-repeatable", evidence, layers=(layer,))))
    return found
