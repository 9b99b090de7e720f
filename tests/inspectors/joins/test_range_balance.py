"""What the inspector recommends, and how it takes what is missing or damaged."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from inspectors.range_balance_inspector import RangeBalanceInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_model,
    build_noise,
    build_noise_measurements,
    build_statistics,
    scoped,
)
from tests.fixtures.outcomes import build_plan
from tests.house.evidence import quiet
from tests.inspectors.joins.networks import Range, expected, inspect, joined, ranges, severities
from utils.findings import NotChecked
from utils.measurements import LayerMeasurement, Measurements
from utils.model_script import parse_model_script
from utils.recommendations import recommended_script
from utils.terminal.prompts import Prompter

ADD_LINES = (
    "pre_quantization_optimization(ew_add_fusing, policy=disabled)",
    "quantization_param([net/conv1, net/conv2], precision_mode=a8_w8_a16)",
    "quantization_param([net/ew_add1, net/conv4], precision_mode=a16_w16)",
)
READER_LINES = (ADD_LINES[1], "quantization_param([net/conv4], precision_mode=a16_w16)")


@pytest.mark.parametrize(
    ("join", "target", "lines"),
    [
        ("ew_add1", "hailo8", ADD_LINES),
        ("concat1", "hailo8", READER_LINES),
        ("concat1", "hailo15l", (ADD_LINES[1], READER_LINES[1].replace("w16", "w8"))),
    ],
)
def test_recommended_lines_are_asked_for_and_parse(
    join: str, target: str, lines: tuple[str, ...]
) -> None:
    limits: dict[str, Range] = {"conv1": (0, 100), "conv2": (0, 1), join: (0, 100)}
    model = build_model(joined(join), optimized=ranges(limits), hw_arch=target)
    findings = list(RangeBalanceInspector().inspect(build_context(model)))
    (found,) = findings
    assert found.recommendation is not None
    assert found.recommendation.commands == lines
    script = recommended_script(findings, None, model.network, Prompter(interactive=False))
    assert script.added == ()
    taken = recommended_script(findings, None, model.network, _Yes(interactive=True))
    assert taken.added == lines
    assert len(parse_model_script(taken.text).statements) == len(lines)


class _Yes(Prompter):
    def confirm(self, question: str, default: bool) -> bool:
        return not default


def test_no_line_where_noise_was_measured_or_nothing_accepts_more_bits() -> None:
    limits: dict[str, Range] = {"conv1": (0, 100), "conv2": (0, 1), "concat1": (0, 100)}
    model = build_model(joined("concat1"), optimized=ranges(limits))
    measured = build_noise_measurements(build_noise({"conv1": 20.0}))
    (found,) = RangeBalanceInspector().inspect(build_context(model, measured))
    assert found.recommendation is None
    assert found.remedy == "Scale the inputs of net/concat1 alike in the model."
    proven = build_plan({"net/conv4": "a16_w16"})
    measured = build_noise_measurements(build_noise({"conv1": 20.0}), plan=proven)
    (found,) = RangeBalanceInspector().inspect(build_context(model, measured))
    assert found.remedy == "Give net/conv4 16 bit and quantize again."
    layers = joined("concat1", build_layer("matmul1", mode="a8_w8_a8"))
    (found,) = inspect(layers, limits, hw_arch="hailo15h")
    assert found.recommendation is None


def test_measured_ranges_stand_in_and_unknown_ones_are_told() -> None:
    model = build_model(joined("concat1"), optimized=ranges({"conv1": (0, 100)}))
    context = build_context(model)
    assert list(RangeBalanceInspector().inspect(context)) == []
    (said,) = RangeBalanceInspector().not_checked(context)
    assert isinstance(said, NotChecked)
    assert "net/concat1" in said.reason
    assert "net/conv2" in said.reason
    assert said.remedy == context.without_data
    narrow = {scoped("conv2"): LayerMeasurement(build_statistics(0.0, 1.0))}
    context = build_context(model, Measurements(64, narrow))
    assert severities(list(RangeBalanceInspector().inspect(context))) == expected(
        "error", "concat1"
    )
    assert list(RangeBalanceInspector().not_checked(context)) == []


@quiet("join-range-imbalance")
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38])
@pytest.mark.parametrize("join", ["concat1", "ew_add1", "ew_mult1"])
def test_damaged_statistics_are_no_evidence(join: str, bad: float) -> None:
    arrays = ranges({"conv1": (0, 100), "conv2": (0, 50), join: (0, 100)})
    arrays["conv2/stats/output_0/max"] = np.full(3, bad, np.float32)
    arrays["conv2/stats/output_0/min"] = np.full(3, -bad, np.float32)
    model = build_model(
        joined(join, concat_axis=3, is_softmax_mask="?"),
        optimized=arrays,
        float_arrays={"conv4/kernel": np.full((1, 1, 6, 2), bad, np.float64)},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = list(RangeBalanceInspector().inspect(build_context(model)))
        list(RangeBalanceInspector().not_checked(build_context(model)))
    assert bad == 3e38 or found == []
