"""The geometry of sliding windows: four padding modes, and the tensors padded by them.

VALID            nothing is padded
SAME_TENSORFLOW  ceil(size / stride) windows; of the padding needed, the smaller half comes first
SAME             ceil(size / stride) windows; (extent - 1) // 2 come first, as in Caffe, and as
                 many as the last window needs come last
DECONV           size * stride values leave a transposed convolution; half of the surplus,
                 rounded down, is cut off first

Everything is known when the graph is traced, so it is plain arithmetic on integers.
"""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf

from utils.emulator.operations.attributes import (
    bounded,
    spatial_pair,
    static_shape,
    text,
    unsupported,
)
from utils.har.network import Layer

PADDING_MODES = ("VALID", "SAME", "SAME_TENSORFLOW")
DECONV_MODES = (*PADDING_MODES, "DECONV")

# Values before and after, along one axis.
Margin = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """A window that slides along one axis: `size` taps, `dilation` apart, moved by `stride`."""

    size: int
    stride: int = 1
    dilation: int = 1

    @property
    def extent(self) -> int:
        """Input values from the first tap to the last."""
        return (self.size - 1) * self.dilation + 1


def windows_of(layer: Layer, kernel: tuple[int, int]) -> tuple[Window, Window]:
    """Windows along height and width, with the strides and dilations of the layer."""
    strides = spatial_pair(layer, "strides")
    dilations = spatial_pair(layer, "dilations", default=(1, 1))
    return (
        Window(kernel[0], strides[0], dilations[0]),
        Window(kernel[1], strides[1], dilations[1]),
    )


def margin(mode: str, size: int, window: Window) -> Margin:
    """Padding before and after an axis of `size` values."""
    if mode == "VALID":
        return 0, 0
    steps = -(-size // window.stride)
    needed = (steps - 1) * window.stride + window.extent - size
    if mode == "SAME_TENSORFLOW":
        total = max(needed, 0)
        return total // 2, total - total // 2
    before = (window.extent - 1) // 2
    return before, max(needed - before, 0)


def transposed_margin(mode: str, window: Window, surplus: int) -> Margin:
    """What is cut off before and after the `surplus` of a transposed convolution.

    A negative margin is appended as zeros: a kernel smaller than its stride leaves gaps.
    """
    before = (window.extent - 1) // 2 if mode == "SAME" else surplus // 2
    before = max(min(before, surplus), 0)
    return before, surplus - before


def margins(layer: Layer, tensor: tf.Tensor, windows: tuple[Window, Window]) -> list[Margin]:
    """Padding of height and width that the layer's padding mode asks for."""
    mode = text(layer, "padding", PADDING_MODES)
    height, width, _ = static_shape(tensor)
    found = [
        margin(mode, size, window) for size, window in zip((height, width), windows, strict=True)
    ]
    for size, window, (before, after) in zip((height, width), windows, found, strict=True):
        if before + size + after < window.extent:
            raise unsupported(
                layer,
                f"its window of {window.extent} values does not fit into {size} padded by "
                f"{before + after}",
            )
    return found


def strides_taken(tensor: tf.Tensor, windows: tuple[Window, Window]) -> tuple[tf.Tensor, list[int]]:
    """The strides, 1 where a window has a single position, and the tensor cut to that position.

    The result is the same by definition, but TensorFlow 2.21 with oneDNN gets convolutions of
    one channel wrong if their stride along the width is never taken.
    """
    ends, strides = [], []
    for size, window in zip(static_shape(tensor), windows, strict=False):
        single = size - window.extent < window.stride
        ends.append(window.extent if single else size)
        strides.append(1 if single else window.stride)
    if ends != list(static_shape(tensor)[:2]):
        tensor = tensor[:, : ends[0], : ends[1]]
    return tensor, strides


def padded(layer: Layer, tensor: tf.Tensor, found: list[Margin], value: float) -> tf.Tensor:
    """The tensor with `value` around it; the tensor itself if nothing is to be padded."""
    if not any(before or after for before, after in found):
        return tensor
    height, width, channels = static_shape(tensor)
    (top, bottom), (left, right) = found
    bounded(layer, (height + top + bottom, width + left + right, channels))
    around = [[0, 0], [top, bottom], [left, right], [0, 0]]
    return tf.pad(tensor, around, constant_values=tf.cast(value, tensor.dtype))
