"""Planes of reshaped pictures against those of pictures in order."""

from __future__ import annotations

import numpy as np
import pytest

from tests.fixtures.natural_images import natural_images
from utils.dataset.plane_order import Planes, evenness_of_steps, likeness_of_planes

PICTURES = natural_images(16, 48, 48, seed=3).astype(np.float32)
GREY = np.repeat(PICTURES[..., :1], 3, axis=-1)
BARS = PICTURES.copy()
BARS[:, :, :12], BARS[:, :, -12:] = 114.0, 114.0


def read_as_reshaped(pictures: Planes) -> Planes:
    return pictures.reshape(len(pictures), 3, 48, 48)


@pytest.mark.parametrize("pictures", [PICTURES, GREY, BARS, PICTURES / 255])
def test_reshaped_ones_are_even(pictures: Planes) -> None:
    planes = pictures.transpose(0, 3, 1, 2)
    assert np.median(evenness_of_steps(planes)) > 0.9
    assert np.median(likeness_of_planes(planes)) > 0.8


@pytest.mark.parametrize(
    ("pictures", "most"), [(PICTURES, 0.7), (PICTURES / 255, 0.7), (BARS, 0.7), (GREY, 0.0)]
)
def test_ones_in_order_are_not(pictures: Planes, most: float) -> None:
    assert np.median(evenness_of_steps(read_as_reshaped(pictures))) <= most


def test_planes_of_different_things_are_not_alike() -> None:
    planes = np.random.default_rng(0).random((4, 3, 48, 48), np.float32)
    assert likeness_of_planes(planes).max() < 0.2
    planes[:, 2] = 1.0 - planes[:, 0]  # a negative is no second look at the scene
    assert likeness_of_planes(planes).max() < 0.2


def test_flat_ones_say_nothing() -> None:
    flat = np.full((2, 3, 8, 8), 7.0, np.float32)
    assert np.isnan(evenness_of_steps(flat)).all()
    assert np.isnan(likeness_of_planes(flat)).all()
