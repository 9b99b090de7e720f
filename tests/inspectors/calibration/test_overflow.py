"""Pixels that left the range of 8 bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.calibration import CalibrationInspector
from inspectors.calibration.identity import explained_otherwise
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled
from tests.house.evidence import loud, quiet
from utils.findings import Finding

Array = NDArray[Any]
ID = "calibration-dtype"
PIXELS = natural_images(40)
WHOLE = PIXELS.astype(int)
RANDOM = np.random.default_rng(5)
RAW = "normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])\n"


def scan(noise: float) -> Array:
    """Letters in black on white paper, with the noise of a strong compression."""
    strokes = np.repeat(np.repeat(RANDOM.random((40, 16, 16, 1)) < 0.3, 4, axis=1), 4, axis=2)
    paper = np.where(strokes, 0, 255) + RANDOM.normal(0, noise, (40, 64, 64, 3))
    clipped: Array = np.clip(np.rint(paper), 0, 255).astype(np.uint8)
    return clipped


def drawing() -> Array:
    """Thin lines of many shades on white, some of them black."""
    lines = np.full((40, 64, 64, 3), 255, np.uint8)
    for each in lines:
        each[RANDOM.integers(0, 64, 6)] = RANDOM.integers(0, 256, 3)
        each[:, 5] = 0
    return lines


def scene() -> Array:
    """One drawing in full colours, frame after frame: a light box on a dark ground of shades."""
    down, along = np.mgrid[0:64, 0:64]
    ground = (25 + 0.3 * down + 0.2 * along)[..., np.newaxis].repeat(3, -1)
    ground[20:50, 15:45] = (235, 228, 240)
    ground[:, 48:] = (110, 120, 90)
    frames = ground + RANDOM.normal(0, 4, (40, 64, 64, 3))
    return np.asarray(np.clip(np.rint(frames), 0, 255).astype(np.uint8))


def told(array: Array, script: str | None = None) -> list[Finding]:
    every = CalibrationInspector().inspect(sampled(array, model=input_model(array, script=script)))
    return [f for f in every if f.id == ID and f.severity.label == "error"]


@quiet("calibration-dtype")
@pytest.mark.parametrize(
    "array",
    [
        PIXELS,
        PIXELS.astype(np.float32),
        PIXELS / 255,
        (WHOLE - 128).astype(np.int8),
        (np.clip(WHOLE * 4 - 300, 0, 255) - 128).astype(np.int8),
        np.clip(WHOLE * 3, 0, 255).astype(np.uint8),  # overexposed
        np.clip(WHOLE * 4 - 300, 0, 255).astype(np.uint8),  # hard contrast
        np.where(PIXELS > 110, 255, 0).astype(np.uint8),
        np.where(RANDOM.random(PIXELS.shape) < 0.02, 255, PIXELS).astype(np.uint8),  # defects
        scan(0),
        scan(6),
        scan(15),
        (scan(0).astype(int) - 128).astype(np.int8),
        (scan(15).astype(int) - 128).astype(np.int8),
        drawing(),
        scene(),
        (drawing().astype(int) - 128).astype(np.int8),
        RANDOM.integers(0, 256, PIXELS.shape).astype(np.uint8),
    ],
)
def test_quiet(array: Array) -> None:
    assert told(array) == []


@loud("calibration-dtype")
@pytest.mark.parametrize(
    "array",
    [
        (WHOLE + 70).astype(np.uint8),
        (WHOLE - 60).astype(np.uint8),
        (WHOLE + 70).astype(np.uint8).astype(np.float32),
        (WHOLE + 200).astype(np.int8),
    ],
)
def test_sums_that_overflowed(array: Array) -> None:
    (finding,) = told(array)
    assert finding.headline.startswith("Pixels left the range of 8 bit")
    assert explained_otherwise(sampled(array)) == {"net/input_layer1": ID}


@loud("calibration-dtype")
def test_edges_of_hard_contrast_remain_where_pixels_are_read_as_meant() -> None:
    tiles = np.random.default_rng(5).random((40, 8, 8, 3)) < 0.1
    edges = tiles.repeat(8, axis=1).repeat(8, axis=2)
    hard = np.where(edges, 250, np.clip((WHOLE - 128) * 2.3 + 128, 0, 255)).astype(np.uint8)
    (finding,) = told(hard.astype(np.int8), RAW)
    assert finding.headline == "Pixels of 0 to 255 were stored as int8"


@loud("calibration-dtype")
@pytest.mark.parametrize("dtype", [np.int8, np.float32])
def test_pixels_stored_as_int8(dtype: type) -> None:
    array: Array = PIXELS.astype(np.int8).astype(dtype)
    (finding,) = told(array, RAW)
    assert finding.headline == "Pixels of 0 to 255 were stored as int8"
    names: dict[str, Any] = {"np": np, "x": array}
    exec(finding.remedy.split("`")[1], names)
    np.testing.assert_array_equal(names["x"], PIXELS)
