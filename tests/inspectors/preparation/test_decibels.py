"""Spectrograms without the decibels that their network was made for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.calibration import CalibrationInspector
from inspectors.dataset_identity_inspector import DatasetIdentityInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from tests.inspectors.preparation.lines import after

Array = NDArray[Any]


def spectra(seed: int) -> Array:
    """Decibels below the loudest place, float32 (64, 40, 40, 1)."""
    random = np.random.default_rng(seed)
    shape = natural_images(64, 40, 40, seed=seed)[..., :1] / 255 * 50 - 70
    levels = shape + random.normal(0, 3, shape.shape)
    loudest = levels.max(axis=(1, 2), keepdims=True)
    made: Array = np.clip(levels - loudest, -80, 0).astype(np.float32)
    return made


CALIBRATED, OTHERS = spectra(1), spectra(2)
POWER = (10 ** (OTHERS / 10)).astype(np.float32)
PICTURES = natural_images(64, 40, 40, seed=3)[..., :1]


def told(array: Array, calibrated: Array) -> list[tuple[str, str]]:
    stored = {"input_layer1": statistics_of(calibrated)}
    context = sampled(array, model=input_model(array, stored=stored))
    found = [*CalibrationInspector().inspect(context), *DatasetIdentityInspector().inspect(context)]
    return [(f.id, f.remedy) for f in found if f.severity.label == "error"]


@quiet("calibration-noise", "dataset-differs")
def test_decibels_are_as_they_should_be() -> None:
    assert told(OTHERS, CALIBRATED) == []


@loud("dataset-differs")
@quiet("calibration-noise")
@pytest.mark.parametrize("given", [POWER, np.sqrt(POWER)])
def test_the_line_makes_decibels(given: Array) -> None:
    ((found, remedy),) = told(given, CALIBRATED)
    assert found == "dataset-differs"
    assert "log10" in remedy
    np.testing.assert_allclose(after(remedy.split("`")[1], given), OTHERS, atol=0.5)


@pytest.mark.parametrize(
    ("given", "calibrated"),
    [
        (PICTURES, CALIBRATED),
        (PICTURES / 255, CALIBRATED),
        (POWER, PICTURES / 127.5 - 1),
        (np.random.default_rng(4).random(PICTURES.shape), CALIBRATED),
    ],
)
def test_other_values_are_no_power(given: Array, calibrated: Array) -> None:
    assert not any("log10" in remedy for _, remedy in told(given, calibrated))
