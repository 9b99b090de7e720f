"""Smooth pictures as a camera or a display stores them, and what can be made of them again."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
COUNT, HEIGHT, WIDTH = 6, 40, 56


def _smooth() -> Array:
    down, along = np.mgrid[0:HEIGHT, 0:WIDTH]
    random, found = np.random.default_rng(4), np.zeros((COUNT, HEIGHT, WIDTH, 3))
    for picture in found:
        for channel, level in enumerate((200, 110, 60)):
            a, b, c = random.uniform(0.05, 0.12, 3)
            picture[..., channel] = level + 45 * np.sin(a * down + b * along + 50 * c)
    return np.asarray(found.round(), np.uint8)


PHOTOS = _smooth()
GREYS = PHOTOS.mean(-1).astype(np.uint8)

# Brightness, then blue and red in turn, of two pixels each.
PACKED = np.zeros((COUNT, HEIGHT, WIDTH, 2), np.uint8)
PACKED[..., 0] = GREYS
PACKED[:, :, 0::2, 1], PACKED[:, :, 1::2, 1] = 108, 150
_LIGHT = 1.164 * (GREYS - 16.0)
UNPACKED = (
    np.stack(
        [_LIGHT + 1.596 * 22, _LIGHT + 0.391 * 20 - 0.813 * 22, _LIGHT - 2.018 * 20],
        -1,
    )
    .clip(0, 255)
    .round()
    .astype(np.uint8)
)

_FIVE, _SIX, _BLUE = (PHOTOS[..., k].astype(np.uint16) >> s for k, s in ((0, 3), (1, 2), (2, 3)))
BITS = _FIVE << 11 | _SIX << 5 | _BLUE
OF_BITS = np.stack([_FIVE * 255 // 31, _SIX.astype(np.uint32) * 255 // 63, _BLUE * 255 // 31], -1)
OF_BITS = OF_BITS.astype(np.uint8)

MOSAIC = PHOTOS[..., 1].copy()
MOSAIC[:, 0::2, 0::2] = PHOTOS[:, 0::2, 0::2, 0]
MOSAIC[:, 1::2, 1::2] = PHOTOS[:, 1::2, 1::2, 2]


def _of_squares() -> Array:
    made = np.zeros((COUNT, HEIGHT, WIDTH, 3), np.uint8)
    for top in range(0, HEIGHT, 2):
        for left in range(0, WIDTH, 2):
            red, blue = MOSAIC[:, top, left], MOSAIC[:, top + 1, left + 1]
            green = (MOSAIC[:, top, left + 1].astype(float) + MOSAIC[:, top + 1, left]) / 2
            colour = np.stack([red, green, blue], -1).astype(np.uint8)
            made[:, top : top + 2, left : left + 2] = colour[:, np.newaxis, np.newaxis]
    return made


OF_SQUARES = _of_squares()
