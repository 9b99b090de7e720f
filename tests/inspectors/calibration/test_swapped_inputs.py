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

Array = NDArray[Any]
RANDOM = np.random.default_rng(3)
DAY = natural_images(64, 40, 40, seed=1).astype(np.float32)
NIGHT = DAY[::-1] * 0.25
OTHER_DAY = natural_images(64, 40, 40, seed=2).astype(np.float32)
DEPTH = natural_images(64, 40, 40, seed=3).astype(np.float32) / 255
SMALLER = DEPTH[:, :32]
ROWS, SCALED = RANDOM.normal(0, 1, (2, 64, 1, 1, 6)) * [[[[[1.0]]]], [[[[50.0]]]]]
FLAGS = np.ones((64, 1, 1, 6))


def messages(given: list[Array], calibrated: list[Array | None]) -> list[str]:
    stored = {
        f"input_layer{number}": statistics_of(array)
        for number, array in enumerate(calibrated, 1)
        if array is not None
    }
    context = sampled(*given, model=input_model(*given, stored=stored))
    found = [f for f in CalibrationInspector().inspect(context) if f.severity.label != "info"]
    assert {f.id for f in found} <= {"calibration-input-names"}
    differs = list(DatasetIdentityInspector().inspect(context))
    explained = " ".join(map(str, DatasetIdentityInspector().not_checked(context)))
    # What is wrong with swapped inputs is told once.
    swapped = {name for f in found for name in f.layers}
    assert not swapped & {name for f in differs for name in f.layers}
    assert all(f"{name} are of another kind" in explained for name in swapped)
    return [f"{f.severity.label} {' '.join(f.layers)}" for f in found]


@quiet("calibration-input-names")
@pytest.mark.parametrize(
    ("given", "calibrated"),
    [
        ([DAY, DEPTH], [DAY, DEPTH]),
        ([OTHER_DAY, DEPTH], [DAY, DEPTH]),
        ([DAY, OTHER_DAY], [OTHER_DAY, DAY]),  # of one kind: nobody could tell
        ([DEPTH, DAY], [DAY, None]),
        ([NIGHT, DEPTH], [DAY, DEPTH]),
        ([ROWS, ROWS], [ROWS, ROWS]),
        ([DEPTH * 9, DAY], [DAY, DEPTH]),
        ([SMALLER, DAY], [DAY[:, :32], DEPTH]),
        ([FLAGS, FLAGS], [FLAGS, FLAGS]),
        ([ROWS, SCALED], [ROWS, SCALED]),
    ],
)
def test_quiet(given: list[Array], calibrated: list[Array | None]) -> None:
    assert messages(given, calibrated) == []


BOTH = "warning net/input_layer1 net/input_layer2"


@loud("calibration-input-names")
@pytest.mark.parametrize(
    ("given", "calibrated", "expected"),
    [
        ([DEPTH, DAY], [DAY, DEPTH], [BOTH]),
        ([DEPTH, OTHER_DAY], [DAY, DEPTH], [BOTH]),
        ([NIGHT, DAY], [DAY, NIGHT], [BOTH]),
        ([SCALED, ROWS], [ROWS, SCALED], [BOTH]),
        ([FLAGS, ROWS], [ROWS, FLAGS], [BOTH]),
        (
            [DAY, SMALLER, DEPTH, NIGHT],
            [DAY, SMALLER, NIGHT, DEPTH],
            ["warning net/input_layer3 net/input_layer4"],
        ),
    ],
)
def test_swapped(given: list[Array], calibrated: list[Array | None], expected: list[str]) -> None:
    assert messages(given, calibrated) == expected


@quiet("calibration-input-names")
@loud("calibration-input-names")
@pytest.mark.parametrize(
    ("one", "other", "is_told"),
    [
        (DAY, DAY.copy(), True),
        (DAY, DAY[::-1], False),
        (DAY, np.roll(DAY, 1, axis=2), False),
        (DAY[:1], DAY[:1], False),
        (DAY * 0, DAY * 0, False),  # is told as blank
        (ROWS, ROWS, False),  # states may begin alike
    ],
)
def test_one_array_for_two_inputs(one: Array, other: Array, is_told: bool) -> None:
    found = [f for f in CalibrationInspector().inspect(sampled(one, other)) if "input" in f.id]
    told = [f.layers for f in found if f.id == "calibration-input-names"]
    assert told == ([("net/input_layer1", "net/input_layer2")] if is_told else [])
