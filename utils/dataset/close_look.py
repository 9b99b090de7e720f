"""What some samples are like in each order in which their values may lie.

A few samples, spread over the file, tell it: to look at all in every order would cost a multiple
of the time that the other digests take.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.dataset.calibration_set import LARGEST_VALUE
from utils.dataset.image_statistics import neighbour_correlation
from utils.dataset.layouts import AS_STORED, Layout, hidden_layouts, moved_to_planes
from utils.dataset.sample_digests import Reading
from utils.har.network import Shape
from utils.har.statistics import ChannelStatistics

MOST_SAMPLES, FEWEST_SAMPLES = 16, 4  # looked at so closely, of small and of large ones
MOST_VALUES = 1 << 22  # of all of them together
VALUES = 256  # kept of every channel of such a sample


def places_looked_at(samples: int, shapes: Iterable[Shape]) -> NDArray[np.int64]:
    """Which samples to look at, spread over so many, where inputs have these shapes."""
    largest = max((prod(shape) for shape in shapes), default=1)
    count = min(MOST_SAMPLES, max(FEWEST_SAMPLES, MOST_VALUES // max(largest, 1)))
    return np.asarray(np.linspace(0, samples - 1, count).round(), np.int64)


class CloseLook:
    """Takes samples of one input, and gives their readings in every order that the shape hides."""

    def __init__(self, shape: Shape) -> None:
        """Say of which shape (height, width, channels) the samples are."""
        hidden = hidden_layouts(shape)
        self._layouts = (AS_STORED, *hidden) if hidden else ()
        self._readings: dict[str, Reading] = {}

    def add(self, samples: NDArray[Any]) -> None:
        """Look at samples (n, height, width, channels)."""
        for layout in self._layouts:
            found = _reading(samples, layout)
            before = self._readings.get(layout.expression)
            self._readings[layout.expression] = before.merged(found) if before else found

    def readings(self) -> dict[str, Reading]:
        """By the expression of the layout; empty where the shape hides none, or nothing came."""
        return dict(self._readings)


def _reading(samples: NDArray[Any], layout: Layout) -> Reading:
    planes = moved_to_planes(layout.read(samples))
    planes[~(np.abs(planes) <= LARGEST_VALUE)] = 0.0
    count, channels, height, width = planes.shape
    flat = planes.reshape(count, channels, height * width)
    step = max(1, height * width // VALUES)
    values = np.array(flat[:, :, step // 2 :: step].swapaxes(1, 2)).reshape(-1, channels)
    mean = flat.mean(axis=2, dtype=np.float64)
    centred = planes - mean.astype(np.float32)[:, :, None, None]
    variance = np.square(centred).mean(axis=(2, 3), dtype=np.float64)
    return Reading(
        correlation=neighbour_correlation(centred),
        statistics=ChannelStatistics(
            flat.min(axis=(0, 2)).astype(np.float64),
            flat.max(axis=(0, 2)).astype(np.float64),
            mean.mean(axis=0),
            (variance + mean**2).mean(axis=0),
            count * height * width,
        ),
        values=values,
    )
