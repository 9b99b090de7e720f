from __future__ import annotations

import math

import pytest

from inspectors.noise import NoiseInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_layer_noise,
    build_model,
    build_noise,
    build_noise_measurements,
    chain,
)
from tests.house.evidence import loud, quiet
from tests.inspectors.noise.judged import (
    OUTPUT,
    expected,
    handed_on,
    inspect,
    network,
    only,
    the,
)
from utils.measurements.noise import LayerNoise


@quiet("noise-born-here")
@loud("noise-born-here")
@pytest.mark.parametrize(
    ("layers", "names"),
    [
        ({"conv2": 39.0, "conv3": 33.1}, []),
        ({"conv2": 35.9, "conv3": 29.9}, []),  # a fall of 6.0 dB
        ({"conv2": 36.0, "conv3": 29.9}, ["conv3"]),
        ({"conv2": 37.0, "conv3": 30.0}, []),  # no more than a fall
        ({"conv1": 23.0, "conv2": 12.0, "conv3": 6.1}, ["conv1", "conv2"]),
        ({"input_layer1": math.inf, "conv1": 30.0, "conv2": 29.0, "conv3": 28.0}, []),
        ({"input_layer1": math.inf, "conv1": 29.9, "conv2": 29.0, "conv3": 28.0}, ["conv1"]),
        ({"input_layer1": 1.0, "conv1": 1.0, "conv2": 1.0, "conv3": 1.0}, []),
        ({"conv2": -math.inf, "conv3": -math.inf}, []),
        ({"conv1": -math.inf, "conv2": 5.0, "conv3": 5.0}, []),
        ({"conv2": math.nan, "conv3": 5.0}, []),
        ({"conv3": math.nan}, []),
        ({"conv2": math.inf, "conv3": 29.0}, ["conv3"]),
    ],
)
def test_noise_born_here(layers: dict[str, float | LayerNoise], names: list[str]) -> None:
    found = inspect(layers)
    assert only(found, "noise-born-here") == expected("info" if names else "", *names)


def test_layers_that_hand_codes_on_bear_no_noise() -> None:
    layers = chain(
        build_layer("input_layer1"),
        build_layer("conv1"),
        build_layer("maxpool1"),
        build_layer(OUTPUT),
    )
    noise: dict[str, float | LayerNoise] = {
        "conv1": 40.0,
        "maxpool1": handed_on(20.0),
        OUTPUT: handed_on(20.0),
    }
    assert only(inspect(noise, model=build_model(layers)), "noise-born-here") == []
    # A pool that is coded anew, and a precision change, do add noise.
    noise["maxpool1"] = build_layer_noise(20.0)
    found = inspect(noise, model=build_model(layers))
    assert only(found, "noise-born-here") == expected("info", "maxpool1")


@pytest.mark.parametrize(
    ("first", "second", "born"),
    [(40.0, 26.0, False), (40.0, 26.2, True), (math.inf, -math.inf, True), (26.2, 40.0, True)],
)
def test_the_worst_input_counts(first: float, second: float, born: bool) -> None:
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"]),
        build_layer("conv2", inputs=["input_layer1"]),
        build_layer("ew_add1", inputs=["conv1", "conv2"]),
        build_layer(OUTPUT, inputs=["ew_add1"]),
    ]
    noise = {"input_layer1": 27.0, "conv1": first, "conv2": second, "ew_add1": 20.1, OUTPUT: 40.0}
    found = inspect(noise, model=build_model(layers))
    assert only(found, "noise-born-here") == expected("info" if born else "", "ew_add1")


def test_an_input_that_was_not_measured_leaves_the_layer_unjudged() -> None:
    noise = build_noise({"conv2": 10.0, "conv3": 2.0, OUTPUT: 40.0})
    context = build_context(build_model(network()), build_noise_measurements(noise))
    found = list(NoiseInspector().inspect(context))
    assert only(found, "noise-born-here") == expected("info", "conv3")


def test_at_most_five_layers_are_named_where_the_fall_is_deepest() -> None:
    convs = [build_layer(f"conv{n}", inputs=["input_layer1"]) for n in range(1, 8)]
    layers = [build_layer("input_layer1"), *convs, build_layer(OUTPUT, inputs=["conv7"])]
    noise: dict[str, float | LayerNoise] = {f"conv{n}": 20.0 - n for n in range(1, 8)}
    found = the(inspect(noise | {OUTPUT: 40.0}, model=build_model(layers)), "noise-born-here")
    assert found.layers == tuple(f"net/conv{n}" for n in range(3, 8))
    assert found.headline == "Most precision is lost at a few layers"
    assert found.evidence.startswith(
        "net/conv7 has an SNR of 13.0 dB, its input 49.0 dB; net/conv6 has"
    )
    assert found.evidence.endswith("; 2 more")
    assert found.measured["net/conv7"] == pytest.approx(49.0 - 13.0)


def test_what_is_exact_is_said_in_words() -> None:
    found = the(inspect({"input_layer1": math.inf, "conv1": 20.0}), "noise-born-here")
    assert found.headline == "Most precision is lost at net/conv1"
    assert found.evidence == "net/conv1 has an SNR of 20.0 dB, its input no noise"
    assert found.measured == {"net/conv1": pytest.approx(30.0)}  # from 50 dB, what 8 bit reach
