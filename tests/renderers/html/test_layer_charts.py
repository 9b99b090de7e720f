from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.fixtures.builders import (
    build_histogram,
    build_layer,
    build_measurements,
    build_model,
    build_statistics,
    stored_statistics,
)
from utils.har.model import Model
from utils.measurements import LayerMeasurement, Measurements
from utils.renderers.html.layer_charts import channel_limit, kept, layer_charts
from utils.renderers.html.layers import NumberedLayers
from utils.report import Report

KERNEL = np.array([[[[3, -1, 0], [5, -1, 0]]]], dtype=np.int8)  # 1x1, 2 inputs, 3 outputs


def charts_of_conv(model: Model, measurements: Measurements | None) -> dict[str, Any]:
    report = Report(model, "embedded", None, measurements, ())
    return layer_charts(NumberedLayers(report))[1]


def test_of_an_unknown_layer_nothing_is_drawn() -> None:
    assert charts_of_conv(build_model(), None) == {}


def test_histogram_with_what_lies_beyond() -> None:
    histogram = build_histogram([2] * 100, -1.0, 3.0, below=1, above=4)
    measured = LayerMeasurement(build_statistics(-1.5, 5.0), histogram=histogram)
    entry = charts_of_conv(build_model(), build_measurements(conv1=measured))
    assert entry["histogram"] == {
        "low": -1,
        "high": 3,
        "counts": [2] * 100,
        "below": 1,
        "above": 4,
    }
    assert entry["ranges"] == {"channels": 3, "measured": [[-1.5] * 3, [5] * 3]}


def test_ranges_of_calibration_stand_beside_measured_ones_only_if_they_fit() -> None:
    measured = LayerMeasurement(build_statistics([0, 0, 0], [1, 2, 3]))
    for channels, expected in ((3, [[0] * 3, [4] * 3]), (5, None)):
        stored = stored_statistics(
            "conv1/stats/output_0", build_statistics(0.0, 4.0, channels=channels)
        )
        entry = charts_of_conv(build_model(optimized=stored), build_measurements(conv1=measured))
        assert entry["ranges"].get("calibrated") == expected
        assert entry["ranges"]["measured"] == [[0, 0, 0], [1, 2, 3]]


def test_weight_codes_by_output_channel() -> None:
    model = build_model(quantized={"conv1/kernel": KERNEL})
    assert charts_of_conv(model, None)["codes"] == {
        "channels": 3,
        "limit": 127,
        "low": [3, -1, 0],
        "high": [5, -1, 0],
        "used": [2, 1, 1],
    }


@pytest.mark.parametrize(
    ("counts", "budget", "limit"),
    [([], 10, 4096), ([8, 8], 16, 4096), ([100, 4], 40, 32), ([1] * 50, 10, 1)],
)
def test_layers_share_the_room_for_channels(counts: list[int], budget: int, limit: int) -> None:
    assert channel_limit(counts, budget) == limit


def test_of_neighbours_the_most_telling_is_kept() -> None:
    weights = np.array([1.0, 9.0, 2.0, np.nan, 5.0])
    assert kept(weights, 5).tolist() == [0, 1, 2, 3, 4]
    assert kept(weights, 3).tolist() == [1, 2, 4]
    assert kept(weights, 1).tolist() == [1]
    assert kept(np.zeros(0), 4).tolist() == []


def test_wide_layers_say_which_channels_are_drawn() -> None:
    channels = 5000
    high = np.ones(channels)
    high[4321] = 7.0
    statistics = build_statistics(0.0, high.tolist(), channels=channels)
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", shape=(1, 1, channels)),
        build_layer("output_layer1"),
    ]
    measurements = build_measurements(conv1=LayerMeasurement(statistics))
    ranges = charts_of_conv(build_model(layers), measurements)["ranges"]
    assert ranges["channels"] == channels
    assert len(ranges["at"]) == len(ranges["measured"][0]) == channels // 2
    assert 4321 in ranges["at"]
    assert max(ranges["measured"][1]) == 7
