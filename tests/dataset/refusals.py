"""Data that are refused: the error, held to the rules of findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inspectors.wording_rules import assert_well_worded
from utils.dataset.calibration_set import open_dataset
from utils.dataset.read_as import ReadAs
from utils.errors import DatasetError
from utils.findings import Finding, Severity
from utils.har.network import Layer


def refusal(path: Path | str, *inputs: Layer, read_as: ReadAs | None = None) -> DatasetError:
    """Why opening fails; it has to be a finding that is worded as one."""
    with pytest.raises(DatasetError) as caught:
        open_dataset(str(path), inputs, 64, read_as=read_as)
    error = caught.value
    as_finding(error)
    return error


def as_finding(error: DatasetError) -> None:
    """Hold an error to the rules of findings."""
    assert error.finding_id
    assert_well_worded(
        Finding(
            id=error.finding_id,
            severity=Severity.ERROR,
            headline=error.headline,
            evidence=error.evidence,
            remedy=error.remedy,
            command=error.command,
        )
    )
