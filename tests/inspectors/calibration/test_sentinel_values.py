"""Values that stand for none, and those that only look like it."""

from __future__ import annotations

import numpy as np
import pytest

from inspectors.calibration import CalibrationInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import sampled
from tests.house.evidence import loud, quiet
from tests.inspectors.preparation.lines import Array
from utils.findings import Finding

RANDOM = np.random.default_rng(6)
PICTURES = natural_images(32, 40, 40, seed=4)
DEPTH = (0.3 + PICTURES[..., :1] / 40).astype(np.float32)
MOTION = RANDOM.normal(0, 0.3, (64, 1, 128, 6)).astype(np.float32)
HOLES = RANDOM.random(DEPTH.shape) < 0.05
GAPS = RANDOM.random(MOTION.shape) < 0.01
TABLE = RANDOM.normal(0, 1, (64, 1, 1, 12)).astype(np.float32)
SPARSE = np.arange(TABLE.size).reshape(TABLE.shape) % 110 == 5  # seven gaps
# The last two channels are flags; in one of 50 rows nothing was measured at all.
FLAGGED = np.where(np.arange(6) < 4, MOTION, MOTION > 0)
ROWS = np.broadcast_to((np.arange(64 * 128) % 50 == 5).reshape(64, 1, 128, 1), MOTION.shape)


def framed(pictures: Array, value: float) -> Array:
    """With bars above and below."""
    found: Array = pictures.copy()
    found[:, :8], found[:, -8:] = value, value
    return found


def found_in(given: Array) -> list[Finding]:
    return list(CalibrationInspector().inspect(sampled(given)))


@quiet("calibration-sentinel")
@pytest.mark.parametrize(
    "given",
    [
        PICTURES,
        DEPTH,
        MOTION,
        framed(PICTURES, 0),  # black borders
        framed(PICTURES, 114),
        framed((PICTURES / 127.5 - 1), -1.0),
        framed(PICTURES / 255, 2.0),  # not far
        np.minimum(PICTURES * 1.8, 255.0),  # overexposed
        np.where(HOLES, 255, PICTURES[..., :1] // 4),  # lamps at night
        np.where(HOLES, 1.0, PICTURES[..., :1] / 1020),
        np.where(HOLES, 0.0, DEPTH + 20),  # 0 is nothing
        np.eye(8, dtype=np.float32)[RANDOM.integers(0, 8, (64, 1, 128))],  # one-hot
        np.where(GAPS, -999.0, 0.0),  # flags
        np.where(np.arange(6) == 2, 1000.0, MOTION),  # a constant channel
        np.where((np.arange(6) == 2) & GAPS, 1000.0, np.where(np.arange(6) == 2, 1.0, MOTION)),
        MOTION * 1000 ** (np.arange(6) / 5),  # scales of their own
        np.full((32, 40, 40, 1), 7.0),
        np.where(np.arange(MOTION.size).reshape(MOTION.shape) == 7, -999.0, MOTION),  # once
        np.where(np.arange(TABLE.size).reshape(TABLE.shape) % 300 == 5, -999.0, TABLE),  # thrice
        RANDOM.standard_t(1, MOTION.shape),  # outliers
        FLAGGED,
        np.where(ROWS & (np.arange(6) < 4), 1000.0, (MOTION > 0) + MOTION * (np.arange(6) == 3)),
    ],
)
def test_quiet(given: Array) -> None:
    assert [each for each in found_in(given) if each.id == "calibration-sentinel"] == []


@loud("calibration-sentinel")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.where(HOLES, np.float32(65.535), DEPTH), "exactly 65.535, all others lie between"),
        (np.where(GAPS, np.float32(-999), MOTION), "exactly -999, all others lie between -1."),
        (framed(PICTURES / 255 * 80 - 80, -230.0), "40.0% of the values of "),
        (framed(PICTURES / 255, 114.0), "exactly 114, all others lie between 0"),
        (np.where(GAPS & (np.arange(6) == 4), 1e4, MOTION), "exactly 10000, all others"),
        (np.where(SPARSE, np.float32(-999), TABLE), "0.9% of the values of "),
        (np.where(ROWS, np.float32(-999), FLAGGED), "exactly -999, all others"),  # whole rows
    ],
)
def test_loud(given: Array, said: str) -> None:
    findings = {each.id: each for each in found_in(given)}
    found = findings["calibration-sentinel"]
    assert found.severity.label == "warning"
    assert said in found.evidence
    assert found.remedy.startswith("Replace ")
    assert found.command.startswith("hailo optimize")


@quiet("calibration-noise")
def test_pictures_with_holes_are_no_noise() -> None:
    """What stands for none is unlike its neighbours, and they are pictures all the same."""
    assert "calibration-noise" not in {
        each.id for each in found_in(np.where(HOLES, np.float32(65.535), DEPTH))
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (framed(PICTURES / 255, 114.0), "such as 0.447, which is 114 of 255, in"),
        (framed(PICTURES / 255, 255.0), "such as 1, which is 255 of 255, in"),
        (np.where(GAPS, np.float32(-999), np.abs(MOTION) + 2), "such as 2, in"),
    ],
)
def test_padding_in_grey_levels_is_told_in_the_unit_of_the_others(given: Array, said: str) -> None:
    findings = {each.id: each for each in found_in(given)}
    assert said in findings["calibration-sentinel"].remedy
