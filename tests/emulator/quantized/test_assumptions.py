from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.fixtures.builders import build_layer, build_network
from utils.emulator.quantized.assumptions import quantized_assumptions
from utils.har.quantization import Encoding
from utils.quantizer.integers import CodedLayer, LayerIntegers, OutputTable

ONE = Encoding(np.ones(3), np.zeros(3), 0.0, 255.0)
SHIFTED = Encoding(np.ones(3), np.full(3, 7.0), -7.0, 248.0)
TABLE = OutputTable(np.zeros((1, 1)), np.ones((1, 2)), np.zeros((1, 2)), (3,))
INTEGERS = LayerIntegers(np.full((1, 1, 3, 3), 5, np.float32), np.zeros(3), 1, 32767, TABLE)
CODED = CodedLayer(ONE, ONE, 255, 255, INTEGERS)


def sentences(coded: CodedLayer, type_: str = "conv", mode: str = "a8_w8_a8", **params: Any) -> str:
    network = build_network([build_layer("layer1", type_, mode=mode, **params)])
    return " ".join(quantized_assumptions(network, {"net/layer1": coded}))


def test_without_integers_nothing_is_assumed() -> None:
    assert sentences(replace(CODED, integers=None), padding="SAME", elementwise_add="yes") == ""


def test_rounding_is_assumed_wherever_integers_run_and_nothing_else_of_a_plain_conv() -> None:
    assert "round to even" in sentences(CODED)
    assert quantized_assumptions(
        build_network([build_layer("conv1"), build_layer("conv2")]),
        {"net/conv1": CODED, "net/conv2": CODED},
    ) == (sentences(CODED),)


@pytest.mark.parametrize(
    ("coded", "params", "word"),
    [
        (CODED, {"type_": "dw"}, "dw and normalization"),
        (replace(CODED, input=SHIFTED), {"padding": "SAME"}, "padded pixel"),
        (CODED, {"elementwise_add": "yes"}, "second input"),
        (CODED, {"mode": "a8_w4_a8"}, "4-bit weights"),
        (
            replace(CODED, integers=replace(INTEGERS, table=replace(TABLE, channels=(1, 2)))),
            {},
            "quantization groups",
        ),
    ],
)
def test_what_no_document_states_is_said_where_it_applies(
    coded: CodedLayer, params: dict[str, str], word: str
) -> None:
    assert word not in sentences(CODED)
    assert word in sentences(coded, **params)
