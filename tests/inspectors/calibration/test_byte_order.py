"""Pictures of 16 bit whose bytes were read in the wrong order, quiet first and loud after."""

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
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding

Array = NDArray[Any]
RANDOM = np.random.default_rng(8)
PIXELS = natural_images(24, 40, 40).astype(np.uint16)
THERMAL = (7_600 + 4 * PIXELS[..., :1]).astype(np.uint16)  # hundredths of a kelvin, as of a sensor
HOUNSFIELD = (8 * PIXELS[..., :1].astype(np.int16) - 1_024).astype(np.int16)
NOISE = RANDOM.integers(0, 1 << 16, THERMAL.shape).astype(np.uint16)


def told(array: Array) -> list[Finding]:
    every = CalibrationInspector().inspect(sampled(array))
    return [f for f in every if f.id == "calibration-dtype" and f.severity.label == "error"]


@quiet("calibration-dtype")
@pytest.mark.parametrize(
    "array",
    [
        THERMAL,
        HOUNSFIELD,
        PIXELS,
        PIXELS * 257,  # the same in both orders
        PIXELS << 4,
        (PIXELS << 8),
        NOISE,
        np.where(RANDOM.random(THERMAL.shape) < 0.1, 0, THERMAL),  # holes of a depth map
        THERMAL.astype(np.float32) + 0.5,
        THERMAL[:, :31].byteswap(),  # too small for a picture
    ],
)
def test_quiet(array: Array) -> None:
    assert told(array) == []


@loud("calibration-dtype")
@pytest.mark.parametrize(
    ("array", "kind"),
    [
        (THERMAL.byteswap(), "uint16"),
        (THERMAL.byteswap().astype(np.float32), "uint16"),
        (HOUNSFIELD.byteswap(), "int16"),
        ((PIXELS << 4).byteswap(), "uint16"),
    ],
)
def test_bytes_in_reverse_order(array: Array, kind: str) -> None:
    (found,) = told(array)
    assert found.headline == "16-bit pixels were read with their bytes in reverse order"
    assert f"with `x = x.astype(np.{kind}).byteswap()`, and quantize again if" in found.remedy
    assert found.measured["steps_exchanged"] < found.measured["steps"] / 2
    assert_well_worded(found)
    explained = explained_otherwise(sampled(array))
    assert list(explained.values()) == ["calibration-dtype"]
