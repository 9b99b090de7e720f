"""One weight far above all others of its layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inspectors.weights import WeightsInspector
from tests.fixtures.builders import build_context, build_model, scoped
from tests.house.evidence import loud, quiet
from utils.findings import Finding


def kernel(*largest: float, size: tuple[int, ...] = (3, 3, 4, 4)) -> Any:
    """Weights of a normal distribution that end at 1, but for some."""
    found = np.random.default_rng(1).normal(0, 0.3, size).clip(-1, 1)
    found.flat[0] = 1.0
    found.flat[5 : 5 + len(largest)] = largest
    return found.astype(np.float32)


def found(weights: Any) -> list[Finding]:
    model = build_model(float_arrays={"conv1/kernel": weights})
    every = WeightsInspector().inspect(build_context(model))
    return [finding for finding in every if finding.id == "weight-alone"]


@quiet("weight-alone")
@pytest.mark.parametrize(
    "weights",
    [
        kernel(),
        kernel(-7.9),
        kernel(60.0, 30.0),  # a channel that batch normalization made large has many large weights
        kernel(60.0, size=(1, 1, 3, 4)),
        kernel(np.nan),
        0 * kernel(),
        np.eye(9, dtype=np.float32).reshape(3, 3, 3, 3) * 4,
    ],
    ids=["usual", "just below", "two", "few weights", "not finite", "all 0", "alike"],
)
def test_quiet(weights: Any) -> None:
    assert found(weights) == []


@loud("weight-alone")
@pytest.mark.parametrize(
    ("value", "severity"), [(8.0, "warning"), (15.9, "warning"), (-16.0, "error"), (1e20, "error")]
)
def test_loud(value: float, severity: str) -> None:
    (finding,) = found(kernel(value))
    assert (finding.severity.label, finding.layers) == (severity, (scoped("conv1"),))
    assert finding.measured[scoped("conv1")] == pytest.approx(abs(value), rel=1e-4)
    assert f" times the second at {scoped('conv1')}" in finding.evidence
