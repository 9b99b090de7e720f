"""Red and blue that were exchanged within the stored ranges, whichever samples are given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.judgement.samples import pictures
from inspectors.dataset_identity_inspector import DatasetIdentityInspector
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from utils.findings import Finding

Array = NDArray[Any]
EVERY = pictures(512, 32, 0, 4, 2).images  # warm colours before warm grounds
CALIBRATED = EVERY[:64]


def full(samples: Array) -> Array:
    """Pictures that reach black and white in every channel, so that no value lies outside."""
    made: Array = samples.copy()
    made[:, 0, 0], made[:, 0, 1] = 0, 255
    return made


def found(given: Array, calibrated: Array) -> list[Finding]:
    stored = {"input_layer1": statistics_of(calibrated)}
    model = input_model(given, stored=stored)
    return list(DatasetIdentityInspector().inspect(sampled(given, model=model)))


@quiet("dataset-differs")
@pytest.mark.parametrize("first", range(64, 512, 64))
def test_other_pictures_of_the_same_kind_are_none(first: int) -> None:
    assert found(full(EVERY[first : first + 64]), full(CALIBRATED)) == []


@quiet("dataset-differs")
@pytest.mark.parametrize(
    ("given", "calibrated"),
    [
        (EVERY[64:72, ..., ::-1], CALIBRATED),  # too few to know
        (np.repeat(EVERY[64:72, ..., ::-1], 8, axis=0), CALIBRATED),  # and copies tell no more
    ],
    ids=["few", "copies"],
)
def test_tints_that_are_not_known_are_none(given: Array, calibrated: Array) -> None:
    assert found(full(given), full(calibrated)) == []


@loud("dataset-differs")
@pytest.mark.parametrize("first", range(64, 512, 64))
def test_exchanged_colours_are_told_whichever_pictures_are_given(first: int) -> None:
    (finding,) = found(full(EVERY[first : first + 64, ..., ::-1]), full(CALIBRATED))
    assert finding.severity.label == "warning"
    assert finding.headline.startswith("Red and blue are exchanged")
    assert "x = x[..., ::-1]" in finding.remedy
