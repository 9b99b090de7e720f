"""Pictures of one light only."""

from __future__ import annotations

import numpy as np
import pytest

from inspectors.calibration import CalibrationInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import sampled
from tests.house.evidence import loud, quiet
from tests.inspectors.preparation.lines import Array

PICTURES = natural_images(64, 40, 40, seed=1)
NIGHT = (PICTURES * 0.17).astype(np.uint8)


def severities(given: Array) -> list[str]:
    found = CalibrationInspector().inspect(sampled(given))
    return [f.severity.label for f in found if f.id == "calibration-narrow-range"]


@quiet("calibration-narrow-range")
@pytest.mark.parametrize(
    "given",
    [
        PICTURES,
        np.concatenate([NIGHT[:60], PICTURES[60:]]),
        (PICTURES * 0.4).astype(np.uint8),
        NIGHT.astype(np.float32),  # of floats nobody knows the white
        (PICTURES // 255).astype(np.uint8),
        np.zeros((64, 40, 40, 3), np.uint8),
        NIGHT[:, :20, :20],  # no picture
    ],
)
def test_quiet(given: Array) -> None:
    assert severities(given) == []


@loud("calibration-narrow-range")
@pytest.mark.parametrize("given", [NIGHT, NIGHT + 200, (PICTURES * 0.2).astype(np.uint8)])
def test_loud(given: Array) -> None:
    assert severities(given) == ["info"]
