from __future__ import annotations

from dataclasses import replace

from tests.fixtures.builders import (
    build_measurements,
    build_model,
    build_statistics,
    stored_statistics,
)
from utils.dataset.facts import DatasetFacts, InputInfo
from utils.measurements import LayerMeasurement
from utils.renderers.html.inputs import MAX_CHANNELS, MAX_ROWS, input_charts, input_views
from utils.renderers.html.layers import NumberedLayers
from utils.report import Report

EMPTY = Report(build_model(), "embedded", None, None, ())
STORED = stored_statistics("input_layer1/stats/output_0", build_statistics(0.0, 255.0))


def test_an_input_of_which_nothing_is_known_is_left_out() -> None:
    assert input_views(NumberedLayers(EMPTY)) == []
    assert input_charts(NumberedLayers(EMPTY)) == []


def test_without_data_what_calibration_saw_is_shown() -> None:
    layers = NumberedLayers(replace(EMPTY, model=build_model(optimized=STORED)))
    (view,) = input_views(layers)
    assert view.described == "3 channels"
    assert view.rows[0] == ("0", "", "", "", "", "0", "255", "0.5", "0.25")
    assert set(input_charts(layers)[0]) == {"channels", "at", "calibrated"}


def test_measured_and_calibrated_stand_side_by_side() -> None:
    measured = LayerMeasurement(build_statistics(0.0, 1.0))
    info = {"net/input_layer1": InputInfo((4, 4, 3), "uint8")}
    report = replace(
        EMPTY,
        model=build_model(optimized=STORED),
        calibration=DatasetFacts("x.npy", 9, 8, info),
        measurements=build_measurements(input_layer1=measured),
    )
    (view,) = input_views(NumberedLayers(report))
    assert view.described == "4 × 4 × 3, uint8"
    assert view.rows[2][:3] == ("2", "0", "1")
    assert view.rows[2][6] == "255"
    (chart,) = input_charts(NumberedLayers(report))
    assert (chart["measured"][1], chart["calibrated"][1]) == ([1] * 3, [255] * 3)


def test_many_channels_are_thinned_out() -> None:
    statistics = build_statistics(0.0, 1.0, channels=1000)
    measured = build_measurements(input_layer1=LayerMeasurement(statistics))
    layers = NumberedLayers(replace(EMPTY, measurements=measured))
    (view,) = input_views(layers)
    assert (len(view.rows), view.left_out) == (MAX_ROWS, 1000 - MAX_ROWS)
    (chart,) = input_charts(layers)
    assert chart["channels"] == 1000
    assert len(chart["at"]) <= MAX_CHANNELS
