"""Letters and digits in white on black, where the calibration saw black on white."""

from __future__ import annotations

import numpy as np
import pytest

from inspectors.dataset_identity_inspector import DatasetIdentityInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from tests.inspectors.preparation.lines import Array, after, line_in
from utils.findings import Finding


def digits(seed: int, channels: int = 1) -> Array:
    """Strokes of white on black, uint8 (96, 28, 28, channels)."""
    random = np.random.default_rng(seed)
    made = np.zeros((96, 28, 28, channels), np.uint8)
    for each in made:
        for _ in range(3):
            down, along = random.integers(4, 20, 2)
            each[down : down + 2, along : along + 8] = 255
            each[down : down + 8, along : along + 2] = random.integers(150, 256)
    return made


DIGITS, OTHERS = digits(1), digits(2)
PICTURES = natural_images(64, 40, 40, seed=1)


def told(given: Array, calibrated: Array) -> list[Finding]:
    stored = {"input_layer1": statistics_of(calibrated)}
    context = sampled(given, model=input_model(given, stored=stored))
    return list(DatasetIdentityInspector().inspect(context))


@quiet("dataset-differs")
@pytest.mark.parametrize(
    ("given", "calibrated"), [(OTHERS, DIGITS), (255 - OTHERS, 255 - DIGITS), (OTHERS, OTHERS)]
)
def test_quiet(given: Array, calibrated: Array) -> None:
    assert told(given, calibrated) == []


@pytest.mark.parametrize(
    ("given", "calibrated"),
    [
        (255 - PICTURES, PICTURES),
        (255 - PICTURES // 4, PICTURES // 4),  # scenes in more light look like it
        (PICTURES // 3, 255 - PICTURES // 3),
        (OTHERS // 2, DIGITS),
        (np.full_like(OTHERS, 200) + OTHERS // 8, DIGITS),
    ],
)
def test_scenes_are_not_inverted(given: Array, calibrated: Array) -> None:
    assert not any("inverted" in each.evidence for each in told(given, calibrated))


@loud("dataset-differs")
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("white", [255, 1])
def test_loud(channels: int, white: int) -> None:
    shown, calibrated = (digits(seed, channels) / 255 * white for seed in (2, 1))
    for given, stored in ((white - shown, calibrated), (shown, white - calibrated)):
        (finding,) = told(given, stored)
        assert finding.severity.label == "error"
        assert "inverted" in finding.evidence
        np.testing.assert_allclose(after(line_in(finding.remedy), given), white - given)
