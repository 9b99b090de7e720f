"""What is said of data whose preparation explains how they differ, and whose fault that is."""

from __future__ import annotations

import re

import numpy as np
import pytest

from inspectors.base_inspector import Context
from inspectors.dataset_identity_inspector import DatasetIdentityInspector
from tests.fixtures.builders import (
    build_layer,
    build_model,
    build_statistics,
    stored_statistics,
)
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud
from tests.inspectors.preparation.lines import Array, after, line_in
from utils.findings import Finding

RANDOM = np.random.default_rng(8)
ROWS = RANDOM.standard_normal((400, 1, 1, 40))
PICTURES = natural_images(160, 40, 40)


def findings(context: Context) -> list[Finding]:
    return list(DatasetIdentityInspector().inspect(context))


def compared(given: Array, calibrated: Array) -> list[Finding]:
    model = input_model(given, stored={"input_layer1": statistics_of(calibrated)})
    return findings(sampled(given, model=model))


@pytest.mark.parametrize(
    ("given", "calibrated", "line", "severity"),
    [
        (ROWS[:64] * 255, ROWS[:64], "x = x / 255", "error"),
        (PICTURES, PICTURES / 255, "x = x / 255", "error"),
        (PICTURES / 255, PICTURES, "x = x * 255.0", "error"),
        (PICTURES / 127.5 - 1, PICTURES, "x = (x + 1.0) * 127.5", "error"),
        (PICTURES[..., ::-1], PICTURES, "x = x[..., ::-1]", "warning"),
    ],
)
def test_a_preparation_that_explains_it_is_named_with_its_line(
    given: Array, calibrated: Array, line: str, severity: str
) -> None:
    (found,) = compared(given, calibrated[:64])
    assert found.severity.label == severity
    assert line_in(found.remedy) == line
    assert np.abs(after(line, given) - calibrated).max() < 1e-6 * np.ptp(calibrated) + 1e-9
    assert found.command == ""


def answering(std: float, script: str | None = None) -> Finding:
    """What is said of raw pixels whose archive was calibrated on pixels divided by 255.

    Parameters
    ----------
    std : with which its first layer answered at calibration.
    """
    first = build_statistics(-9.0, 9.0, mean=0.0, std=std)
    layers = [build_layer("input_layer1", shape=(40, 40, 3)), build_layer("conv1")]
    stored = stored_statistics("input_layer1/stats/output_0", statistics_of(PICTURES[:64] / 255))
    stored |= stored_statistics("conv1/stats/preact", first)
    model = build_model([*layers, build_layer("output_layer1")], optimized=stored, script=script)
    (found,) = findings(sampled(PICTURES[64:], model=model))
    return found


@pytest.mark.parametrize(("std", "is_right"), [(1.0, True), (0.01, False), (99.0, False)])
def test_the_first_layer_says_which_side_is_right(std: float, is_right: bool) -> None:
    assert ("keep the archive as it is" in answering(std).remedy) is is_right
    assert ("quantize again on these data" in answering(std).remedy) is not is_right


def test_an_archive_of_darker_pictures_takes_a_mix() -> None:
    (found,) = compared(PICTURES, (PICTURES[:64] * 0.2).round())
    assert found.remedy == (
        "Shuffle these data and those of the calibration into one set and quantize on that."
    )
    assert "--calib-set-path NEW_CALIBSET.npy" in found.command  # these data alone are no mix


DIVIDED_ON_CHIP = "n = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])\n"


@pytest.mark.parametrize(
    ("calibrated", "script", "is_light"),
    [
        (PICTURES[:64] * (100 / 255), DIVIDED_ON_CHIP, True),
        (PICTURES[:64] * (100 / 255), "", False),  # nobody knows whether percent are right
    ],
)
def test_light_that_has_the_ratio_of_percent_does_not_change_data_that_the_chip_takes(
    calibrated: Array, script: str, is_light: bool
) -> None:
    stored = {"input_layer1": statistics_of(calibrated)}
    (found,) = findings(
        sampled(PICTURES, model=input_model(PICTURES, script=script, stored=stored))
    )
    assert (found.remedy == "Quantize again on these data.") is is_light
    assert found.remedy.startswith("Change the data with `x = x / 2") is not is_light


@loud("dataset-differs")
@pytest.mark.parametrize("script", [DIVIDED_ON_CHIP, ""])
def test_pixels_are_right_where_the_chip_takes_them_and_calibration_saw_extremes(
    script: str,
) -> None:
    extremes = PICTURES[:64] * np.where(np.arange(64) % 16 == 0, 40.0, 1.0)[:, None, None, None]
    stored = {"input_layer1": statistics_of(extremes)}
    (found,) = findings(
        sampled(PICTURES, model=input_model(PICTURES, script=script, stored=stored))
    )
    assert (found.remedy == "Quantize again on these data.") is bool(script)
    assert ("other values than the pixels" in found.headline) is bool(script)


@loud("dataset-differs")
def test_values_that_all_shrink_stay_inside_the_range_and_are_seen() -> None:
    sparse = np.where(RANDOM.random((64, 40, 40, 3)) < 0.01, RANDOM.random((64, 40, 40, 3)), 0.0)
    (found,) = compared(sparse / 255, sparse)
    assert "has the standard deviation" not in found.evidence
    assert line_in(found.remedy) == "x = x * 255.0"
    (found,) = compared(sparse / 30, sparse)
    assert "are divided by about 30, by their standard deviations" in found.evidence
    (found,) = compared(np.where(sparse == sparse.max(), 1.0, sparse / 30), sparse)
    assert "has the standard deviation" in found.evidence
    assert compared(sparse / 9, sparse) == []  # other maps are as much fainter
    assert compared(sparse[:15] / 30, sparse) == []  # too few to tell


def audio(samples: int, seed: int) -> Array:
    """Tones around 0, some louder than others, from -1 to 1."""
    random = np.random.default_rng(seed)
    time = np.arange(512)[None, None, :, None]
    pitch, loudness = random.uniform(0.1, 0.5, (2, samples, 1, 1, 1))
    return np.asarray(
        loudness * np.sin(pitch * time) + random.normal(0, 0.02, (samples, 1, 512, 1))
    )


@loud("dataset-differs")
@pytest.mark.parametrize(
    ("factor", "line"),
    [
        (32767.0, "x = x / 32768"),
        (1 / 32767.0, "x = x * 32768.0"),
        (16384.0, "x = x / 16384"),
        (25500.0, "x = x / 25500"),
        (4095.0, "x = x / 4095"),
        (1000.0, "x = x / 1000"),
        (180 / np.pi, "x = x / 57.2958"),
    ],
)
def test_values_around_0_have_the_factor_that_their_spread_tells(factor: float, line: str) -> None:
    (found,) = compared(audio(192, 1) * factor, audio(64, 2))
    assert line_in(found.remedy) == line


@loud("dataset-differs")
@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (20_700.0, " times as large"),
        (45_000.0, " times as large"),
        (1 / 20_700.0, "divided by about "),
        (100_000.0, " times as large"),
        (200.0, " times as large"),
    ],
)
def test_a_factor_that_is_none_of_the_usual_is_measured(factor: float, said: str) -> None:
    """A line with the nearest one would leave the data 1.2 times too large, and nothing to see."""
    (found,) = compared(audio(192, 1) * factor, audio(64, 2))
    number = re.search(r"about ([\d,.]+)", found.evidence)
    assert number is not None
    told = float(number[1].replace(",", ""))
    assert told == pytest.approx(max(factor, 1 / factor), rel=0.06)
    assert said in found.evidence
    assert "`" not in found.remedy
    assert found.remedy.startswith("Look up by which factor the data were scaled")


def test_as_many_times_as_large_says_nothing_where_nothing_differs() -> None:
    assert compared(audio(192, 1), audio(64, 2)) == []
