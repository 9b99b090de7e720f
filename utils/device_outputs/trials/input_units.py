"""Values of sensors in another unit than the samples, as a device measures them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
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
from utils.facts.input_preparations import UNIT_FACTORS
from utils.stages.runs import Samples
from utils.wording import rounded

AXES = 3  # of an accelerometer, a gyroscope or a magnetometer
MOST_SENSORS = 3
_FACTORS = tuple(factor for factor, *_ in UNIT_FACTORS)
_OF_AXES = (16384.0, 1000.0, 57.2958, 9.80665)  # of these, those of accelerations and turns


def input_units(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """All channels of every input, or the three axes of one of several sensors, in another unit."""
    del facts
    sensed = {name: values for name, values in samples.items() if not are_pixels(values)}
    for channels in _parts(sensed):
        where = f"channels {channels.start} to {channels.stop - 1} of " if channels.stop else ""
        for factor in _OF_AXES if channels.stop else _FACTORS:
            for said, by in (
                (f"multiplied by {rounded(factor)}", factor),
                (f"divided by {rounded(factor)}", 1 / factor),
            ):
                changed = {n: by_frame(v, partial(_times, channels, by)) for n, v in sensed.items()}
                evidence = f"{where}samples {said}"
                yield from with_every_input("input-units", evidence, samples, changed)


def _parts(sensed: Mapping[str, NDArray[Any]]) -> Iterator[slice]:
    yield slice(None)
    counts = {values.shape[3] for values in sensed.values()}
    sensors = next(iter(counts)) // AXES if len(counts) == 1 else 0
    if 1 < sensors <= MOST_SENSORS and counts == {sensors * AXES}:
        yield from (slice(AXES * i, AXES * (i + 1)) for i in range(sensors))


def _times(channels: slice, factor: float, values: NDArray[Any]) -> NDArray[np.float64]:
    found = values.astype(np.float64)
    found[..., channels] *= factor
    return found
