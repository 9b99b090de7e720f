from __future__ import annotations

import math

import pytest

from inspectors.noise import NoiseInspector
from tests.fixtures.builders import build_layer, build_model, build_noise, build_noise_measurements
from utils.measurements import Measurements
from utils.renderers.html.layers import NumberedLayers
from utils.renderers.html.noise_charts import (
    ERROR_DB,
    SHOWN,
    WARNING_DB,
    noise_shares,
    shares_entry,
    snr_series,
)
from utils.report import Report


def numbered(measurements: Measurements | None, layers: int = 2) -> NumberedLayers:
    convs = [build_layer(f"conv{i}") for i in range(1, layers + 1)]
    model = build_model([build_layer("input_layer1"), *convs, build_layer("output_layer1")])
    return NumberedLayers(Report(model, "embedded", None, measurements, ()))


def with_sensitivity(**db: float) -> NumberedLayers:
    noise = build_noise(dict.fromkeys(db, 20.0), sensitivity=db)
    return numbered(build_noise_measurements(noise), max(2, len(db)))


def test_without_noise_there_is_nothing_to_draw() -> None:
    assert snr_series(numbered(None)) is None
    assert noise_shares(numbered(None)) == []


def test_thresholds_are_those_of_the_inspector() -> None:
    assert (
        NoiseInspector.WANTED.error_db,
        NoiseInspector.WANTED.warning_db,
    ) == (ERROR_DB, WARNING_DB)


def test_series_stand_in_graph_order_and_tell_what_is_missing() -> None:
    noise = build_noise({"conv2": 3.25, "conv1": math.inf}, sensitivity={"conv1": 40.0})
    series = snr_series(numbered(build_noise_measurements(noise)))
    assert series is not None
    assert series["at"] == [None, "inf", 3.25, None]
    assert series["alone"] == [[None, 40, None, None]]
    assert series["estimated"] == [0, 1, 0, 0]
    assert series["local"] == [None] * 4


def test_shares_of_one_dominant_layer() -> None:
    # 10 dB apart: ten times the noise.
    (shares,) = noise_shares(with_sensitivity(conv1=30.0, conv2=20.0))
    assert shares.layers == (2, 1)
    assert shares.shares == pytest.approx((10 / 11, 1 / 11))
    assert shares.others == 0
    assert shares.sentence == (
        "Of 2 layers that bring noise, 1 holds half of it and 1 holds nine tenths; "
        "the worst alone holds 91%."
    )


def test_many_even_layers_are_summed_up() -> None:
    (shares,) = noise_shares(with_sensitivity(**{f"conv{i}": 30.0 for i in range(1, 21)}))
    assert (len(shares.layers), shares.others) == (SHOWN, 20 - SHOWN)
    assert shares.other_share == pytest.approx(0.25)
    assert "10 hold half of it and 18 hold nine tenths" in shares.sentence
    assert shares_entry(shares)["rest"] == 0.25


def test_an_output_without_noise_says_so() -> None:
    (shares,) = noise_shares(with_sensitivity(conv1=math.inf, conv2=math.inf))
    assert shares.layers == ()
    assert shares.sentence == "No layer brings noise to this output."
