from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.calibration import CalibrationInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from utils.findings import Finding

Array = NDArray[Any]
PIXELS = natural_images(20, 40, 40)
PIXELS[0, 0, 0] = 255
ROUNDED = np.rint(PIXELS / 255).astype(np.uint8)  # about half of the values are 1
TRUNCATED = (PIXELS / 255).astype(np.uint8)  # nearly none are
SPARSE = (np.random.default_rng(1).random(PIXELS.shape) < 0.01).astype(np.uint8)
ONE_HOT = np.eye(3, dtype=np.uint8)[PIXELS[..., 0] % 3]
ROWS = np.random.default_rng(2).normal(0, 1, (20, 1, 1, 8))


def found(array: Array, calibrated: Array | None = None) -> list[Finding]:
    stored = {} if calibrated is None else {"input_layer1": statistics_of(calibrated)}
    context = sampled(array, model=input_model(array, stored=stored))
    every = list(CalibrationInspector().inspect(context))
    # What was cast is told once, not as blank or equal pictures as well.
    if any(f.severity.label == "error" for f in every):
        assert len(every) == 1
    return [f for f in every if f.id == "calibration-dtype"]


@quiet("calibration-dtype")
@loud("calibration-dtype")
@pytest.mark.parametrize(
    ("array", "severity"),
    [
        (PIXELS, ""),
        (PIXELS.astype(np.float32), ""),
        (ROUNDED.astype(np.float32), ""),  # two colours, but nothing was lost by a cast
        (ROUNDED[:, :31], ""),
        (ROUNDED[:, :, :, [0, 1]], ""),
        (ROUNDED * 2, ""),
        (ONE_HOT, ""),
        (np.eye(8, dtype=np.uint8)[:, None, None], ""),
        (ROUNDED[..., :1], "info"),  # a mask
        (ROUNDED, "error"),
        (TRUNCATED, "error"),
        (SPARSE, "error"),
        (ROUNDED.astype(np.int64), "error"),
    ],
)
def test_zeros_and_ones_where_pictures_belong(array: Array, severity: str) -> None:
    assert [f.severity.label for f in found(array)] == ([severity] if severity else [])


@quiet("calibration-dtype")
@pytest.mark.parametrize(
    ("calibrated", "severity"),
    [
        (ROUNDED[..., :1], "info"),
        (SPARSE[..., :1], "info"),
        (255 * ROUNDED[..., :1], "info"),
        (PIXELS[..., :1] / 255, "error"),
        (PIXELS[..., :1], "error"),
    ],
)
def test_a_mask_is_none_if_the_archive_was_calibrated_on_more(
    calibrated: Array, severity: str
) -> None:
    assert [f.severity.label for f in found(ROUNDED[..., :1], calibrated)] == [severity]


@quiet("calibration-dtype")
@loud("calibration-dtype")
@pytest.mark.parametrize(
    ("dtype", "better"),
    [
        ("uint8", ""),
        ("float16", ""),
        ("float32", ""),
        ("float64", "float32"),
        ("int16", "uint8"),
        ("int64", "uint8"),
        ("bool", "uint8"),
    ],
)
@pytest.mark.parametrize("shape", [(40, 40, 3), (1, 1, 8)])
def test_types_that_gain_nothing(dtype: str, better: str, shape: tuple[int, ...]) -> None:
    pixels = PIXELS > 100 if dtype == "bool" else PIXELS
    array = pixels.ravel()[: 20 * np.prod(shape)].reshape(20, *shape).astype(dtype)
    findings = found(array)
    assert [f.severity.label for f in findings] == (["info"] if better else [])
    for finding in findings:
        assert finding.evidence == f"net/input_layer1: {dtype}"
        assert f"`x = x.astype(np.{better})`" in finding.remedy


def test_integers_that_are_no_pixels_become_floats() -> None:
    for array in (ROWS.astype(np.int32) - 1, np.arange(4000).reshape(20, 1, 1, 200)):
        (finding,) = found(array)
        assert "astype(np.float32)" in finding.remedy


@quiet("calibration-dtype")
@loud("calibration-dtype")
@pytest.mark.parametrize("dtype", ["float32", "bool", "uint8"])
def test_what_was_rounded_is_told_where_calibration_saw_more(dtype: str) -> None:
    rounded = ROUNDED.astype(dtype)
    (finding,) = found(rounded, PIXELS / 255)
    assert finding.severity.label == "error"
    assert ("rounded to 0 and 1" in finding.headline) is (dtype != "uint8")
    like_these = found(rounded, ROUNDED)
    assert [f.severity.label for f in like_these] == {
        "float32": [],
        "bool": ["info"],
        "uint8": ["error"],
    }[dtype]


def test_one_finding_for_all_inputs() -> None:
    every = CalibrationInspector().inspect(sampled(PIXELS.astype(np.float64), ROWS))
    (finding,) = [f for f in every if f.id == "calibration-dtype"]
    assert finding.layers == ("net/input_layer1", "net/input_layer2")


def normalized(pixels: Array) -> Array:
    return np.asarray((pixels - 120.0) / 58.0)


@quiet("calibration-dtype")
@pytest.mark.parametrize(
    "given",
    [
        np.where(PIXELS > 120, 255, 0).astype(np.uint8),  # a mask
        PIXELS // 64,  # classes
        np.where(PIXELS > 200, 255, PIXELS // 64)[..., :1],  # and places to ignore
        normalized(PIXELS).astype(np.float32),
        ROWS.astype(np.float32),
        np.where(np.abs(ROWS) > 2, 255, np.abs(ROWS)).astype(np.uint8),  # 255 for what is missing
        np.rint(ROWS * 20).astype(np.int8).astype(np.uint8),  # bytes that are spread out
    ],
)
def test_what_was_not_normalized_before_a_cast(given: Array) -> None:
    assert [f.id for f in found(given) if "normalized" in f.headline] == []


@loud("calibration-dtype")
def test_features_that_were_normalized_and_then_cast() -> None:
    (error,) = found((2 * ROWS).astype(np.int8).astype(np.uint8))
    assert error.severity.label == "error"
    assert error.headline == "Values were normalized and then cast to integers"
    assert error.remedy == "Store the normalized values as float32."


@loud("calibration-dtype")
def test_pictures_that_were_normalized_and_then_cast() -> None:
    wrapped = normalized(PIXELS).astype(np.int8).astype(np.uint8)
    (error,) = found(wrapped)
    assert error.severity.label == "error"
    assert "normalized and then cast" in error.headline
