"""Data that constants of a sensor cannot be those of, quiet first and loud after."""

from __future__ import annotations

import pytest

from inspectors.normalization import NormInspector
from tests.fixtures.builders import build_statistics
from tests.house.evidence import loud, quiet
from tests.inspectors.normalization.contexts import INPUT, build
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding
from utils.har.network import Shape
from utils.har.statistics import ChannelStatistics

SCAN: Shape = (48, 48, 1)
FOR_SCANS = "normalization1 = normalization([800.0], [400.0])"  # of 12 bit


def pixels(low: float, high: float, mean: float, std: float) -> ChannelStatistics:
    return build_statistics(low, high, mean=mean, std=std, channels=1)


RIGHT, CUT = pixels(0, 4095, 760, 350), pixels(0, 255, 55, 27)
DARK = pixels(0, 60, 9, 5)


def told(data: ChannelStatistics, script: str, shape: Shape = SCAN) -> list[Finding]:
    found = NormInspector().inspect(build(data, shape, script))
    return [f for f in found if f.id == "normalization-unusual" and f.severity.label != "info"]


@quiet("normalization-unusual")
@pytest.mark.parametrize(
    ("data", "script", "shape"),
    [
        (RIGHT, FOR_SCANS, SCAN),
        (pixels(0, 4095, 300, 150), FOR_SCANS, SCAN),  # others of the same sensor
        (DARK, "normalization1 = normalization([118.0], [60.0])", SCAN),  # pictures of the night
        (CUT, "normalization1 = normalization([0.0], [400.0])", SCAN),
        (CUT, FOR_SCANS, (1, 1, 1)),
    ],
)
def test_quiet_where_constants_may_be_of_such_data(
    data: ChannelStatistics, script: str, shape: Shape
) -> None:
    assert told(data, script, shape) == []


@loud("normalization-unusual")
def test_values_that_were_cut_to_8_bit_are_others_than_the_constants_are_for() -> None:
    (found,) = told(CUT, FOR_SCANS)
    assert found.severity.label == "warning"
    assert found.layers == (INPUT,)
    assert "line 1 of the model script, [800] / [400], leaves" in found.evidence
    assert "mean: [-1.86]" in found.evidence
    assert_well_worded(found)
