"""Bars around pictures, which those of the calibration did not have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.dataset_identity_inspector import DatasetIdentityInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding

Array = NDArray[Any]
PICTURES = natural_images(160, 64, 64, seed=8)
GIVEN, CALIBRATED = PICTURES[:64], PICTURES[64:]


def between_bars(pictures: Array, thick: int, colour: Any = 114, *, beside: bool = False) -> Array:
    """The rows, or columns, between bars that are so thick."""
    framed: Array = pictures.copy()
    along = framed.swapaxes(1, 2) if beside else framed
    along[:, :thick], along[:, -thick:] = colour, colour
    return framed


def round_view(pictures: Array) -> Array:
    """As of an endoscope: black outside of a circle."""
    y, x = np.indices((64, 64)) - 31.5
    return np.asarray(np.where((y**2 + x**2 > 31**2)[None, :, :, None], 0, pictures))


def found_in(given: Array, calibrated: Array) -> list[Finding]:
    stored = {"input_layer1": statistics_of(calibrated)}
    context = sampled(given, model=input_model(given, stored=stored))
    return list(DatasetIdentityInspector().inspect(context))


@quiet("dataset-differs")
@pytest.mark.parametrize(
    ("given", "calibrated"),
    [
        (GIVEN, CALIBRATED),
        (between_bars(GIVEN, 14), between_bars(CALIBRATED, 14)),
        (between_bars(GIVEN, 14), between_bars(CALIBRATED, 14, beside=True)),
        (between_bars(GIVEN, 1), CALIBRATED),  # 3 % of a picture
        (between_bars(GIVEN[:12], 14), CALIBRATED),  # too few to know their spread
        (round_view(GIVEN), round_view(CALIBRATED)),
    ],
    ids=["none", "on both sides", "beside and above", "thin", "few samples", "a round view"],
)
def test_quiet(given: Array, calibrated: Array) -> None:
    assert found_in(given, calibrated) == []


@loud("dataset-differs")
@pytest.mark.parametrize(
    ("given", "share"),
    [
        (between_bars(GIVEN, 14), "44%"),
        (between_bars(GIVEN, 14, beside=True), "44%"),
        (between_bars(GIVEN, 14, (124, 116, 104)), "44%"),
    ],
)
def test_bars_that_calibration_did_not_see(given: Array, share: str) -> None:
    (found,) = found_in(given, CALIBRATED)
    assert (found.id, found.severity.label) == ("dataset-differs", "warning")
    assert found.evidence.startswith(f"{share} of every sample of net/input_layer1 have one colour")
    assert found.measured["spread"] < 0.9 < found.measured["spread_without_bars"] < 1.1
    assert_well_worded(found)
