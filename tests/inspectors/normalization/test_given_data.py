"""What samples that were looked at add to what is said of normalization."""

from __future__ import annotations

import numpy as np
import pytest

from inspectors.base_inspector import Context
from inspectors.dataset_identity_inspector import DatasetIdentityInspector
from tests.fixtures.builders import build_measurements
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import sampled, statistics_of
from tests.house.evidence import loud, quiet
from tests.inspectors.normalization.contexts import (
    BY_IMAGENET,
    BY_UNITS,
    DIVIDE,
    build,
    findings,
)
from tests.inspectors.preparation.lines import Array, after, line_in
from utils.har.statistics import ChannelStatistics
from utils.measurements import LayerMeasurement

RANDOM = np.random.default_rng(5)
PICTURES = natural_images(96, 40, 40, seed=8).astype(np.float64)
PICTURES[0, :2] = [[[0.0]], [[255.0]]]  # of full contrast
CALIBRATED, OTHERS = PICTURES[32:], PICTURES[:32]
NOISE = RANDOM.random((32, 40, 40, 3))
MEAN, STD = np.array([[123.675, 116.28, 103.53], [58.395, 57.12, 57.375]])


def stored(array: Array) -> ChannelStatistics:
    """What calibration on these samples stores."""
    found = statistics_of(array)
    return ChannelStatistics(
        found.minimum, found.maximum, found.mean, found.energy, non_zero_share=1.0
    )


def given(array: Array, calibrated: Array, script: str | None, first_std: float = 1.0) -> Context:
    """These samples, for an archive that was calibrated on others."""
    model = build(stored(calibrated), script=script, first_std=first_std, stored=True).model
    context = sampled(array, model=model)
    assert context.samples is not None
    seen = context.samples.inputs["net/input_layer1"].statistics
    return sampled(
        array,
        model=model,
        measurements=build_measurements(len(array), input_layer1=LayerMeasurement(seen)),
    )


@quiet("data-normalized-twice")
@pytest.mark.parametrize("array", [NOISE, (OTHERS / 255).astype(np.uint8)])
def test_what_means_nothing_was_not_normalized(array: Array) -> None:
    context = given(array, CALIBRATED, DIVIDE)
    assert findings(context) == []
    assert list(DatasetIdentityInspector().inspect(context)) == []


@quiet("normalization-missing")
@loud("normalization-missing")
@pytest.mark.parametrize(
    ("array", "ids"),
    [
        (OTHERS[..., :1] / 6 + 0.3, []),  # degrees Celsius, or metres
        (OTHERS[..., :1] + 0.3, ["normalization-missing"]),  # resized pixels
        (np.rint(OTHERS[..., :1] / 6), ["normalization-missing"]),  # pixels in little light
    ],
)
def test_fractions_far_below_white_are_no_pixels(array: Array, ids: list[str]) -> None:
    context = given(array, array, None, first_std=9.0)
    assert [f.id for f in findings(context) if f.id == "normalization-missing"] == ids


@loud("data-normalized-twice")
@pytest.mark.parametrize(
    ("array", "right", "script"),
    [
        (OTHERS / 255, OTHERS, DIVIDE),
        (OTHERS / 255, OTHERS, BY_IMAGENET),
        (OTHERS / 127.5 - 1, OTHERS, DIVIDE),
        ((OTHERS - MEAN) / STD, OTHERS, BY_IMAGENET),
        ((OTHERS - MEAN) / STD, OTHERS, DIVIDE),
    ],
)
@pytest.mark.parametrize("is_archive_right", [True, False])
def test_the_line_restores_the_pixels(
    array: Array, right: Array, script: str, is_archive_right: bool
) -> None:
    context = given(array, CALIBRATED if is_archive_right else array, script)
    (found,) = findings(context)
    assert found.id == "data-normalized-twice"
    assert found.remedy.startswith("Pass" if is_archive_right else "Quantize again")
    assert after(line_in(found.remedy), array) == pytest.approx(right, abs=1e-3)


@pytest.mark.parametrize(("calibrated", "is_archive_right"), [(CALIBRATED, True), (None, False)])
def test_the_line_restores_pixels_that_lie_in_another_order_as_well(
    calibrated: Array | None, is_archive_right: bool
) -> None:
    array = (OTHERS / 255).transpose(0, 3, 1, 2).reshape(OTHERS.shape)
    (found,) = findings(given(array, array if calibrated is None else calibrated, DIVIDE))
    assert found.remedy.startswith("Pass" if is_archive_right else "Quantize again")
    assert after(line_in(found.remedy), array) == pytest.approx(OTHERS, abs=1e-3)


def test_a_wrong_calibration_does_not_say_what_raw_pixels_are() -> None:
    array = (OTHERS - MEAN) / STD
    (found,) = findings(given(array, CALIBRATED / 255, BY_IMAGENET))
    assert after(line_in(found.remedy), array) == pytest.approx(OTHERS, abs=1e-3)


def test_an_archive_of_noise_keeps_its_own_fault() -> None:
    (found,) = findings(given(NOISE, CALIBRATED / 255, DIVIDE))
    assert found.id == "data-normalized-twice"
    assert "stored in the archive" in found.evidence


@loud("normalization-missing")
@pytest.mark.parametrize(
    ("array", "line"),
    [
        (OTHERS / 255, "normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])"),
        ((OTHERS - MEAN) / STD, BY_IMAGENET),
        (
            OTHERS / 127.5 - 1,
            "normalization1 = normalization([127.5, 127.5, 127.5], [127.5, 127.5, 127.5])",
        ),
    ],
)
def test_prepared_data_show_the_normalization_that_an_archive_lacks(
    array: Array, line: str
) -> None:
    context = given(array, CALIBRATED, None, first_std=99.0)
    (found,) = findings(context)
    assert (found.id, found.commands) == ("normalization-missing", (line,))
    assert found.headline.startswith("Calibration saw raw pixels")  # these data are none
    assert found.recommendation is not None
    assert found.recommendation.default
    assert list(DatasetIdentityInspector().inspect(context)) == []  # told once


def test_prepared_data_are_wrong_where_the_network_takes_pixels() -> None:
    context = given(OTHERS / 255, CALIBRATED, None, first_std=1.0)
    (found,) = DatasetIdentityInspector().inspect(context)
    assert line_in(found.remedy) == "x = x * 255.0"
    assert "keep the archive" in found.remedy


@quiet("data-normalized-twice")
@pytest.mark.parametrize("script", [DIVIDE, BY_IMAGENET])
def test_right_data_of_right_archives(script: str) -> None:
    context = given(OTHERS, CALIBRATED, script)
    assert findings(context) == []
    assert list(DatasetIdentityInspector().inspect(context)) == []


def test_constants_for_0_to_1_are_told_with_their_consequence() -> None:
    found = findings(given(OTHERS, CALIBRATED, BY_UNITS))
    assert found[0].id == "normalization-in-unit-range"
