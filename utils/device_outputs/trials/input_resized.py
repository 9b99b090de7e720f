"""Images squashed where they are letterboxed, or the reverse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.trials.changed_samples import (
    PIXEL,
    ChangedSamples,
    InputFacts,
    are_scaled,
    with_every_input,
)
from utils.stages.runs import Samples

Image = NDArray[np.float32]
CHANNELS = (1, 3)
SMALLEST = 16  # pixels of a side
LEAST_BARS = 0.05  # of a side, above and below together
BILINEAR = 2  # the name that Pillow has for it moved between its versions
GREY = 114.0  # with which detectors are letterboxed
# Width by height of the frames that cameras give.
FRAMES = {"16:9": 16 / 9, "4:3": 4 / 3}


def input_resized(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """Images without their bars, stretched over the whole input; and with bars, squeezed."""
    del facts
    images = {name: v.astype(np.float32) for name, v in samples.items() if _are_images(v)}
    stretched = {name: _each(v, _stretched) for name, v in images.items()}
    evidence = "letterboxed samples stretched over the whole input"
    yield from with_every_input("input-resized", evidence, samples, stretched)
    if any(_bars(image) for v in images.values() for image in v):
        return
    for frame, ratio in FRAMES.items():
        for name_of_bars, bars in (("grey", GREY), ("black", 0.0)):
            boxed = {name: _letterboxed(v, ratio, bars) for name, v in images.items()}
            evidence = f"samples letterboxed as frames of {frame} with {name_of_bars} bars"
            yield from with_every_input("input-resized", evidence, samples, boxed)


def _are_images(values: NDArray[np.number]) -> bool:
    _, height, width, channels = values.shape
    return channels in CHANNELS and min(height, width) >= SMALLEST


def _each(images: Image, change: Callable[[Image], Image]) -> Image:
    return np.stack([change(image) for image in images])


def _bars(image: Image) -> tuple[slice, slice] | None:
    """Rows and columns between bars of one colour; None without bars."""
    corner = image[0, 0]
    differs = (image != corner).any(axis=2)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not rows.size or not columns.size:
        return None
    inner = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    sizes = zip(inner, image.shape[:2], strict=False)
    shares = [1 - (part.stop - part.start) / size for part, size in sizes]
    return inner if max(shares) >= LEAST_BARS else None


def _stretched(image: Image) -> Image:
    inner = _bars(image)
    if inner is None:
        return image
    height, width = image.shape[:2]
    return _resized(image[inner], height, width)


def _letterboxed(images: Image, ratio: float, bars: float) -> Image:
    """Images that fill the input, as frames of a ratio between bars above and below."""
    _, height, width, _ = images.shape
    inner = min(round(width / ratio), height)
    if inner >= height or inner < 1:
        return images
    top = (height - inner) // 2
    found = np.full_like(images, bars / PIXEL if are_scaled(images) else bars)
    for place, image in enumerate(images):
        found[place, top : top + inner] = _resized(image, inner, width)
    return found


def _resized(image: Image, height: int, width: int) -> Image:
    import PIL.Image

    def resized(channel: Image) -> Image:
        picture = PIL.Image.fromarray(np.ascontiguousarray(channel))
        return np.asarray(picture.resize((width, height), BILINEAR))

    return np.stack([resized(image[:, :, place]) for place in range(image.shape[2])], axis=2)
