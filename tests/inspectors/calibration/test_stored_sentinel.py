"""A value far from all others in what calibration saw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.calibration.stored_sentinel import stored_sentinel
from inspectors.dataset_identity_inspector import DatasetIdentityInspector
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded

RANDOM = np.random.default_rng(6)
ROWS = RANDOM.standard_normal((128, 1, 1, 12))


def holding(value: float, share: float) -> NDArray[Any]:
    """The rows with a value in place of so many of theirs."""
    return np.where(RANDOM.random(ROWS.shape) < share, value, ROWS)


@pytest.mark.parametrize(
    ("calibrated", "expected"),
    [
        (ROWS, None),
        (ROWS * 255, None),
        (ROWS * 255 - 4000, None),
        (np.clip(ROWS * 15 - 55, -80, 0), None),  # decibels have a floor
        (holding(-999.0, 0.02), -999.0),
        (holding(65535.0, 0.01), 65535.0),
        (holding(-999.0, 0.5), None),  # half of all are no exception
        (holding(-20.0, 0.02), None),
        (ROWS * np.where(np.arange(12) < 2, 900, 1), None),
    ],
)
def test_a_value_that_alone_makes_the_energy(
    calibrated: NDArray[Any], expected: float | None
) -> None:
    assert stored_sentinel(statistics_of(ROWS), statistics_of(calibrated)) == expected


@quiet("dataset-differs")
@loud("dataset-differs")
def test_an_archive_that_was_calibrated_on_it_is_to_be_quantized_again() -> None:
    def told(calibrated: NDArray[Any]) -> list[Any]:
        model = input_model(ROWS, stored={"input_layer1": statistics_of(calibrated)})
        return list(DatasetIdentityInspector().inspect(sampled(ROWS, model=model)))

    assert told(ROWS) == []
    (found,) = told(holding(-999.0, 0.02))
    assert found.id == "dataset-differs"
    assert "a few values of -999 alone" in found.evidence
    assert found.remedy == "Quantize again on these data."
    assert found.command.startswith("hailo optimize")
    assert_well_worded(found)
