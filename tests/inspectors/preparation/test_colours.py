"""Pictures in another colour space than those of the calibration."""

from __future__ import annotations

import numpy as np
import pytest

from inspectors.dataset_identity_inspector import DatasetIdentityInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from tests.inspectors.preparation.lines import Array
from utils.facts.colour_spaces import COLOUR_SPACES, ColourSpace
from utils.findings import Finding

# Scenes are darker than grey on average, in which brightness and differences of colours agree.
CALIBRATED, OTHERS = (natural_images(64, 48, 48, seed=seed, kinds=4) // 4 * 3 for seed in (1, 2))
SPACES = pytest.mark.parametrize("space", COLOUR_SPACES, ids=lambda space: space.name)


def in_space(pictures: Array, space: ColourSpace) -> Array:
    pixels = pictures.reshape(-1, 3).astype(np.float64)
    return space.from_rgb(pixels).reshape(pictures.shape).astype(np.uint8)


def told(given: Array, calibrated: Array) -> list[Finding]:
    stored = {"input_layer1": statistics_of(calibrated)}
    context = sampled(given, model=input_model(given, stored=stored))
    return list(DatasetIdentityInspector().inspect(context))


@quiet("dataset-differs")
@SPACES
def test_both_sides_in_one_space_are_alike(space: ColourSpace) -> None:
    assert told(in_space(OTHERS, space), in_space(CALIBRATED, space)) == []


@pytest.mark.parametrize(
    "given",
    [
        OTHERS,
        OTHERS // 4,
        OTHERS // 4 + 150,
        (OTHERS * np.array([0.35, 0.8, 1.0])).astype(np.uint8),
        (OTHERS * np.array([1.0, 0.7, 0.3])).astype(np.uint8),
        np.repeat(OTHERS.mean(axis=3, keepdims=True), 3, axis=3).astype(np.uint8),
        255 - OTHERS,
        OTHERS[..., ::-1],
        np.minimum(OTHERS[..., [1, 2, 0]] + np.array([40, 0, 0]), 255).astype(np.uint8),
        np.random.default_rng(3).integers(0, 256, OTHERS.shape).astype(np.uint8),
    ],
)
def test_other_pictures_have_no_other_space(given: Array) -> None:
    found = [*told(given, CALIBRATED), *told(CALIBRATED, given)]
    assert not any("colour space" in each.headline for each in found)


@loud("dataset-differs")
@SPACES
def test_the_space_of_the_data_is_named(space: ColourSpace) -> None:
    (found,) = told(in_space(OTHERS, space), CALIBRATED)
    assert found.severity.label == "error"
    assert f"in {space.name} instead of RGB" in found.evidence
    assert space.restoring.format(x="x") in found.remedy
    assert found.remedy.startswith("Change")


@loud("dataset-differs")
@SPACES
def test_the_space_of_the_calibration_is_named(space: ColourSpace) -> None:
    (found,) = told(OTHERS, in_space(CALIBRATED, space))
    assert f"in RGB instead of {space.name}" in found.evidence
    assert space.converting.format(x="x") in found.remedy
    assert found.remedy.startswith("Quantize again on these data if the network was trained on RGB")
