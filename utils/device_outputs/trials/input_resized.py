"""Images squashed where they are letterboxed, or the reverse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.trials.changed_samples import (
    PIXEL,
    ChangedSamples,
    InputFacts,
    are_scaled,
    by_frame,
    with_every_input,
)
from utils.stages.runs import Samples

Image = NDArray[np.float32]  # (samples, height, width, channels), or one of them
Change = Callable[[Image, bool], Image]  # of frames whose values reach 1, or else 255
Corner = Callable[[tuple[slice, slice]], tuple[int, int]]
CHANNELS = (1, 3)
SMALLEST = 16  # pixels of a side
LEAST_BARS = 0.05  # of a side, above and below together
BARRED_SHARE = 0.5  # of the images
BILINEAR = 2  # the name that Pillow has for it moved between its versions
GREY, BLACK = 114.0, 0.0  # with which detectors are letterboxed
# Width by height of the frames that cameras give.
FRAMES = {"16:9": 16 / 9, "4:3": 4 / 3}


def input_resized(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """Images without their bars, with them elsewhere or in another colour, or with new ones."""
    del facts
    images = {name: values for name, values in samples.items() if are_images(values)}
    changes = OF_BARS if lie_between_bars(images) else NEW_BARS
    are_up_to_1 = {name: are_scaled(values) for name, values in images.items()}
    for evidence, change in changes.items():
        changed = {
            name: by_frame(values, partial(_changed, change, are_up_to_1[name]))
            for name, values in images.items()
        }
        yield from with_every_input("input-resized", evidence, samples, changed)


def _changed(change: Change, is_scaled: bool, images: NDArray[np.number]) -> Image:
    return change(images.astype(np.float32), is_scaled)


def are_images(values: NDArray[np.number]) -> bool:
    """Whether samples have the shape of pictures, grey or in colour."""
    _, height, width, channels = values.shape
    return channels in CHANNELS and min(height, width) >= SMALLEST


def lie_between_bars(images: Mapping[str, NDArray[np.number]]) -> bool:
    """Whether half of the images have bars; the border of a single one may be plain by chance."""
    found = [between_bars(image) is not None for values in images.values() for image in values]
    return bool(found) and float(np.mean(found)) >= BARRED_SHARE


def between_bars(image: NDArray[np.number]) -> tuple[slice, slice] | None:
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


def _stretched(images: Image, is_scaled: bool) -> Image:
    """What lies between bars, over the whole input."""
    del is_scaled
    _, height, width, _ = images.shape
    found = [(image, between_bars(image)) for image in images]
    return np.stack([_resized(i[inner], height, width) if inner else i for i, inner in found])


def _moved(images: Image, is_scaled: bool) -> Image:
    """What lies between bars, in the upper left corner."""
    del is_scaled
    return _with_bars(images, lambda inner: (0, 0))


def _coloured(level: float) -> Change:
    def coloured(images: Image, is_scaled: bool) -> Image:
        own = _level(level, is_scaled)
        return _with_bars(images, lambda inner: (inner[0].start, inner[1].start), own)

    return coloured


def _with_bars(images: Image, corner: Corner, level: float | None = None) -> Image:
    """What lies between bars, put elsewhere, or between bars of another level."""
    found = []
    for image in images:
        inner = between_bars(image)
        changed = image.copy()
        if inner is not None:
            held = image[inner]
            changed[:] = image[0, 0] if level is None else level
            top, left = corner(inner)
            changed[top : top + held.shape[0], left : left + held.shape[1]] = held
        found.append(changed)
    return np.stack(found)


def _letterboxed(ratio: float, level: float, *, is_on_top: bool = False) -> Change:
    """Makes frames of a ratio of images that fill the input, with bars above and below."""

    def letterboxed(images: Image, is_scaled: bool) -> Image:
        _, height, width, _ = images.shape
        inner = min(round(width / ratio), height)
        if inner >= height or inner < 1:
            return images
        top = 0 if is_on_top else (height - inner) // 2
        found = np.full_like(images, _level(level, is_scaled))
        for place, image in enumerate(images):
            found[place, top : top + inner] = _resized(image, inner, width)
        return found

    return letterboxed


def _level(level: float, is_scaled: bool) -> float:
    return level / PIXEL if is_scaled else level


def _resized(image: Image, height: int, width: int) -> Image:
    import PIL.Image

    def resized(channel: Image) -> Image:
        picture = PIL.Image.fromarray(np.ascontiguousarray(channel))
        return np.asarray(picture.resize((width, height), BILINEAR))

    return np.stack([resized(image[:, :, place]) for place in range(image.shape[2])], axis=2)


OF_BARS: dict[str, Change] = {
    "letterboxed samples stretched over the whole input": _stretched,
    "samples with their bars on the right and below alone": _moved,
    "samples with grey bars": _coloured(GREY),
    "samples with black bars": _coloured(BLACK),
}
NEW_BARS: dict[str, Change] = {
    f"samples letterboxed as frames of {frame} with {colour} bars{where}": _letterboxed(
        ratio, level, is_on_top=is_on_top
    )
    for where, is_on_top in (("", False), (" below alone", True))
    for frame, ratio in FRAMES.items()
    for colour, level in (("grey", GREY), ("black", BLACK))
}
