"""Samples of one set that were prepared in two ways."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.calibration import CalibrationInspector
from inspectors.calibration.identity import explained_otherwise
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled
from tests.house.evidence import loud, quiet
from utils.findings import Finding

Array = NDArray[Any]
ID = "calibration-mixed-scales"
PIXELS = natural_images(40).astype(np.float32)
UNIT = PIXELS / 255
# What the chip does with pixels, with values from 0 to 1, and with nobody knows what.
TO_UNIT = "normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])\n"
OF_UNIT = "normalization1 = normalization([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])\n"
OF_NOTHING_KNOWN = "normalization1 = normalization([0.0, 0.0, 0.0], [9.0, 9.0, 9.0])\n"
RANDOM = np.random.default_rng(5)
WAVES = RANDOM.uniform(-1, 1, (40, 1, 512, 1)).astype(np.float32)
LOUDNESS = RANDOM.lognormal(-1.5, 1.0, (40, 1, 1, 1)).astype(np.float32)


def found(context: Context) -> list[Finding]:
    every = CalibrationInspector().inspect(context)
    return [f for f in every if f.id in (ID, "calibration-constant-sample")]


def scaled(array: Array, factor: Any, *indices: int) -> Array:
    """Some samples once more, so many times as large."""
    changed: Array = array.astype(np.float32)
    changed[list(indices)] *= factor
    return changed


def normalized(*indices: int, mean: float = 127.5, std: float = 127.5) -> Array:
    """Pixels, some of them normalized."""
    changed: Array = PIXELS.copy()
    changed[list(indices)] = (PIXELS[list(indices)] - mean) / std
    return changed


def hot_pixels(*indices: int) -> Array:
    """Pictures, some of them black but for a few pixels of 1."""
    changed: Array = PIXELS.copy()
    changed[list(indices)] = (RANDOM.random(PIXELS.shape[1:]) > 0.9).astype(np.float32)
    return changed


@quiet("calibration-mixed-scales")
@pytest.mark.parametrize(
    "array",
    [
        PIXELS,
        UNIT,
        PIXELS.astype(np.uint8),
        scaled(PIXELS, 1 / 40, 3, 4, 5),  # taken at night
        scaled(PIXELS, np.linspace(1 / 200, 1, 40)[:, None, None, None], *range(40)),
        scaled(UNIT, 255, 3) * 2 - 1,  # signed: no white tells
        normalized(*range(40)),
        normalized(3, 4),  # frames that are dark and noisy may be signed as well
        PIXELS * 1.04 - 5,  # resized with overshoot
        np.where(np.arange(40)[:, None, None, None] == 7, 0, PIXELS)[1:7],
        (PIXELS.astype(np.uint8) // np.where(np.arange(40) == 3, 250, 1)[:, None, None, None]),
        WAVES * LOUDNESS,
        scaled(WAVES * LOUDNESS, 1 / 1000, 3, 4, 5),  # silence
        scaled(WAVES, 1 / 400, 3, 4, 5),
        scaled(WAVES, 1 / 1000, 3),  # one tells nothing
        RANDOM.lognormal(0, 3, (40, 1, 1, 64)),
        RANDOM.random((40, 1, 1, 4)),
    ],
)
def test_quiet(array: Array) -> None:
    assert [f for f in found(sampled(array)) if f.id == ID] == []


def test_a_black_frame_with_hot_pixels_is_no_other_scale() -> None:
    assert [f.id for f in found(sampled(hot_pixels(3, 4)))] in ([], ["calibration-constant-sample"])


@loud("calibration-mixed-scales")
@pytest.mark.parametrize(
    ("array", "severity", "said", "change"),
    [
        (scaled(UNIT, 255, 5, 17), "error", "samples 5 and 17 (2 of 40)", "> 14"),
        (scaled(PIXELS, 1 / 255, 5, 17), "error", "17 (2 of 40)", "x * 255"),
        (scaled(PIXELS, 257, 5), "error", "sample 5 (1 of 40)", "x / 257"),
        (scaled(UNIT, 65535, 5), "error", "is 65535 times as large as the others", "x / 65535"),
        (scaled(PIXELS, 255, 5), "error", "is 255 times as large as the others", "x / 255"),
        (
            normalized(1, 5, 17),
            "error",
            "5 and 17 (3 of 40) of net/input_layer1 are normalized",
            "-",
        ),
        (normalized(*range(30)), "error", "of net/input_layer1 are raw pixels", "-"),
        (scaled(WAVES, 1000, 5, 6, 7), "warning", "are 1000 times as large", "x / 1000"),
        (scaled(WAVES, 0.01, 5, 6, 7), "warning", "are divided by 100, the others", "x * 100"),
    ],
)
def test_loud(array: Array, severity: str, said: str, change: str) -> None:
    context = sampled(array)
    (finding,) = found(context)
    assert (finding.id, finding.severity.label) == (ID, severity)
    assert said in finding.evidence
    assert change.split()[0] in finding.remedy or change == "-"
    assert explained_otherwise(context) == {"net/input_layer1": ID}


def test_the_line_makes_all_samples_alike() -> None:
    for array, whole in ((scaled(UNIT, 255, 5, 17), UNIT), (scaled(PIXELS, 1 / 255, 5), PIXELS)):
        (finding,) = found(sampled(array))
        line = finding.remedy.split("`")[1]
        names: dict[str, Any] = {"np": np, "x": array}
        exec(line, names)
        np.testing.assert_allclose(names["x"], whole, rtol=1e-5)


def test_normalized_pictures_are_no_blank_ones() -> None:
    """Beside pixels of 0..255 they spread by less than a grey level."""
    for array in (normalized(1, 5, 17), normalized(*range(30), mean=120.0, std=58.0)):
        assert [f.id for f in found(sampled(array))] == [ID]


def test_what_the_chip_normalizes_is_given_raw() -> None:
    for array, whole in ((normalized(1, 5, 17), PIXELS), (normalized(*range(30)), PIXELS)):
        (finding,) = found(sampled(array, model=input_model(array, script=TO_UNIT)))
        names: dict[str, Any] = {"np": np, "x": array}
        exec(finding.remedy.split("`")[1], names)
        np.testing.assert_allclose(names["x"], whole, atol=1e-3)
    array = normalized(1, 5, 17, mean=120.0, std=58.0)
    (finding,) = found(sampled(array, model=input_model(array, script=TO_UNIT)))
    assert finding.remedy.startswith("Leave out the normalization of these samples")
    (finding,) = found(sampled(array))
    assert finding.remedy.startswith("Prepare all samples in one way, as for the training")


@pytest.mark.parametrize(
    ("script", "array", "change"),
    [
        # A few raw pictures among many that are divided by 255, and the reverse.
        (TO_UNIT, scaled(UNIT, 255, 5, 17), "x * 255"),
        (TO_UNIT, scaled(PIXELS, 1 / 255, 5, 17), "x * 255"),
        (TO_UNIT, scaled(PIXELS, 257, *range(30)), "x / 257"),
        (OF_UNIT, scaled(PIXELS, 1 / 255, 5, 17), "x / 255"),
        (OF_UNIT, scaled(UNIT, 255, 5, 17), "x / 255"),
        (OF_NOTHING_KNOWN, scaled(UNIT, 255, 5, 17), "x / 255"),
    ],
)
def test_the_normalization_on_the_chip_says_which_samples_have_to_change(
    script: str, array: Array, change: str
) -> None:
    (finding,) = found(sampled(array, model=input_model(array, script=script)))
    assert finding.severity.label == "error"
    assert f", {change}, x)" in finding.remedy


def test_files_are_named_where_each_sample_has_one() -> None:
    context = sampled(scaled(PIXELS, 1 / 255, 5))
    assert context.samples is not None
    names = tuple(f"{number:02}.npy" for number in range(40))
    (finding,) = found(replace(context, samples=replace(context.samples, names=names)))
    assert finding.remedy.startswith("Multiply the values of sample 5 (05.npy) by 255, and ")
