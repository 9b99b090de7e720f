"""Images of one circle, square or triangle before a textured background, drawn by numpy alone.

Every image is a function of (seed, index), so a set can be grown without changing what is there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE = 64  # pixels
CLASS_NAMES = ("circle", "square", "triangle")
SMALLEST_RADIUS, LARGEST_RADIUS = 8.0, 18.0  # pixels, from the centre to the furthest corner
LEAST_CONTRAST = 55.0  # grey levels between shape and background, as a distance in RGB
SENSOR_NOISE = 4.0  # grey levels, standard deviation

Floats = NDArray[np.float64]
# Pixel centres: x to the right, y down, as boxes are given.
_Y, _X = np.mgrid[0:SIDE, 0:SIDE] + 0.5


@dataclass(frozen=True, eq=False)
class ShapeImages:
    """Images with what is in them.

    Parameters
    ----------
    pixels : uint8 (n, 64, 64, 3), RGB.
    boxes : float32 (n, 4), centre x, centre y, width, height in pixels.
    labels : int64 (n,), index into `CLASS_NAMES`.
    """

    pixels: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]


def shape_images(count: int, seed: int) -> ShapeImages:
    """The first `count` images of the set that `seed` names."""
    drawn = [_draw(np.random.default_rng([seed, index])) for index in range(count)]
    return ShapeImages(
        pixels=np.stack([pixels for pixels, _, _ in drawn]),
        boxes=np.array([box for _, box, _ in drawn], dtype=np.float32),
        labels=np.array([label for _, _, label in drawn], dtype=np.int64),
    )


def _draw(rng: np.random.Generator) -> tuple[NDArray[np.uint8], Floats, int]:
    label = int(rng.integers(len(CLASS_NAMES)))
    radius = rng.uniform(SMALLEST_RADIUS, LARGEST_RADIUS)
    centre = rng.uniform(radius + 1, SIDE - radius - 1, size=2)
    distance, box = _circle(centre, radius) if label == 0 else _polygon(rng, label, centre, radius)
    background = rng.uniform(50, 205) + rng.uniform(-40, 40, size=3)
    ground = background + _texture(rng, amplitude=rng.uniform(15, 45))
    body = _contrasting_colour(rng, background) + _texture(rng, amplitude=10)
    # One pixel of soft edge, as a lens makes it.
    cover = np.clip(0.5 - distance, 0, 1)[..., np.newaxis]
    light = (
        1
        + rng.uniform(-0.15, 0.15) * (_X / SIDE - 0.5)
        + rng.uniform(-0.15, 0.15) * (_Y / SIDE - 0.5)
    )
    scene = (ground * (1 - cover) + body * cover) * light[..., np.newaxis]
    scene += rng.normal(0, SENSOR_NOISE, size=scene.shape)
    return np.clip(np.rint(scene), 0, 255).astype(np.uint8), box, label


def _circle(centre: Floats, radius: float) -> tuple[Floats, Floats]:
    """Signed distance to the edge, (64, 64), negative inside, and the bounding box."""
    distance = np.hypot(_X - centre[0], _Y - centre[1]) - radius
    return distance, np.array([*centre, 2 * radius, 2 * radius])


def _polygon(
    rng: np.random.Generator, label: int, centre: Floats, radius: float
) -> tuple[Floats, Floats]:
    """The same for a regular polygon, turned by any angle."""
    sides = 4 if label == 1 else 3
    angles = rng.uniform(0, 2 * np.pi) + 2 * np.pi * np.arange(sides) / sides
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    corners = centre + radius * directions
    # The middle of each edge lies between two corners, nearer to the centre.
    normals = (directions + np.roll(directions, -1, axis=0)) / (2 * np.cos(np.pi / sides))
    along = np.tensordot(normals, np.stack([_X - centre[0], _Y - centre[1]]), axes=1)
    distance = (along - radius * np.cos(np.pi / sides)).max(axis=0)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return distance, np.concatenate([(low + high) / 2, high - low])


def _texture(rng: np.random.Generator, amplitude: float) -> Floats:
    """Smooth colour variation, (64, 64, 3): coarse patches with finer ones on top."""
    layers = (_upsampled(rng.normal(size=(cells, cells, 3))) / cells for cells in (3, 5, 9, 17))
    total = np.sum(list(layers), axis=0)
    # Most of the variation is common to the three colours, as it is under one light.
    total = 0.4 * total + 0.6 * total.mean(axis=2, keepdims=True) * np.sqrt(3)
    return np.asarray(amplitude * total / total.std())


def _upsampled(grid: Floats) -> Floats:
    """Bilinear interpolation of a (n, n, 3) grid to (64, 64, 3)."""
    cells = len(grid)
    at = np.linspace(0, cells - 1, SIDE)
    weights = np.maximum(1 - np.abs(at[:, np.newaxis] - np.arange(cells)), 0)
    rows = weights @ grid.reshape(cells, -1)  # (64, n * 3)
    return np.asarray(weights @ rows.reshape(SIDE, cells, 3))


def _contrasting_colour(rng: np.random.Generator, background: Floats) -> Floats:
    while True:
        colour = rng.uniform(10, 245, size=3)
        if np.linalg.norm(colour - background) >= LEAST_CONTRAST:
            return colour
