"""Damaged arrays, what is recommended, and how odd archives are taken."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.weights import WeightsInspector
from tests.fixtures.builders import build_context, build_layer, build_model
from tests.house.evidence import loud, quiet
from tests.inspectors.weights.models import expected, findings, kernel, model_of, some, summary
from utils.model_script import parse_model_script
from utils.recommendations import recommended_script
from utils.terminal.prompts import Prompter


@pytest.mark.parametrize(
    ("arrays", "severity"),
    [
        ({}, ""),
        ({"act_op/thresholds": [-np.inf, 0.0, np.inf]}, ""),
        ({"kernel": [[0.0, np.inf]]}, "error"),
        ({"bias": [np.nan]}, "error"),
        ({"conv_op/kernel_scale": [np.nan]}, "error"),
        ({"note": ["NaN"]}, ""),
    ],
)
@quiet("weights-not-finite")
@loud("weights-not-finite")
def test_weights_not_finite(arrays: Mapping[str, Any], severity: str) -> None:
    found = findings(model_of(arrays=arrays))
    assert summary(found) == expected("weights-not-finite", severity)
    for finding in found:
        assert finding.quotation == "Unsupported NaN values were found in params"
        fault = "infinity" if "kernel" in arrays else "NaN"
        assert finding.evidence.startswith(f"net/conv1 (/a/Conv) ({fault} in")


class _Yes(Prompter):
    def confirm(self, question: str, default: bool) -> bool:
        return not default


VECTOR = "model_optimization_config(globals, output_encoding_vector=enabled)"
EQUALIZATION = "pre_quantization_optimization(equalization, policy={})"
CLIPPING = "pre_quantization_optimization(weights_clipping, layers=[net/conv1], mode=mmse)"
COARSE = kernel(some(3, 7))
OUTLIER = np.where(np.arange(2000) == 0, 127, 15).astype(np.int8).reshape(100, 20)


@pytest.mark.parametrize(
    ("codes", "own", "line"),
    [
        (COARSE, None, VECTOR),
        (COARSE, EQUALIZATION.format("enabled"), VECTOR),
        (COARSE, EQUALIZATION.format("disabled"), EQUALIZATION.format("enabled")),
        (OUTLIER, None, CLIPPING),
    ],
)
def test_recommended_lines_are_asked_for_and_parse(
    codes: NDArray[Any], own: str | None, line: str
) -> None:
    model = model_of(codes, type="dense" if codes.ndim == 2 else "conv", script=own)
    context = build_context(model)
    found = [f for f in WeightsInspector().inspect(context) if f.recommendation]
    assert [f.recommendation.commands for f in found if f.recommendation] == [(line,)]
    network, script = model.network, context.script
    silent = recommended_script(found, script, network, Prompter(interactive=False))
    assert silent.added == ()
    taken = recommended_script(found, script, network, _Yes(interactive=True))
    assert taken.added == (line,)
    assert line in [statement.text for statement in parse_model_script(taken.text).statements]


def test_scales_that_the_script_asks_for_are_not_proposed_again() -> None:
    (found,) = WeightsInspector().inspect(build_context(model_of(COARSE, script=VECTOR)))
    assert VECTOR not in found.commands


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({}, "holds no weights of any layer"),
        ({"conv1/kernel": kernel()}, ""),
    ],
)
def test_it_skips_where_there_are_no_weights(arrays: Mapping[str, Any], said: str) -> None:
    model = build_model(quantized=arrays)
    assert said in str(WeightsInspector().should_skip(build_context(model)))
    bare = build_model([build_layer("input_layer1"), build_layer("output_layer1")])
    assert "has weights" in str(WeightsInspector().should_skip(build_context(bare)))


def test_what_is_not_stored_is_told() -> None:
    context = build_context(build_model(float_arrays={"conv1/kernel": kernel(1, np.float32)}))
    assert str(WeightsInspector().should_skip(context)) == ""
    assert list(WeightsInspector().not_checked(context)) == [
        "the archive holds no integer weights of net/conv1"
    ]
    (said,) = WeightsInspector().not_checked(build_context(model_of(delta=None)))
    assert "how far the weights of net/conv1 were shrunk" in said


@quiet("coarse-channels", "dead-channels", "weight-outliers")
@pytest.mark.parametrize(
    "codes",
    [
        np.array("x"),
        np.zeros((3, 3, 4, 0), np.int8),
        np.zeros(20, np.int8),
        np.int8(3),
        np.full((1, 1, 100, 20), np.nan, np.float32),
        np.full((1, 1, 100, 20), np.inf, np.float32),
        np.zeros((3, 3, 4, 20), np.complex64),
    ],
)
def test_damaged_arrays_are_no_evidence(codes: Any) -> None:
    types = ("conv", "dw", "deconv", "dense")
    zeros: tuple[Any, ...] = (0, np.nan, [], [1, 2], "x")
    floats = (np.array("x"), np.full((3, 3, 4, 20), np.nan))
    for type, zero, weights, high in product(types, zeros, floats, (np.nan, np.inf)):
        model = model_of(codes, weights, type=type, zero_point=zero, high=high)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = findings(model)
            list(WeightsInspector().not_checked(build_context(model)))
        assert {f.id for f in found} <= {"weights-not-finite"}, (type, zero, high)
