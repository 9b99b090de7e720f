"""What is the fault of the archive, and what of the data that are given."""

from __future__ import annotations

import re
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
from utils.dataset.facts import DatasetFacts
from utils.har.statistics import ChannelStatistics
from utils.measurements import LayerMeasurement


def test_fault_of_the_archive_shows_behind_correct_data() -> None:
    """Calibrated on 0..1 under a division; raw pixels, which are right, do not mend that."""
    archive = build(UNIT, script=DIVIDE, stored=True)
    measured = build_measurements(input_layer1=LayerMeasurement(RAW))
    assert findings(build_context(build(RAW, script=DIVIDE, stored=True).model, measured)) == []
    (found,) = findings(build_context(archive.model, measured))
    assert summary([found]) == [TWICE]
    assert found.measured == pytest.approx({"low": 0.0, "high": 1.0, "expected_high": 255.0})
    assert "stored in the archive by its calibration" in found.evidence
    assert found.command.startswith("hailo optimize ")
    assert not found.holds_for_any_calibration


@pytest.mark.parametrize("script", [DIVIDE, None])
def test_what_the_data_given_show_no_calibration_explains(script: str | None) -> None:
    values = UNIT if script else RAW
    model = build(values, first_std=99.0, script=script, stored=True).model
    (stored,) = findings(build_context(model))
    given = build_measurements(input_layer1=LayerMeasurement(values))
    (shown,) = findings(build_context(model, given))
    assert stored.id == shown.id
    assert not stored.holds_for_any_calibration
    assert shown.holds_for_any_calibration


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
    assert found.remedy == "Pass the raw pixels 0..255, which `x = x * 255.0` restores."
    assert found.command == ""


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
    ("context", "remedy"),
    [
        (
            build(UNIT, script=DIVIDE),
            "Quantize again on the raw pixels 0..255, which `x = x * 255.0` restores, or on "
            "normalized data without line 1 of the model script.",
        ),
        (
            build(Z_SCORES, script=BY_IMAGENET),
            "Quantize again on the raw pixels 0..255, or on normalized data without line 1 of the "
            "model script.",
        ),
        (
            build(UNIT, script=BY_IMAGENET),
            "Quantize again on the raw pixels 0..255, which `x = x * 255.0` restores, or on "
            "normalized data with `normalization1 = normalization([0.485, 0.456, 0.406], [0.229, "
            "0.224, 0.225])` instead of line 1 of the "
            "model script.",
        ),
        (
            build(Z_SCORES, script=BY_UNITS),
            "Quantize again on the pixels divided by 255 and nothing else.",
        ),
        (
            LOUD["two-lines-that-divide"][0],
            "Remove line 2 of the model script and quantize again.",
        ),
        (
            LOUD["line-and-graph-divide"][0],
            "Remove line 1 of the model script and quantize again.",
        ),
        (
            LOUD["imagenet-before-its-own-units"][0],
            "Replace line 1 of the model script by this line and quantize again.",
        ),
        (
            LOUD["four-means"][0],
            "Give 3 means and 3 standard deviations, one per channel, as in this line, and "
            "quantize again.",
        ),
        (
            LOUD["raw-table"][0],
            "Normalize the data as in training, on the chip or before, for example by "
            "`normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])` if the "
            "network was trained on 0..1.",
        ),
    ],
)
def test_remedy(context: Context, remedy: str) -> None:
    (found,) = findings(context)
    assert found.remedy == remedy


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("two-lines-that-divide", "net/input_layer1 by line 2 of the model script, [0, 0, 0] / "),
        ("four-means", "line 1 of the model script, [0, 0, 0, 0] / [255, 255, 255]: 4 means"),
        ("one-channel-of-three", "1 of 3 channels of net/input_layer1 is outside mean -2.2..5"),
        ("raw-table", "the pre-activations of net/conv1 have a standard deviation of 30.1"),
    ],
)
def test_evidence(name: str, words: str) -> None:
    (found,) = findings(LOUD[name][0])
    assert words in found.evidence


@pytest.mark.parametrize(
    "context",
    [
        build(RAW),
        build(UNIT, script=DIVIDE),
        build(RAW, script=TWO_LINES),
        LOUD["one-channel-of-three"][0],
    ],
    ids=["missing", "twice", "doubled", "not-normalized"],
)
def test_means_and_spreads_of_the_channels_are_evidence(context: Context) -> None:
    (found,) = findings(context)
    assert re.search(r"mean: \[\S+ \S+ \S+\], std: \[\S+ \S+ \S+\]", found.evidence)


def test_pixels_where_the_archive_was_calibrated_on_divided_ones() -> None:
    """Whatever the network was trained on, its calibration has seen 0..1."""
    archive = build(UNIT, first_std=99.0, stored=True)
    measured = build_measurements(input_layer1=LayerMeasurement(RAW))
    (found, *_) = findings(build_context(archive.model, measured))
    assert found.id == "normalization-missing"
    assert found.remedy.startswith("Divide the pixels by 255, as in the calibration data")
    assert found.recommendation is not None
    assert found.recommendation.commands == (
        "normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])",
    )
    assert found.recommendation.question
    assert not found.recommendation.default


def test_an_archive_calibrated_on_other_data_is_quantized_again_on_these() -> None:
    archive = build(UNIT, script=DIVIDE, stored=True)
    measured = build_measurements(input_layer1=LayerMeasurement(RAW))
    right = DatasetFacts("raw pixels.npy", 64, 64, {})
    (found,) = findings(build_context(archive.model, measured, right))
    assert "--calib-set-path 'raw pixels.npy'" in found.command
    (found,) = findings(replace(archive, calibration=right))
    assert "--calib-set-path 'raw pixels.npy'" in found.command
    wrong = build_measurements(input_layer1=LayerMeasurement(UNIT))
    (found,) = findings(build_context(archive.model, wrong, right))
    assert "--calib-set-path NEW_CALIBSET.npy" in found.command
