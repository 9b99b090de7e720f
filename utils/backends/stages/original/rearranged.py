"""What lies in another order than in the original: the axes of a kernel, the inputs of a concat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, permutations
from typing import Any

from numpy.typing import NDArray

from utils.har.network import Layer, Shape

MOST_ORDERS = 24  # of four tensors; those that come first exchange the last ones
_ORDERED = ("concat", "ew_sub", "ew_div")  # what depends on the order of its inputs
Kernel = NDArray[Any]


def other_kernels(
    layer: Layer, kernel: Kernel, entering: Shape | None
) -> Iterator[tuple[str, Kernel]]:
    """A kernel with its axes exchanged or turned, with what is said of it.

    Parameters
    ----------
    entering : shape of what enters the layer, which a dense one flattens.
    """
    if layer.type == "dense" and entering is not None:
        yield from _flattened_otherwise(kernel, entering)
    if kernel.ndim == 4 and kernel.shape[0] == kernel.shape[1] > 1:
        yield "the kernel with height and width exchanged", kernel.swapaxes(0, 1)
    if kernel.ndim == 4 and max(kernel.shape[:2]) > 1:
        yield "the kernel turned by 180 degrees", kernel[::-1, ::-1]
    if kernel.shape[-1] == kernel.shape[-2] > 1:
        yield "the kernel with channels in and out exchanged", kernel.swapaxes(-1, -2)


def _flattened_otherwise(kernel: Kernel, entering: Shape) -> Iterator[tuple[str, Kernel]]:
    height, width, channels = entering
    if (
        kernel.size // kernel.shape[-1] != height * width * channels
        or min(channels, height * width) < 2
    ):
        return
    by_channel = kernel.reshape(channels, height, width, -1).transpose(1, 2, 0, 3)
    yield "the kernel for values that lie by channel", by_channel.reshape(kernel.shape)
    by_place = kernel.reshape(height, width, channels, -1).transpose(2, 0, 1, 3)
    yield "the kernel for values that lie by place", by_place.reshape(kernel.shape)


def other_orders(layer: Layer) -> Iterator[tuple[str, Layer]]:
    """A layer of the same tensors in another order, with what is said of it."""
    if layer.type not in _ORDERED or len(set(layer.inputs)) < 2:
        return
    places = range(len(layer.inputs))
    for order in islice(permutations(places), 1, MOST_ORDERS):
        shapes = layer.input_shapes
        changed = replace(
            layer,
            inputs=tuple(layer.inputs[place] for place in order),
            input_shapes=tuple(shapes[p] for p in order) if len(shapes) == len(order) else shapes,
        )
        said = " ".join(str(place + 1) for place in order)
        yield f"its inputs in the order {said}", changed
