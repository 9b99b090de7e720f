"""Channels that never change, beside others that do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.calibration import CalibrationInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import sampled
from tests.house.evidence import loud, quiet
from utils.findings import Finding

Array = NDArray[Any]
RGB = natural_images(40)
ROWS = np.random.default_rng(3).normal(0.0, 1.0, (40, 1, 1, 6)).astype(np.float32)


def found(array: Array) -> list[Finding]:
    every = CalibrationInspector().inspect(sampled(array))
    return [finding for finding in every if finding.id == "calibration-constant-channel"]


def with_constant(array: Array, value: float, *channels: int) -> Array:
    changed: Array = array.copy()
    changed[..., list(channels)] = value
    return changed


def with_alpha(value: float) -> Array:
    return np.concatenate([RGB, np.full_like(RGB[..., :1], value)], axis=3)


@loud("calibration-constant-channel")
@pytest.mark.parametrize(
    ("array", "severity", "evidence"),
    [
        (with_alpha(255), "warning", "255 in channel 3, of 4 channels"),
        (with_constant(ROWS, 0.0, 4), "info", "0 in channel 4, of 6 channels"),
        (with_constant(ROWS, -1.5, 1, 2), "info", "-1.5 in channel 1 and -1.5 in channel 2, of 6"),
    ],
)
def test_a_channel_of_one_value(array: Array, severity: str, evidence: str) -> None:
    (finding,) = found(array)
    assert finding.severity.label == severity
    assert evidence in finding.evidence
    assert finding.remedy
    assert ("Unless it was an opaque alpha in training" in finding.remedy) is (
        severity == "warning"
    )


@pytest.mark.parametrize(
    ("channels", "said"),
    [((4,), "that channel 4 of net/input_layer1 was"), ((1, 2), "that channels 1 and 2 of net/i")],
)
def test_one_channel_was_and_several_were_filled_in(channels: tuple[int, ...], said: str) -> None:
    (finding,) = found(with_constant(ROWS, 0.0, *channels))
    assert said in finding.remedy
    assert (" were " in finding.remedy) == (len(channels) > 1)


@quiet("calibration-constant-channel")
@pytest.mark.parametrize(
    "array",
    [
        RGB,
        ROWS,
        with_constant(ROWS, 1.0, *range(6)),  # the whole input, which is told as such
        with_constant(ROWS, 1.0, 4)[:15],
        np.concatenate([with_constant(ROWS, 1.0, 4)[1:], ROWS[:1]]),
    ],
    ids=["pictures", "rows", "all channels", "few samples", "once another value"],
)
def test_quiet(array: Array) -> None:
    assert found(array) == []
