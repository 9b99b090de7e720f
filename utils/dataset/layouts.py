"""Orders in which the values of a sample may lie although the shape is right.

Each is a reading of the array at hand: moved so, it would be (samples, height, width, channels).
The line of numpy is made of the same numbers as the reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.image_like import is_image_shaped
from utils.har.network import Shape

Array = NDArray[Any]
Order = tuple[int, int, int, int]
CHANNELS_FIRST: Order = (0, 2, 3, 1)  # from there
TO_CHANNELS_FIRST: Order = (0, 3, 1, 2)
SHORTEST_SIDE = 8  # shorter axes have too few neighbours to tell


@dataclass(frozen=True)
class Layout:
    """One reading of an array (samples, height, width, channels).

    Parameters
    ----------
    done : what was done to the right array to get the one at hand.
    split : sizes that the axes behind the samples are reshaped to first; () for none.
    order : of all four axes afterwards.
    joined : sizes that they are reshaped to at last; () for none.
    is_mended : whether it undoes a mistake that scripts make; others are what their arrays look
        like, read as they are.
    """

    done: str
    split: tuple[int, ...] = ()
    order: Order = (0, 1, 2, 3)
    joined: tuple[int, ...] = ()
    is_mended: bool = True

    @property
    def expression(self) -> str:
        """The reading as numpy, of an array x."""
        text = "x"
        if self.split:
            text += f".reshape{(-1, *self.split)}"
        if self.order != (0, 1, 2, 3):
            text += f".transpose{self.order}"
        return text + (f".reshape{(-1, *self.joined)}" if self.joined else "")

    def read(self, array: Array) -> Array:
        """The array in this reading; shape (samples, height, width, channels)."""
        if self.split:
            array = array.reshape(-1, *self.split)
        array = array.transpose(self.order)
        return array.reshape(-1, *self.joined) if self.joined else array


AS_STORED = Layout("as it is")


def hidden_layouts(shape: Shape) -> tuple[Layout, ...]:
    """Readings of samples of a (height, width, channels) that their shape does not tell apart."""
    height, width, channels = shape
    if channels == 1 or min(height, width) < SHORTEST_SIDE:
        return ()
    found = []
    if is_image_shaped(shape):
        found += [
            Layout(
                "channels first, and reshaped instead of transposed",
                (channels, height, width),
                CHANNELS_FIRST,
            ),
            Layout(
                "transposed to channels first, although reshaped before",
                order=TO_CHANNELS_FIRST,
                joined=shape,
                is_mended=False,
            ),
        ]
    if height == width == channels:
        found += [
            Layout("channels first", order=CHANNELS_FIRST),
            Layout("transposed twice", order=TO_CHANNELS_FIRST, is_mended=False),
        ]
    elif channels == height:
        found.append(Layout("with height and channels exchanged", order=(0, 3, 2, 1)))
    elif channels == width:
        found.append(Layout("with width and channels exchanged", order=(0, 1, 3, 2)))
    return tuple(found)


def moved_to_planes(array: Array) -> NDArray[np.float32]:
    """A copy of samples (n, height, width, channels) as planes (n, channels, height, width)."""
    return np.array(array.transpose(TO_CHANNELS_FIRST), dtype=np.float32, order="C")
