"""Images for the benchmarks: smooth as photographs are, so that ranges are filled alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Cells along a side of the random fields that are added up; coarse ones weigh more.
OCTAVES = (4, 8, 16, 32, 64, 128)
FALL = 0.8


def smooth_images(count: int, side: int, seed: int = 1) -> NDArray[np.uint8]:
    """Images (count, side, side, 3) with values 0 to 255, each filling that range."""
    random = np.random.default_rng(seed)
    return np.stack([_image(side, random) for _ in range(count)])


def _image(side: int, random: np.random.Generator) -> NDArray[np.uint8]:
    total = np.zeros((side, side, 3), np.float32)
    for cells in OCTAVES:
        field = random.standard_normal((cells, cells, 3)).astype(np.float32)
        total += _enlarged(field, side) * (OCTAVES[0] / cells) ** FALL
    low, high = total.min(), total.max()
    return np.asarray(255 * (total - low) / (high - low), dtype=np.uint8)


def _enlarged(field: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    planes = [
        Image.fromarray(field[..., channel]).resize((side, side))  # bicubic unless told otherwise
        for channel in range(3)
    ]
    return np.stack([np.asarray(plane) for plane in planes], axis=-1)
