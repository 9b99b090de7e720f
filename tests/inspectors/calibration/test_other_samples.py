"""Few samples that the archive was calibrated on, and few that it was not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import inspectors
from inspectors.base_inspector import Context
from inspectors.calibration import CalibrationInspector
from inspectors.calibration.other_samples import is_calibrated_on_others
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding

Array = NDArray[Any]
SEEN = natural_images(64, seed=3)
OTHERS = natural_images(64, seed=4)
PART = "model_optimization_config(calibration, calibset_size=8)\n"


def context_of(given: Array, calibrated: Array | None, script: str | None = None) -> Context:
    """These samples for an archive that was calibrated on those."""
    stored = {} if calibrated is None else {"input_layer1": statistics_of(calibrated)}
    model = input_model(given, stored=stored, script=script)
    return sampled(given, model=model, in_file=len(given))


def told(context: Context) -> Finding:
    result = inspectors.run(CalibrationInspector, context)
    (found,) = (each for each in result.findings if each.id == "calibration-too-few")
    assert_well_worded(found)
    return found


@quiet("calibration-too-few")
@pytest.mark.parametrize(
    ("given", "severity"), [(OTHERS[:40], "info"), (SEEN[:3], "info"), (OTHERS[:1], "warning")]
)
def test_few_samples_of_another_set_accuse_no_calibration(given: Array, severity: str) -> None:
    found = told(context_of(given, SEEN))
    assert found.severity.label == severity
    assert "calibrated on others" in found.headline
    assert found.remedy == "Pass at least 64 samples with -d."
    assert found.recommendation is None


@loud("calibration-too-few")
@pytest.mark.parametrize(
    ("given", "calibrated", "script", "severity"),
    [
        (SEEN[:40], SEEN[:40], None, "warning"),
        (SEEN[:1], SEEN[:1], None, "error"),
        (SEEN[:40], None, None, "warning"),  # nothing is stored
        (SEEN[:40], SEEN[:8], PART, "warning"),  # the script lets calibration see a part
        # Data that were prepared otherwise are told as such, and show nothing of the number.
        ((SEEN[:40] / 255).astype(np.float32), SEEN[:40], None, "warning"),
    ],
    ids=["the same", "a single one", "nothing stored", "a part", "prepared otherwise"],
)
def test_few_samples_of_the_calibration_are_too_few(
    given: Array, calibrated: Array | None, script: str | None, severity: str
) -> None:
    context = context_of(given, calibrated, script)
    assert not is_calibrated_on_others(context)
    assert told(context).severity.label == severity


def test_samples_that_were_not_all_read_show_nothing() -> None:
    context = sampled(OTHERS[:20], model=context_of(OTHERS[:20], SEEN).model, in_file=40)
    assert not is_calibrated_on_others(context)
