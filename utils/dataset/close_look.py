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

from utils.dataset.byte_order import ByteOrders, byte_orders
from utils.dataset.image_statistics import neighbour_correlation
from utils.dataset.layouts import AS_STORED, Layout, hidden_layouts, moved_to_planes
from utils.dataset.plane_order import evenness_of_steps, likeness_of_planes
from utils.dataset.positions import spread_positions
from utils.dataset.sample_blocks import empty_what_is_not_finite
from utils.dataset.sample_digests import Reading
from utils.dataset.wrapped_steps import WrappedSteps, wrapped_steps
from utils.har.image_like import is_image_shaped
from utils.har.network import Shape
from utils.har.statistics import ChannelStatistics

MOST_SAMPLES, FEWEST_SAMPLES = 16, 4  # looked at so closely, of small and of large ones
MOST_VALUES = 1 << 22  # of all of them together
VALUES = 256  # kept of every channel of such a sample
AT_ONCE = 1 << 18  # values, 1 MiB as float32: what stays in the cache between the steps


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
        self._is_image = is_image_shaped(shape)
        self._wrapped = WrappedSteps()
        self._byte_orders = ByteOrders()

    def add(self, samples: NDArray[Any]) -> None:
        """Look at samples (n, height, width, channels)."""
        step = max(1, AT_ONCE // max(samples[0].size, 1))
        for layout in self._layouts:
            for start in range(0, len(samples), step):
                found = _reading(samples[start : start + step], layout)
                before = self._readings.get(layout.expression)
                self._readings[layout.expression] = before.merged(found) if before else found
        if self._is_image:
            for start in range(0, len(samples), step):
                found_steps = wrapped_steps(samples[start : start + step])
                self._wrapped = self._wrapped.merged(found_steps)
                orders = byte_orders(samples[start : start + step])
                self._byte_orders = self._byte_orders.merged(orders)

    def readings(self) -> dict[str, Reading]:
        """By the expression of the layout; empty where the shape hides none, or nothing came."""
        return dict(self._readings)

    def wrapped(self) -> WrappedSteps:
        """Steps between neighbours of pictures; none where they are no 8-bit values."""
        return self._wrapped

    def byte_orders(self) -> ByteOrders:
        """Of pictures of 16 bit; nothing where they are no such."""
        return self._byte_orders


def _reading(samples: NDArray[Any], layout: Layout) -> Reading:
    planes = moved_to_planes(layout.read(samples))
    count, channels, height, width = planes.shape
    flat = planes.reshape(count, channels, height * width)
    empty_what_is_not_finite(flat)
    (places,) = spread_positions(height, width, VALUES)
    # A copy, as the planes are changed below.
    values = flat[:, :, places].swapaxes(1, 2).reshape(-1, channels)
    undoes_reshape = bool(layout.split)
    evenness = evenness_of_steps(planes) if undoes_reshape else np.zeros(0)
    likeness = likeness_of_planes(planes) if undoes_reshape else np.zeros(0)
    low, high, mean = flat.min(axis=2), flat.max(axis=2), flat.mean(axis=2)
    flat -= mean[:, :, None]
    flat[low == high] = 0.0  # a rounded mean would leave a spread
    variance = np.einsum("ncp,ncp->nc", flat, flat).astype(np.float64) / (height * width)
    return Reading(
        correlation=neighbour_correlation(planes),
        statistics=ChannelStatistics(
            low.min(axis=0).astype(np.float64),
            high.max(axis=0).astype(np.float64),
            mean.mean(axis=0, dtype=np.float64),
            (variance + np.square(mean, dtype=np.float64)).mean(axis=0),
            count * height * width,
        ),
        values=values,
        evenness=evenness,
        likeness=likeness,
    )
