from __future__ import annotations

import math

from tests.fixtures.builders import build_layer, build_network
from utils.emulator.measuring.work import (
    JUDGING,
    PER_VALUE,
    heaviest_first,
    judging_work,
    total_work,
    work_behind,
    work_of,
)
from utils.har.reach import reaching

CHAIN = build_network(
    [
        build_layer("input_layer1", shape=(2, 2, 1)),
        build_layer("a", "dense", inputs=["input_layer1"], shape=(1, 1, 5)),
        build_layer("b", "maxpool", inputs=["input_layer1"], shape=(1, 1, 1)),
        build_layer("out1", "output_layer", inputs=["a"], shape=(1, 1, 5)),
        build_layer("out2", "output_layer", inputs=["b"], shape=(1, 1, 1)),
    ]
)


def test_work_is_products_and_values() -> None:
    work = {layer.base_name: work_of(layer) for layer in CHAIN}
    assert work["b"] == PER_VALUE
    assert work["a"] >= PER_VALUE * 5
    assert total_work(CHAIN) == sum(work.values())


def test_what_lies_behind_a_layer_counts_once() -> None:
    behind = work_behind(CHAIN, ["net/input_layer1", "net/a", "net/out1"])
    work = {layer.base_name: work_of(layer) for layer in CHAIN}
    assert behind["net/out1"] == 0
    assert behind["net/a"] == work["out1"]
    assert behind["net/input_layer1"] == sum(work[n] for n in ("a", "b", "out1", "out2"))


def test_every_value_of_an_output_is_judged() -> None:
    assert judging_work(CHAIN) == JUDGING * (5 + 1)


def test_layers_that_reach_an_output() -> None:
    assert reaching(CHAIN, ["net/out2"]) == {"net/out2", "net/b", "net/input_layer1"}


def test_what_is_no_number_comes_first() -> None:
    assert heaviest_first({"a": 1.0, "b": math.nan, "c": 3.0, "d": -math.inf}) == list("bcad")
