"""Colour images with the statistics of photographs: smooth random fields, not noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The amplitude of a photograph's spatial frequencies falls about like 1 / frequency.
FALL = 1.2
BRIGHTNESS, CONTRAST = (115.0, 140.0), (35.0, 45.0)  # grey levels: mean and spread of an image
COLOURS = 0.35  # spread of a colour difference within an image, as a share of its contrast
TINT = 28.0  # grey levels: how far the mean colour of a kind of scene lies from grey


def natural_images(
    count: int, height: int = 64, width: int = 64, seed: int = 0, kinds: int = 1
) -> NDArray[np.uint8]:
    """Images (count, height, width, 3): brightness and two colour differences of smooth fields.

    Parameters
    ----------
    kinds : of scenes, each with a tint of its own; sample i is of kind i % kinds.
    """
    random = np.random.default_rng(seed)
    luma, blue, red = (_smooth_fields(random, count, height, width) for _ in range(3))
    brightness, contrast = (
        random.uniform(*limits, (count, 1, 1)) for limits in (BRIGHTNESS, CONTRAST)
    )
    angle = 2 * np.pi * (np.arange(count) % kinds)[:, None, None] / kinds
    # Cameras expose and compress so that the lightest and darkest places are no single pixels.
    grey = brightness + contrast * np.tanh(luma) * 1.5
    blue = contrast * COLOURS * blue + TINT * np.sin(angle)
    red = contrast * COLOURS * red + TINT * np.cos(angle)
    pixels = np.stack([grey + red, grey - 0.5 * red - 0.2 * blue, grey + blue], axis=-1)
    return np.rint(np.clip(pixels, 0, 255)).astype(np.uint8)


def _smooth_fields(
    random: np.random.Generator, count: int, height: int, width: int
) -> NDArray[np.float64]:
    """Random fields (count, height, width), each of mean 0 and variance 1."""
    frequencies = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None, :])
    frequencies[0, 0] = np.inf
    noise = np.fft.fft2(random.standard_normal((count, height, width)))
    fields = np.fft.ifft2(noise * frequencies**-FALL).real
    spread: NDArray[np.float64] = fields.std(axis=(1, 2), keepdims=True)
    return fields / spread
