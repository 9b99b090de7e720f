"""Axes of a sensor in another order or direction than the samples, as it is mounted otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import permutations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.trials.changed_samples import (
    ChangedSamples,
    InputFacts,
    are_pixels,
    by_frame,
    with_every_input,
)
from utils.device_outputs.trials.input_units import AXES, MOST_SENSORS
from utils.stages.runs import Samples

Way = tuple[tuple[int, ...], tuple[int, ...]]  # axis of the samples for each, and its sign
NAMES = "xyz"
WAYS: tuple[Way, ...] = tuple(product(permutations(range(AXES)), product((1, -1), repeat=AXES)))[1:]


def input_axes(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """Every sensor of three axes, in a row of measurements, turned or mirrored in the same way."""
    del facts
    sensed = {name: values for name, values in samples.items() if _is_of_axes(values)}
    if len(sensed) != 1:
        return
    for way in WAYS:
        changed = {name: by_frame(v, partial(_turned, way)) for name, v in sensed.items()}
        said = ", ".join(
            f"{'-' * (sign < 0)}{NAMES[axis]}" for axis, sign in zip(*way, strict=True)
        )
        evidence = f"{said} of the samples for x, y, z"
        yield from with_every_input("input-axes", evidence, samples, changed)


def _is_of_axes(values: NDArray[Any]) -> bool:
    channels = values.shape[3]
    are_in_a_row = values.shape[1] == 1 < values.shape[2]
    is_of_sensors = channels % AXES == 0 and channels <= AXES * MOST_SENSORS
    return are_in_a_row and is_of_sensors and not are_pixels(values)


def _turned(way: Way, values: NDArray[Any]) -> NDArray[np.float64]:
    axes, signs = (np.array(each) for each in way)
    sensors = np.arange(values.shape[3]).reshape(-1, AXES)
    found: NDArray[np.float64] = values[..., sensors[:, axes].ravel()].astype(np.float64)
    found *= np.tile(signs, len(sensors))
    return found
