"""Made-up samples whose truth is known: pictures, spectrograms, tables and flows of packets."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

NOISE = 4.0  # of a camera, in levels of 0..255
LEAST_CONTRAST = 100  # between a shape and its background, summed over the channels


class Pictures(NamedTuple):
    """Coloured shapes before soft backgrounds.

    Parameters
    ----------
    images : (samples, side, side, 3) uint8.
    labels : (samples, shapes), which shape; its colour leans towards one of its own.
    boxes : (samples, shapes, 4): centre x, y, width, height in pixels.
    masks : (samples, side, side): 0 for the background, else label + 1.
    """

    images: Array
    labels: Array
    boxes: Array
    masks: Array


@cache
def pictures(count: int, side: int, seed: int, kinds: int = 4, shapes: int = 1) -> Pictures:
    """Pictures with so many shapes in each."""
    random = np.random.default_rng(seed)
    palette = random.uniform(30, 225, (kinds, 3))
    images = np.zeros((count, side, side, 3), np.float32)
    labels = random.integers(0, kinds, (count, shapes))
    boxes = np.zeros((count, shapes, 4), np.float32)
    masks = np.zeros((count, side, side), np.int32)
    reach = (0.2, 0.32) if shapes == 1 else (0.11, 0.18)
    for i in range(count):
        base, images[i] = _background(side, random)
        for j in range(shapes):
            radius = side * random.uniform(*reach)
            x, y = random.uniform(radius, side - radius, 2)
            inside = _shape(labels[i, j], side, x, y, radius)
            colour = 0.75 * palette[labels[i, j]] + 0.25 * random.uniform(0, 255, 3)
            if np.abs(colour - base).sum() < LEAST_CONTRAST:
                colour = 255 - base
            images[i][inside], masks[i][inside] = colour, labels[i, j] + 1
            rows, columns = np.nonzero(inside)
            left, right, top, bottom = columns.min(), columns.max(), rows.min(), rows.max()
            size = (right - left + 1, bottom - top + 1)
            boxes[i, j] = ((left + right + 1) / 2, (top + bottom + 1) / 2, *size)
    images += random.normal(0, NOISE, images.shape)
    return Pictures(np.clip(images, 0, 255).round().astype(np.uint8), labels, boxes, masks)


def _background(side: int, random: np.random.Generator) -> tuple[Array, Array]:
    rows, columns = np.mgrid[0:side, 0:side] / side - 0.5
    base = random.uniform(20, 200, 3) * (1, 0.9, 0.75)
    slopes = random.uniform(-35, 35, (2, 3))
    angle, waves = random.uniform(0, 2 * np.pi), random.uniform(0.5, 3)
    along = np.sin(2 * np.pi * waves * (columns * np.cos(angle) + rows * np.sin(angle)))
    slope = rows[..., None] * slopes[0] + columns[..., None] * slopes[1]
    return base, base + 2 * slope + 15 * along[..., None]


def _shape(kind: int, side: int, x: float, y: float, radius: float) -> Array:
    rows, columns = np.mgrid[0:side, 0:side]
    dx, dy = np.abs(columns - x), rows - y
    farthest, away = np.maximum(dx, np.abs(dy)), np.hypot(dx, dy)
    inside: Array = [
        away < radius,
        farthest < 0.85 * radius,
        (dy > -0.8 * radius) & (dx < 0.55 * (dy + 0.8 * radius)) & (dy < 0.8 * radius),
        (np.minimum(dx, np.abs(dy)) < 0.28 * radius) & (farthest < radius),
        np.abs(away - 0.75 * radius) < 0.25 * radius,
    ][kind]
    inside[min(int(y), side - 1), min(int(x), side - 1)] = True  # never empty
    return inside


@cache
def spectrograms(count: int, seed: int, classes: int = 5) -> tuple[Array, Array]:
    """Logarithms of energies (samples, 1, 48 frames, 32 bands), standardized; their class."""
    random = np.random.default_rng(seed)
    frames, bands = np.mgrid[0:48, 0:32]
    labels = random.integers(0, classes, count)
    energy = 10 ** (-6 + random.normal(0, 0.25, (count, 48, 32)))
    slopes, beats = random.uniform(-0.25, 0.25, classes), random.uniform(0.1, 0.7, classes)
    for i, label in enumerate(labels):
        centre = random.uniform(6, 26) + slopes[label] * (frames - 24)
        beat = 0.5 + 0.5 * np.sin(beats[label] * frames + random.uniform(0, 6))
        loud = 10 ** random.uniform(-3, -0.5)
        energy[i] += loud * beat * np.exp(-(((bands - centre) / 1.5) ** 2))
    values = (np.maximum(10 * np.log10(energy), -80) + 55) / 15
    return values[:, None].astype(np.float32), labels


@cache
def table(count: int, seed: int, columns: int = 12, classes: int = 3) -> tuple[Array, Array]:
    """Rows (samples, 1, 1, columns) of correlated columns, standardized; their class."""
    random = np.random.default_rng(seed)
    plain = random.normal(0, 1, (count, columns))
    mixed = plain + plain @ random.normal(0, 0.4, (columns, columns))
    weights = random.normal(0, 1, (3, columns, classes))
    scores = mixed @ weights[0] + np.sin(1.3 * mixed) @ weights[1]
    scores += (mixed * np.roll(mixed, 1, 1)) @ weights[2] * 0.5
    values = (mixed - mixed.mean(0)) / mixed.std(0)
    return values.reshape(count, 1, 1, columns).astype(np.float32), scores.argmax(1)


@cache
def flows(count: int, seed: int, columns: int = 20) -> tuple[Array, Array]:
    """Flows of packets (samples, 1, 1, columns) with long tails, from 0 to 1; attack or not."""
    random = np.random.default_rng(seed)
    spreads, tails = random.uniform(0.3, 1.6, columns), random.uniform(0, 1, columns)
    attack = random.random(count) < 0.4
    shift = random.normal(0, 0.9, columns)
    values = np.exp(random.normal(0, 1, (count, columns)) * spreads + attack[:, None] * shift)
    values[random.random(values.shape) < 0.3 * tails] = 0
    largest = np.quantile(values, 0.999, axis=0)
    scaled = np.minimum(values / largest, 1).reshape(count, 1, 1, columns)
    return scaled.astype(np.float32), attack.astype(np.int32)
