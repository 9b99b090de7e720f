from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.calibration import CalibrationInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded

Array = NDArray[Any]
RANDOM = np.random.default_rng(6)
PICTURES = natural_images(20, 40, 40).astype(np.float32)
NOISE = RANDOM.integers(0, 256, PICTURES.shape).astype(np.uint8)


def severities(*arrays: Array) -> list[str]:
    found = CalibrationInspector().inspect(sampled(*arrays))
    return [f.severity.label for f in found if f.id == "calibration-noise"]


def noisy(spread: float) -> Array:
    """Pictures under noise whose variance is so many times their own."""
    own = PICTURES.std(axis=(1, 2), keepdims=True)
    return np.asarray(PICTURES + RANDOM.standard_normal(PICTURES.shape) * own * np.sqrt(spread))


def mixed(noise: int) -> Array:
    """Pictures, so many of them replaced by noise."""
    return np.concatenate([NOISE[:noise], PICTURES[noise:]])


def holed(values: Array, share: float = 0.15) -> Array:
    """Depth in mm, from 500 on, where a sensor has no answer at so many places."""
    depth = 500 + 8 * values[..., :1]
    return np.where(RANDOM.random(depth.shape) < share, 0, depth)


@quiet("calibration-noise")
@pytest.mark.parametrize(
    "array",
    [
        holed(PICTURES),
        PICTURES,
        PICTURES[..., :1],
        PICTURES / 127.5 - 1,
        noisy(1.0),  # the correlation is about 0.85 / 2
        mixed(9),
        NOISE[:, :31],  # too small for a picture
        NOISE[..., :2],
        np.where(NOISE > 215, NOISE, 0),  # mostly 0
        RANDOM.random((64, 1, 1, 80)),
        np.full((9, 40, 40, 3), 7.0),
    ],
)
def test_quiet(array: Array) -> None:
    assert severities(array) == []


@loud("calibration-noise")
@pytest.mark.parametrize(
    "array",
    [
        NOISE,
        np.where(RANDOM.random(NOISE.shape) < 0.15, 0, NOISE),  # others are as near to 0
        NOISE[..., :1],
        NOISE[:1],
        RANDOM.random(PICTURES.shape),
        RANDOM.standard_normal(PICTURES.shape),
        noisy(3.0),
        mixed(11),
        np.concatenate([np.zeros((9, 40, 40, 3)), NOISE[:8]]),  # blank frames do not count
        RANDOM.permuted(PICTURES.reshape(20, -1, 3), axis=1).reshape(PICTURES.shape),
    ],
)
def test_noise(array: Array) -> None:
    assert severities(array) == ["error"]


def test_every_input_is_judged() -> None:
    assert severities(PICTURES, NOISE) == ["error"]
    assert severities(NOISE, NOISE) == ["error", "error"]


@pytest.mark.parametrize(
    ("calibrated", "remedy"),
    [
        (NOISE, "Calibrate on real pictures."),
        # Of the same range and mean.
        (
            RANDOM.choice([0, 54, 201, 255], PICTURES.shape),
            "Pass real pictures, such as those that the archive was calibrated on.",
        ),
        (PICTURES, "Pass real pictures, such as those that the archive was calibrated on."),
    ],
)
def test_an_archive_of_other_data_is_not_quantized_again(calibrated: Array, remedy: str) -> None:
    model = input_model(calibrated, stored={"input_layer1": statistics_of(calibrated)})
    context = sampled(NOISE, model=model)
    (found,) = (f for f in CalibrationInspector().inspect(context) if f.id == "calibration-noise")
    assert found.remedy == remedy
    assert bool(found.command) is remedy.startswith("Calibrate")
    assert_well_worded(found)


def speckled(count: int = 64) -> Array:
    """Pictures under speckle, as of radar: their own values times random ones."""
    pictures = natural_images(count, 96, 96, seed=9)[..., :1].astype(np.float64)
    return np.asarray(np.clip(pictures * RANDOM.exponential(1.0, pictures.shape), 0, 255))


def grained(share: float) -> Array:
    """Noise of which neighbours have so much in common, and larger places nothing."""
    noise = RANDOM.standard_normal((64, 40, 40, 1))
    alike = noise + share * (np.roll(noise, 1, axis=1) + np.roll(noise, 1, axis=2))
    return np.asarray(np.clip(110 + 30 * alike, 0, 255))


@pytest.mark.parametrize(
    ("given", "calibrated", "expected"),
    [
        (speckled(), speckled(), []),
        (grained(0.2), grained(0.2), []),  # neighbours correlate by 0.18
        (grained(0.2), grained(0.2) / 255, ["error"]),
        (grained(0.06), grained(0.06), ["error"]),  # by 0.06
        (speckled(), speckled() / 255, ["error"]),  # calibration saw others
        (NOISE[..., :1], NOISE[..., :1], ["error"]),  # no picture lies under it
    ],
)
@quiet("calibration-noise")
@loud("calibration-noise")
def test_speckle_is_no_noise_to_an_archive_that_was_made_for_it(
    given: Array, calibrated: Array, expected: list[str]
) -> None:
    model = input_model(given, stored={"input_layer1": statistics_of(calibrated)})
    found = CalibrationInspector().inspect(sampled(given, model=model))
    assert [f.severity.label for f in found if f.id == "calibration-noise"] == expected
    assert severities(given) == ["error"]  # where the archive stores nothing
