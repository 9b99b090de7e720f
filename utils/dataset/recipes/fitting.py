"""What makes an array fit an input, whatever that takes."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from utils.dataset.recipes.axes import axis_steps
from utils.dataset.recipes.pictures import CHANNEL_STEPS, picture_steps
from utils.dataset.recipes.raw_pixels import are_whole_pictures, raw_pixel_steps
from utils.dataset.recipes.steps import Kind, Steps
from utils.har.network import Shape

FRAME_KINDS = {Kind.CONVERT_FRAMES, Kind.TAKE_BRIGHTNESS}
CHANNEL_KINDS = {step.kind for steps in CHANNEL_STEPS.values() for step in steps}


class Headed(Protocol):
    """An array of which no more is known than its header says."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the whole array."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of its values."""


def fitting_steps(
    array: Headed, expected: Shape, samples: NDArray[Any] | None = None
) -> Steps | None:
    """What makes an array fit: no steps where it fits already, None where nothing does.

    Parameters
    ----------
    expected : (height, width, channels) of one sample.
    samples : some of the array, which tell raw pixels from pictures of their shape.
    """
    if array.shape[1:] == expected:
        return ()
    if samples is not None and (raw := raw_pixel_steps(samples, expected)):
        return raw
    are_pictures = samples is not None and are_whole_pictures(samples)
    pictures = picture_steps(array.shape, expected, array.dtype, may_be_frames=not are_pictures)
    # Three pictures with alpha might as well be four whose channels and samples changed places.
    if pictures and pictures[-1].kind in CHANNEL_KINDS:
        return pictures
    if pictures and pictures[0].kind in FRAME_KINDS:
        return pictures
    return axis_steps(array.shape, expected) or pictures or None
