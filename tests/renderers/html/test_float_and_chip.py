"""Values of the outputs as points of a chart, and what crosses the threshold in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fixtures.builders import build_layer, build_model, build_noise, build_noise_measurements
from tests.measurements.agreement.outputs import agreeing, batch_of, coded, values
from utils.measurements.agreement import AgreementMeasurements, OutputAgreement
from utils.measurements.output_kind import OutputKind
from utils.renderers.html.float_and_chip import MAX_OUTPUTS, POINTS, OutputPairs, float_and_chip
from utils.renderers.html.layers import NumberedLayers
from utils.report import Report


def output(floats: NDArray[np.float64], kind: OutputKind = "scores") -> OutputAgreement:
    """One value a sample."""
    shaped = floats.astype(np.float32).reshape(len(floats), 1, -1)
    return agreeing(batch_of(shaped, coded(shaped), range(len(floats))), kind)


def shown(found: Mapping[str, OutputAgreement], ratios: Mapping[str, float]) -> list[OutputPairs]:
    names = [build_layer(name, "output_layer") for name in found]
    model = build_model([build_layer("input_layer1"), *names])
    outputs = {f"net/{name}": each for name, each in found.items()}
    measured = replace(
        build_noise_measurements(build_noise(dict(ratios))),
        agreement=AgreementMeasurements(outputs),
    )
    return float_and_chip(NumberedLayers(Report(model, "embedded", None, measured, ())))


def one(found: OutputAgreement) -> OutputPairs:
    (view,) = shown({"output_layer1": found}, {"output_layer1": 10.0})
    return view


def test_without_measurements_there_are_no_points() -> None:
    empty = Report(build_model(), "embedded", None, None, ())
    assert float_and_chip(NumberedLayers(empty)) == []
    numbers = replace(output(np.zeros(3)), pairs=None)
    assert shown({"output_layer1": numbers}, {}) == []


@pytest.mark.parametrize(
    ("floats", "sentence"),
    [
        ([-1, -2], "No value exceeds the threshold, neither in float nor on the chip"),
        ([1, 2], "2 values exceed the threshold in float, all of them on the chip; none on the"),
        ([0.01, 2], "2 values exceed the threshold in float, 1 of them on the chip; none on the"),
        ([1, -2], "1 value exceeds the threshold in float and on the chip; none on the chip"),
        ([0.01, -2], "1 value exceeds the threshold in float, but not on the chip; none on"),
    ],
)
def test_what_crosses_the_threshold_is_counted(floats: list[float], sentence: str) -> None:
    view = one(output(np.array(floats)))
    assert view.sentence.startswith(sentence)
    assert view.drawn == "All 2 values"
    assert view.entry["threshold"] == 0
    assert sorted(view.entry["float"]) == sorted(floats)


def test_what_exceeds_it_on_the_chip_alone_is_counted() -> None:
    floats = np.array([-0.04, 3.0])
    shaped = floats.astype(np.float32).reshape(2, 1, 1)
    codes = coded(shaped) + np.uint8(2)
    view = one(agreeing(batch_of(shaped, codes, [0, 1]), "scores"))
    assert view.sentence == (
        "1 value exceeds the threshold in float and on the chip; 1 on the chip alone"
    )


def test_of_an_output_that_nobody_knows_a_single_channel_may_be_a_score() -> None:
    single = one(output(np.array([1.0, 2.0]), "unknown"))
    assert single.sentence.startswith("If these are scores: 2 values exceed")
    several = one(agreeing(batch_of(values(4, 1, 3), coded(values(4, 1, 3)), range(4))))
    assert (several.sentence, several.entry["threshold"]) == ("", None)
    assert one(output(np.array([1.0, 2.0]), "regression")).entry["threshold"] is None


def test_the_worst_outputs_are_drawn_first_and_there_is_a_limit() -> None:
    floats = values(1, 1, 5000)
    many = agreeing(batch_of(floats, coded(floats), [0]), "scores")
    names = [f"output_layer{at}" for at in range(MAX_OUTPUTS + 2)]
    ratios = {name: float(at) for at, name in enumerate(reversed(names))}
    views = shown(dict.fromkeys(names, many), ratios)
    assert [view.label for view in views] == names[::-1][:MAX_OUTPUTS]
    assert sum(len(view.entry["float"]) for view in views) == POINTS
    assert views[0].drawn == "1,000 values of many, more of those that exceed the threshold"
    assert np.mean(np.array(views[0].entry["float"]) > 0) == pytest.approx(0.5, abs=0.05)
