"""Made-up lines of text: signs one beside the other, light on dark or dark on light."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

GLYPHS = 6
HEIGHT, WIDTH, CELL = 16, 96, 4
PLACES = WIDTH // CELL
SIZE = 8  # of a sign, in pixels
NOISE = 6.0  # of a camera, in levels of 0..255
LEAST_CONTRAST = 90  # of every channel, between signs and their ground


@cache
def lines(count: int, seed: int) -> tuple[Array, Array]:
    """Pictures (samples, 16, 96, 3) uint8, and the sign at each of 24 places, 0 for none."""
    random = np.random.default_rng(seed)
    glyphs = _glyphs(random)
    images = np.zeros((count, HEIGHT, WIDTH, 3), np.float32)
    signs = np.zeros((count, PLACES), np.int32)
    for i in range(count):
        ground = random.uniform(20, 235)
        away = random.uniform(LEAST_CONTRAST, 140) * (-1 if ground > 127 else 1)
        tint = random.uniform(0.85, 1, 3)
        images[i] = ground * tint + np.linspace(0, random.uniform(-15, 15), WIDTH)[:, None]
        left = int(random.integers(1, 10))
        while left + SIZE < WIDTH - 1:
            sign, top = int(random.integers(GLYPHS)), int(random.integers(2, 7))
            images[i, top : top + SIZE, left : left + SIZE] += away * tint * glyphs[sign][..., None]
            signs[i, (left + SIZE // 2) // CELL] = sign + 1
            left += SIZE + int(random.integers(2, 14))
    images += random.normal(0, NOISE, images.shape)
    return np.clip(images, 0, 255).round().astype(np.uint8), signs


def _glyphs(random: np.random.Generator) -> list[Array]:
    """Patterns of strokes, each unlike the others."""
    found: list[Array] = []
    while len(found) < GLYPHS:
        coarse = random.random((4, 4)) < 0.5
        if not 6 <= coarse.sum() <= 10 or any((coarse != g).sum() < 6 for g in found):
            continue
        found.append(coarse)
    return [np.kron(coarse, np.ones((2, 2))) for coarse in found]
