"""Pictures in a colour space in which brightness has a channel of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.calibration import CalibrationInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from utils.facts.colour_spaces import COLOUR_SPACES
from utils.findings import Finding

Array = NDArray[Any]
ID = "calibration-colour-space"
PICTURES, OTHERS = natural_images(48, kinds=4), natural_images(48, seed=1, kinds=4)
FIELDS = [natural_images(48, seed=seed)[..., 0] for seed in (2, 3, 4)]
GREY = np.repeat(FIELDS[0][..., None], 3, axis=3)
CONVERSION = "yuv1 = input_conversion(input_layer1, yuv_to_rgb)\n"


def in_space(name: str, pictures: Array = PICTURES) -> Array:
    (space,) = (each for each in COLOUR_SPACES if each.name == name)
    pixels = pictures.reshape(-1, 3).astype(np.float64)
    return space.from_rgb(pixels).reshape(pictures.shape).astype(np.uint8)


def found(
    array: Array, script: str | None = None, calibrated: Array | None = None
) -> list[Finding]:
    stored = None if calibrated is None else {"input_layer1": statistics_of(calibrated)}
    context = sampled(array, model=input_model(array, script=script, stored=stored))
    return [f for f in CalibrationInspector().inspect(context) if f.id == ID]


@quiet("calibration-colour-space")
@pytest.mark.parametrize(
    "array",
    [
        PICTURES,
        PICTURES[..., ::-1],
        PICTURES / 255,
        PICTURES // 8,  # at night
        PICTURES // 4 + 150,  # in fog
        (GREY + PICTURES) // 8 + 100,  # hardly a colour, around the middle
        GREY,
        GREY // 2 + np.array([20, 60, 90]),  # of one tint
        (PICTURES * np.array([0.3, 0.8, 1.0])).astype(np.uint8),
        np.stack(FIELDS, axis=3),  # channels of three sources
        np.stack(FIELDS, axis=3) // 4 + 96,
        np.stack([FIELDS[0], *[np.full_like(FIELDS[0], 128)] * 2], axis=3),  # grey in YCbCr
        np.random.default_rng(1).integers(0, 256, PICTURES.shape, np.uint8),
        PICTURES / 127.5 - 1,
        np.random.default_rng(1).normal(0, 1, (48, 1, 200, 3)),
        in_space("HSV"),  # whose channels nothing binds
    ],
)
def test_quiet(array: Array) -> None:
    assert found(array) == []


@quiet("calibration-colour-space")
@pytest.mark.parametrize("line", [CONVERSION, "a, b = input_conversion(nv12_to_rgb)\n"])
def test_what_the_chip_converts_may_be_so(line: str) -> None:
    assert found(in_space("YCbCr"), script=line) == []


@quiet("calibration-colour-space")
@loud("calibration-colour-space")
@pytest.mark.parametrize(
    ("std", "is_loud"), [((60, 16, 15), False), ((60, 40, 43), True), ((58.4, 57.1, 57.4), True)]
)
def test_constants_of_brightness_and_differences_ask_for_them(
    std: tuple[float, ...], is_loud: bool
) -> None:
    script = f"n1 = normalization([112, 120, 134], {list(std)})\n"
    assert bool(found(in_space("YCbCr"), script=script)) is is_loud


@loud("calibration-colour-space")
@pytest.mark.parametrize("name", ["YCbCr", "YCrCb", "YUV", "Lab"])
@pytest.mark.parametrize("scale", [1, 255])
def test_loud(name: str, scale: int) -> None:
    array = in_space(name)
    (finding,) = found(array if scale == 1 else array / scale, calibrated=array / scale)
    assert finding.severity.label == "warning"


def test_told_once() -> None:
    """Where data and calibration differ by it, that finding has the line."""
    darker = OTHERS // 4 * 3
    assert found(in_space("YCbCr", darker), calibrated=PICTURES // 4 * 3) == []
