"""Samples whose bytes lie in another order than the chip reads them, such as channels first.

HailoRT checks how many bytes an input has, not in which order its axes lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.trials.changed_samples import (
    ChangedSamples,
    InputFacts,
    by_frame,
    with_every_input,
)
from utils.stages.runs import Samples

# Where each of (samples, height, width, channels) went.
ORDERS = {
    "(channels, height, width)": (0, 3, 1, 2),
    "(width, height, channels)": (0, 2, 1, 3),
}


def input_layout(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """Every input in another order of axes, read as (height, width, channels)."""
    del facts
    for name_of_order, order in ORDERS.items():
        changed = {name: by_frame(v, partial(_lying, order)) for name, v in samples.items()}
        evidence = f"bytes of the samples in the order {name_of_order}"
        yield from with_every_input("input-layout", evidence, samples, changed)


def _lying(order: tuple[int, ...], frames: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(frames.transpose(order)).reshape(frames.shape)
