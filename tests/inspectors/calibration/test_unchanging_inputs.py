"""Inputs that never change, beside others that do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.calibration import CalibrationInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import sampled
from tests.house.evidence import loud, quiet

Array = NDArray[Any]
PICTURES, OTHERS = natural_images(32, 40, 40), natural_images(32, 40, 40, seed=2)
ONE = np.repeat(OTHERS[:1], 32, axis=0)
ROWS = np.random.default_rng(3).normal(0, 1, (32, 1, 1, 6)).astype(np.float32)
ONE_ROW = np.repeat(ROWS[:1], 32, axis=0)


def told(*arrays: Array) -> list[tuple[str, str]]:
    found = CalibrationInspector().inspect(sampled(*arrays))
    return [
        (f.severity.label, f.layers[0])
        for f in found
        if f.id == "calibration-duplicates" and "every sample" in f.headline
    ]


@quiet("calibration-duplicates")
@pytest.mark.parametrize(
    "arrays",
    [
        (PICTURES, OTHERS),
        (PICTURES, ROWS),
        (PICTURES, np.concatenate([ONE[1:], PICTURES[:1]])),
        (PICTURES, np.stack([np.roll(OTHERS[0], step, axis=1) for step in range(32)])),
        (ONE, ONE),  # copies of whole samples
        (ONE,),
        (PICTURES, np.ones_like(ROWS)),  # one value
        (PICTURES[:4], ONE[:4]),
    ],
)
def test_quiet(arrays: tuple[Array, ...]) -> None:
    assert told(*arrays) == []


@loud("calibration-duplicates")
def test_loud() -> None:
    assert told(PICTURES, ONE) == [("warning", "net/input_layer2")]
    assert told(ONE / 255, PICTURES) == [("warning", "net/input_layer1")]
    assert told(PICTURES, ONE_ROW) == [("info", "net/input_layer2")]
