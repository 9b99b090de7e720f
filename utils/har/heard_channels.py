"""Channels whose values are small, and which the layers behind weigh so much that they count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.model import Model
from utils.har.network import Layer
from utils.har.weight_codes import array

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
CHANNELS_KEPT = frozenset({"maxpool", "avgpool"})
# Of what the channel that counts most brings to a layer. Next to it, a channel of one code that is
# weighed as all others brings less than a hundredth.
HEARD_SHARE = 0.1


def heard_channels(model: Model, layer: Layer, spans: Array) -> Flags:
    """Which channels a layer behind hears as it hears others; shape (channels,).

    What a channel brings is its span times the largest weight by which it is multiplied.

    Parameters
    ----------
    spans : of the values of the layer, (channels,).
    """
    heard = np.zeros(spans.size, np.bool_)
    for consumer in _consumers(model, layer):
        kernel = array(model.float_parameters.layer(consumer.name), "kernel")
        sizes = None if kernel is None else _by_input(consumer, kernel)
        if sizes is not None and sizes.size == spans.size and np.isfinite(sizes).all():
            brought = sizes * spans
            heard |= (brought > 0) & (brought >= HEARD_SHARE * brought.max())
    return heard


def _consumers(model: Model, layer: Layer) -> Iterator[Layer]:
    """Layers that multiply these channels by weights of their own."""
    for behind in model.network.successors(layer):
        if behind.type in CHANNELS_KEPT:
            yield from _consumers(model, behind)
        elif behind.type in ("conv", "dense") and behind.inputs[0] == layer.name:
            yield behind


def _by_input(layer: Layer, kernel: NDArray[Any]) -> Array | None:
    """The largest weight of every channel that comes in; None where groups share the axis."""
    if kernel.ndim < 2 or layer.params.get("groups", 1) != 1:
        return None
    flat = np.moveaxis(np.abs(kernel), -2, 0).reshape(kernel.shape[-2], -1)
    largest: Array = flat.max(axis=1).astype(np.float64)
    return largest
