"""Frames of a camera that hangs upside down, lies on its side, or shows a mirror image."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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

Turn = Callable[[NDArray[Any]], NDArray[Any]]
# All of (samples, height, width, channels).
TURNS: dict[str, Turn] = {
    "mirrored from left to right": lambda values: values[:, :, ::-1],
    "mirrored from top to bottom": lambda values: values[:, ::-1],
    "turned by 180 degrees": lambda values: values[:, ::-1, ::-1],
    "turned by 90 degrees to the left": lambda values: np.rot90(values, 1, (1, 2)),
    "turned by 90 degrees to the right": lambda values: np.rot90(values, -1, (1, 2)),
}


def input_turned(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """Every input whose shape allows it, turned or mirrored."""
    del facts
    for said, turn in TURNS.items():
        turned = {
            name: by_frame(values, turn)
            for name, values in samples.items()
            if turn(values).shape == values.shape  # which copies nothing
        }
        yield from with_every_input("input-turned", f"samples {said}", samples, turned)
