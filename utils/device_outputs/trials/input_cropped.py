"""Images of which a host keeps the middle, where the samples show all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.trials.changed_samples import (
    ChangedSamples,
    InputFacts,
    by_frame,
    with_every_input,
)
from utils.device_outputs.trials.input_resized import (
    BILINEAR,
    Image,
    are_images,
    between_bars,
    lie_between_bars,
)
from utils.stages.runs import Samples

Shares = tuple[float, float]  # of height and width, that are left
# 224 pixels of 256, as classifiers are prepared, and the square in a frame of a camera, of samples
# that were stretched to a square.
MIDDLE = 224 / 256
WIDE, NARROW = 9 / 16, 3 / 4
CROPS: dict[str, Shares] = {
    f"the middle {MIDDLE:.1%} of the samples": (MIDDLE, MIDDLE),
    "the middle square of samples that are frames of 16:9": (1.0, WIDE),
    "the middle square of samples that are frames of 4:3": (1.0, NARROW),
    f"the middle {MIDDLE:.1%} of the square in frames of 16:9": (MIDDLE, MIDDLE * WIDE),
    f"the middle {MIDDLE:.1%} of the square in frames of 4:3": (MIDDLE, MIDDLE * NARROW),
}
BETWEEN_BARS = "the middle square between the bars of the samples"


def input_cropped(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """The middle of every image, brought to the size of the input."""
    del facts
    images = {name: values for name, values in samples.items() if are_images(values)}
    crops: dict[str, Shares | None]
    crops = {BETWEEN_BARS: None} if lie_between_bars(images) else {**CROPS}
    for evidence, shares in crops.items():
        changed = {name: by_frame(v, partial(_cropped, shares)) for name, v in images.items()}
        yield from with_every_input("input-cropped", evidence, samples, changed)


def _cropped(shares: Shares | None, images: NDArray[np.number]) -> Image:
    """Images of which the middle is left, as large as before.

    Parameters
    ----------
    shares : None for the square between bars.
    """
    return np.stack([_resized(image, _box(image, shares)) for image in images])


def _box(image: NDArray[np.number], shares: Shares | None) -> tuple[float, float, float, float]:
    """Left, upper, right and lower side of the middle, in pixels."""
    rows, columns = between_bars(image) or (slice(0, image.shape[0]), slice(0, image.shape[1]))
    whole = rows.stop - rows.start, columns.stop - columns.start
    height, width = (
        (min(whole),) * 2 if shares is None else (whole[0] * shares[0], whole[1] * shares[1])
    )
    top = rows.start + (whole[0] - height) / 2
    left = columns.start + (whole[1] - width) / 2
    return left, top, left + width, top + height


def _resized(image: NDArray[np.number], box: tuple[float, float, float, float]) -> Image:
    import PIL.Image

    height, width, channels = image.shape
    pictures = [
        PIL.Image.fromarray(np.ascontiguousarray(image[:, :, channel], np.float32))
        for channel in range(channels)
    ]
    resized = [np.asarray(each.resize((width, height), BILINEAR, box=box)) for each in pictures]
    return np.stack(resized, axis=2)
