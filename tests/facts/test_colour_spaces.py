"""Colour spaces: what OpenCV makes of known colours, and the way back."""

from __future__ import annotations

import numpy as np
import pytest

from utils.facts.colour_spaces import COLOUR_SPACES, ColourSpace

RED, GREEN, GREY = [255.0, 0.0, 0.0], [0.0, 255.0, 0.0], [100.0, 100.0, 100.0]
BY_NAME = {space.name: space for space in COLOUR_SPACES}


@pytest.mark.parametrize(
    ("name", "pixel", "expected"),
    [
        ("YCbCr", RED, [76, 85, 255]),
        ("YCrCb", RED, [76, 255, 85]),
        ("YUV", RED, [76, 91, 255]),
        ("HSV", RED, [0, 255, 255]),
        ("HSV", GREEN, [60, 255, 255]),
        ("HSV", GREY, [0, 0, 100]),
        ("Lab", RED, [136, 208, 195]),
        ("Lab", GREY, [108, 128, 128]),
    ],
)
def test_known_colours(name: str, pixel: list[float], expected: list[int]) -> None:
    found = BY_NAME[name].from_rgb(np.array([pixel]))
    np.testing.assert_allclose(found[0], expected, atol=1)


@pytest.mark.parametrize("space", COLOUR_SPACES, ids=lambda space: space.name)
def test_the_way_back(space: ColourSpace) -> None:
    pixels = np.random.default_rng(1).integers(20, 236, (500, 3)).astype(np.float64)
    back = space.to_rgb(space.from_rgb(pixels))
    # Differences of the strongest colours do not fit into a byte, and are cut.
    assert np.quantile(np.abs(back - pixels), 0.9) <= 4
