"""Masks that were read together with the pictures that they belong to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.calibration import CalibrationInspector
from inspectors.calibration.identity import explained_otherwise
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import sampled
from tests.house.evidence import loud, quiet
from utils.findings import Finding

Array = NDArray[Any]
ID = "calibration-masks"
PIXELS = natural_images(40)
RANDOM = np.random.default_rng(3)
DOWN, ALONG = np.mgrid[:64, :64]


def masks(count: int, *values: int) -> Array:
    """Discs of some values on 0."""
    made = np.zeros((count, 64, 64, 3), np.uint8)
    for each in made:
        for value in values:
            down, along = RANDOM.integers(16, 48, 2)
            each[(DOWN - down) ** 2 + (ALONG - along) ** 2 < 90] = value
    return made


def strokes(count: int) -> Array:
    """Letters in grey on white, as even as masks or a little less."""
    made = np.full((count, 64, 64, 3), 255, np.uint8)
    for each in made:
        for place in RANDOM.integers(2, 62, 4):
            each[:, place - 1 : place + 2] = RANDOM.integers(0, 255, (64, 3, 1))
    return made


def with_masks(count: int, *values: int) -> Array:
    return np.concatenate([PIXELS, masks(count, *values)])


def found(array: Array) -> list[Finding]:
    return [f for f in CalibrationInspector().inspect(sampled(array)) if f.id == ID]


@quiet("calibration-masks")
@pytest.mark.parametrize(
    "array",
    [
        PIXELS,
        PIXELS // 16 * 16,  # few values, but no even areas
        PIXELS.repeat(8, axis=1)[:, :64].repeat(8, axis=2)[:, :, :64],  # even areas, many values
        PIXELS // 20,  # at night
        np.where(np.arange(40)[:, None, None, None] % 2, 180 + PIXELS // 100, PIXELS),  # the sky
        masks(40, 1, 2, 3),  # nothing else
        np.concatenate([masks(30, 255), strokes(30)]),  # scans and digits
        with_masks(2, 255),  # an accident
        np.concatenate([PIXELS, np.zeros_like(PIXELS)]),
        RANDOM.integers(0, 3, (40, 1, 200, 6)),
    ],
)
def test_quiet(array: Array) -> None:
    assert found(array) == []


@loud("calibration-masks")
@pytest.mark.parametrize("values", [(255,), (1, 2, 3, 20), (64, 128), (1,)])
def test_loud(values: tuple[int, ...]) -> None:
    (finding,) = found(with_masks(20, *values))
    assert finding.severity.label == "warning"
    assert "20 of 60 samples (40, 41," in finding.evidence
    assert explained_otherwise(sampled(with_masks(20, *values))) == {"net/input_layer1": ID}
