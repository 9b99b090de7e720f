"""The images that tests calibrate with: as smooth and as varied as photographs."""

from __future__ import annotations

import numpy as np

from tests.natural_images import natural_images


def test_neighbouring_pixels_are_alike_and_images_are_not() -> None:
    pixels = natural_images(64, seed=1)
    assert pixels.shape == (64, 64, 64, 3)
    assert pixels.dtype == np.uint8
    rows = pixels.astype(np.float64)
    alike = [np.corrcoef(r[:, 1:].ravel(), r[:, :-1].ravel())[0, 1] for r in rows]
    assert np.min(alike) > 0.8
    flat = rows.reshape(64, -1)
    assert np.abs(np.corrcoef(flat) - np.eye(64)).max() < 0.9
    assert rows.std(axis=(1, 2)).min() > 15
    assert pixels.min() < 16
    assert pixels.max() > 240
    assert np.mean((pixels == 0) | (pixels == 255)) < 0.05


def test_images_are_a_function_of_the_seed() -> None:
    images = natural_images(4, 32, 48, seed=5)
    assert images.shape == (4, 32, 48, 3)
    assert np.array_equal(images, natural_images(4, 32, 48, seed=5))
    assert not np.array_equal(images, natural_images(4, 32, 48, seed=6))


def test_kinds_differ_in_colour() -> None:
    pixels = natural_images(200, 32, 32, seed=2, kinds=2).astype(np.float64)
    redness = pixels.mean(axis=(1, 2)) @ np.array([1.0, -1.0, 0.0])
    first, second = redness[::2], redness[1::2]
    assert first.mean() > second.mean() + 2 * max(first.std(), second.std())
