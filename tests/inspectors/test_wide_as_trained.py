"""Networks without batch normalization that were trained on wide values, as VGG on grey levels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inspectors.base_inspector import Context
from tests.fixtures.builders import build_statistics
from tests.house.evidence import loud, quiet
from tests.inspectors.test_batch_norm_inspector import (
    WIDE,
    abnormal,
    agreeing,
    findings,
    preactivation,
    summary,
)
from utils.measurements import LayerMeasurement

EVERY = (1, 2, 3, 4)


def wide(outputs: float, wrong: int = 0, **changes: Any) -> Context:
    """Grey levels enter, all layers are wide, and the outputs have this standard deviation."""
    context = agreeing(255.0, wrong, *[WIDE] * 4, **changes)
    assert context.measurements
    head = LayerMeasurement(build_statistics(-99.0, 99.0, 0.0, outputs))
    layers = {**context.measurements.layers, "net/fc1": head}
    return replace(context, measurements=replace(context.measurements, layers=layers))


@quiet("abnormal-preactivation")
def test_outputs_as_small_as_in_training_show_that_it_is_wide_by_training() -> None:
    assert summary(findings(wide(outputs=11.9))[:1]) == [abnormal("info", *EVERY)]


@loud("abnormal-preactivation")
@pytest.mark.parametrize(
    "context",
    [wide(outputs=12.1), wide(outputs=5.0, batch_norm=True), wide(outputs=5.0, wrong=50)],
    ids=["wide-outputs", "batch-norm", "decisions-are-lost"],
)
def test_otherwise_it_is_the_network_or_its_data(context: Context) -> None:
    assert summary(findings(context)[:1]) == [abnormal("error", *EVERY)]


@quiet("abnormal-preactivation")
@loud("abnormal-preactivation")
@pytest.mark.parametrize(
    ("std", "high", "wrong", "severity"),
    [
        (4.4, 1.0, 0, "info"),
        (4.6, 1.0, 0, "warning"),
        (4.4, 255.0, 0, "warning"),
        (4.4, 1.0, 50, "warning"),
    ],
    ids=["near", "far", "inputs-are-wide", "decisions-are-lost"],
)
def test_what_is_near_the_limit_and_costs_nothing_is_no_warning(
    std: float, high: float, wrong: int, severity: str
) -> None:
    near, normal = preactivation(20, std=std), preactivation()
    found = findings(
        agreeing(high, wrong, normal, near, normal, normal, type="conv", batch_norm=True)
    )
    assert summary(found[:1]) == [abnormal(severity, 2)]


def test_most_layers_near_the_limit_are_no_small_matter() -> None:
    near = preactivation(20, std=4.4)
    assert summary(findings(agreeing(1.0, 0, *[near] * 4))[:1]) == [abnormal("error", *EVERY)]
