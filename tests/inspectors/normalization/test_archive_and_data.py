"""What is the fault of the archive, and what of the data that are given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inspectors.base_inspector import Context
from tests.fixtures.builders import (
    build_context,
    build_measurements,
)
from tests.inspectors.normalization.contexts import (
    BY_IMAGENET,
    BY_UNITS,
    CONV,
    DIVIDE,
    INPUT,
    LOUD,
    RAW,
    TWICE,
    TWO_LINES,
    UNIT,
    Z_SCORES,
    build,
    findings,
    summary,
)
from utils.har.statistics import ChannelStatistics
from utils.measurements import LayerMeasurement


def test_fault_of_the_archive_shows_behind_correct_data() -> None:
    """Calibrated on 0..1 under a division; raw pixels, which are right, do not mend that."""
    archive = build(UNIT, script=DIVIDE, stored=True)
    measured = build_measurements(input_layer1=LayerMeasurement(RAW))
    assert findings(build_context(build(RAW, script=DIVIDE, stored=True).model, measured)) == []
    (found,) = findings(build_context(archive.model, measured))
    assert summary([found]) == [TWICE]
    assert found.measured == pytest.approx({"low": 0.0, "high": 1.0})
    assert "stored in the archive by its calibration" in found.message


def test_raw_calibration_shows_behind_data_in_unit_range() -> None:
    archive = build(RAW, first_std=99.0, stored=True)
    measured = build_measurements(input_layer1=LayerMeasurement(UNIT))
    assert findings(build_context(build(UNIT, stored=True).model, measured)) == []
    (found,) = findings(build_context(archive.model, measured))
    assert summary([found]) == [("normalization-missing", "error", (INPUT, CONV))]


def test_data_that_calibration_did_not_see_so_leave_the_archive_as_it_is() -> None:
    archive = build(RAW, script=DIVIDE, stored=True)
    measured = build_measurements(input_layer1=LayerMeasurement(UNIT))
    (found,) = findings(replace(archive, measurements=measured))
    assert "; pass the raw pixels 0..255, or delete line 1" in found.message


@pytest.mark.parametrize(
    ("script", "data"), [(DIVIDE, UNIT), (None, RAW), (TWO_LINES, RAW)], ids=["twice", "no", "two"]
)
def test_same_fault_of_archive_and_data_is_reported_once(
    script: str | None, data: ChannelStatistics
) -> None:
    archive = build(data, script=script, stored=True)
    measured = build_measurements(input_layer1=LayerMeasurement(data))
    assert len(findings(build_context(archive.model, measured))) == 1


@pytest.mark.parametrize(
    ("context", "words"),
    [
        (
            build(UNIT, script=DIVIDE),
            "quantize again on the raw pixels 0..255, or delete line 1",
        ),
        (
            build(Z_SCORES, script=BY_IMAGENET),
            "quantize again on the raw pixels 0..255, or delete line 1",
        ),
        (
            build(UNIT, script=BY_IMAGENET),
            "quantize again on the raw pixels 0..255, or keep the data and divide the constants by "
            "255: `normalization1 = normalization([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])`",
        ),
        (
            build(Z_SCORES, script=BY_UNITS),
            "quantize again on the pixels divided by 255 and nothing else",
        ),
        (LOUD["two-lines-that-divide"][0], "normalized twice on the chip, by line 2 of"),
        (LOUD["two-lines-that-divide"][0], ": remove line 2"),
        (LOUD["line-and-graph-divide"][0], ": remove line 1"),
        (
            LOUD["imagenet-before-its-own-units"][0],
            "replace line 1 by `normalization7 = normalization([0.0, 0.0, 0.0], [255.0",
        ),
        (LOUD["four-means"][0], "line 1 of the model script, [0, 0, 0, 0] / [255, 255, 255], is"),
        (
            LOUD["four-means"][0],
            "give 3 means and 3 standard deviations, one per channel",
        ),
        (LOUD["one-channel-of-three"][0], "1 of 3 channels is outside mean -2.2..5"),
        (LOUD["raw-table"][0], "net/conv1 answers with a standard deviation of 30.1"),
        (
            LOUD["raw-table"][0],
            "normalize as in training, on the chip or before, for example by "
            "`normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])`",
        ),
    ],
)
def test_remedy(context: Context, words: str) -> None:
    (found,) = findings(context)
    assert words in found.message
