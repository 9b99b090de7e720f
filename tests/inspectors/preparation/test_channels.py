"""What is between channels and those of the calibration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.calibration.identity import is_error
from inspectors.dataset_identity_inspector import DatasetIdentityInspector
from inspectors.preparation.channels import Fault
from inspectors.preparation.judged import prepared_inputs
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from utils.findings import Finding

Array = NDArray[Any]


def motion(seed: int) -> Array:
    """Accelerations in m/s2 and rotations in degrees a second, float32 (128, 1, 100, 6)."""
    random = np.random.default_rng(seed)
    waves = np.sin(
        np.arange(100)[None, :, None] * random.uniform(0.02, 0.3, (128, 1, 6))
        + random.uniform(0, 6, (128, 1, 6))
    )
    sizes = np.array([2.0, 3.1, 1.3, 60.0, 95.0, 40.0])
    made = waves * random.uniform(0.3, 1.2, (128, 1, 6)) * sizes
    moved: Array = made + np.array([0, 0, 9.8, 0, 0, 0])
    return moved[:, None].astype(np.float32)


def table(seed: int) -> Array:
    """Features of a table, as they were measured, float32 (256, 1, 1, 12)."""
    random = np.random.default_rng(seed)
    made: Array = random.lognormal(0, 0.5, (256, 1, 1, 12)) * np.geomspace(0.1, 900, 12)
    return made.astype(np.float32)


MOTION, OTHER_MOTION = motion(1), motion(2)
TABLE, OTHER_TABLE = table(1), table(2)
RADIANS = np.array([1, 1, 1, *[np.pi / 180] * 3], np.float32)
GRAVITY = np.array([*[1 / 9.80665] * 3, 1, 1, 1], np.float32)
UPSIDE_DOWN = np.array([1, 1, -1, 1, 1, 1], np.float32)
AT_REST = np.array([1, 1, 1, 1 / 9, 1 / 23, 1 / 14], np.float32)
PICTURES, OTHERS = natural_images(64, seed=1), natural_images(64, seed=2)


def standardized(array: Array) -> Array:
    made: Array = (array - TABLE.mean((0, 1, 2))) / TABLE.std((0, 1, 2))
    return made


def to_unit(array: Array) -> Array:
    low, high = TABLE.min((0, 1, 2)), TABLE.max((0, 1, 2))
    made: Array = (array - low) / (high - low)
    return made


def grey(pictures: Array) -> Array:
    return np.repeat(pictures.mean(-1, keepdims=True).round().astype(np.uint8), 3, axis=-1)


def told(array: Array, calibrated: Array) -> tuple[list[Finding], Fault | None]:
    stored = {"input_layer1": statistics_of(calibrated)}
    context = sampled(array, model=input_model(array, stored=stored))
    (prepared,) = prepared_inputs(context).values()
    difference = prepared.difference
    findings = list(DatasetIdentityInspector().inspect(context))
    if difference is None or difference.fault is None:
        return findings, None
    assert is_error(prepared) is (findings[0].severity.label == "error")
    return findings, difference.fault.fault


@quiet("dataset-differs")
@pytest.mark.parametrize(
    ("array", "calibrated"),
    [
        (OTHER_MOTION, MOTION),
        (OTHER_TABLE / 900, TABLE / 900),
        (standardized(OTHER_TABLE), standardized(TABLE)),
        (to_unit(OTHER_TABLE), to_unit(TABLE)),
        (OTHERS, PICTURES),
        (grey(OTHERS), grey(PICTURES)),
    ],
)
def test_quiet(array: Array, calibrated: Array) -> None:
    assert told(array, calibrated) == ([], None)


@pytest.mark.parametrize(
    ("array", "calibrated"),
    [
        (MOTION * AT_REST, MOTION),  # no unit makes channels smaller by different factors
        (MOTION * np.array([1, 1, 1, 1, 1, 0.01], np.float32), MOTION),  # one sensor may be at rest
        (MOTION + 30, MOTION),
        (
            MOTION - np.array([0, 0, 15, 0, 0, 0], np.float32),
            MOTION,
        ),
        (MOTION * np.array([1, 1, -2, 1, 1, 1], np.float32), MOTION),
        (-TABLE, standardized(TABLE)),
        (TABLE, standardized(TABLE)),
    ],
)
def test_what_nothing_explains(array: Array, calibrated: Array) -> None:
    assert told(array, calibrated)[1] is None


@loud("dataset-differs")
@pytest.mark.parametrize(
    ("array", "calibrated", "fault"),
    [
        (OTHER_MOTION * RADIANS, MOTION, Fault.UNIT),
        (OTHER_MOTION * GRAVITY, MOTION, Fault.UNIT),
        (OTHER_MOTION, MOTION * GRAVITY, Fault.UNIT),
        (OTHER_MOTION * UPSIDE_DOWN, MOTION, Fault.SIGN),
        (-5 - np.sin(OTHER_TABLE), 5 + np.sin(TABLE), Fault.SIGN),
        (OTHER_MOTION[..., [3, 4, 5, 0, 1, 2]], MOTION, Fault.ORDER),
        (OTHER_TABLE[..., ::-1], TABLE, Fault.ORDER),
        (to_unit(OTHER_TABLE), standardized(TABLE), Fault.BY_ENDS),
        (standardized(OTHER_TABLE), to_unit(TABLE), Fault.STANDARDIZED),
        (OTHERS, grey(PICTURES), Fault.COLOUR),
        (grey(OTHERS), PICTURES, Fault.GREY),
    ],
)
def test_loud(array: Array, calibrated: Array, fault: Fault) -> None:
    findings, found = told(array, calibrated)
    assert found is fault
    (finding,) = findings
    assert finding.severity.label == ("warning" if fault in (Fault.COLOUR, Fault.GREY) else "error")


@pytest.mark.parametrize(
    "changed",
    [
        MOTION * RADIANS,
        MOTION * UPSIDE_DOWN,
        MOTION * GRAVITY,
        MOTION[..., [3, 4, 5, 0, 1, 2]],
        MOTION / GRAVITY,
    ],
)
def test_the_line_undoes_it(changed: Array) -> None:
    (finding,), _ = told(changed, MOTION)
    names: dict[str, Any] = {"np": np, "x": changed.copy()}
    exec(finding.remedy.split("`")[1], names)
    np.testing.assert_allclose(names["x"], MOTION, rtol=1e-4, atol=1e-4)
