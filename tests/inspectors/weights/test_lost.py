"""Layers whose float weights are all 0."""

from __future__ import annotations

import numpy as np
import pytest

from inspectors.weights import WeightsInspector
from tests.fixtures.builders import build_context, build_layer, build_model, scoped
from tests.house.evidence import loud, quiet
from utils.findings import Finding
from utils.har.model import Model

KERNEL = np.linspace(-1, 1, 36, dtype=np.float32).reshape(3, 3, 2, 2)


def residual(*empty: str, part: str = "") -> Model:
    """Two convolutions, the second of them in a block with a way past it; some lost weights."""
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"]),
        build_layer("conv2", inputs=["conv1"]),
        build_layer("ew_add1", inputs=["conv1", "conv2"]),
        build_layer("output_layer1", inputs=["ew_add1"]),
    ]
    half = KERNEL * (np.arange(2) > 0)
    kernels = {
        name: 0 * KERNEL if name in empty else half if name == part else KERNEL
        for name in ("conv1", "conv2")
    }
    arrays = {f"{name}/kernel": kernel for name, kernel in kernels.items()}
    return build_model(layers, float_arrays=arrays)


def found(model: Model) -> list[Finding]:
    every = WeightsInspector().inspect(build_context(model))
    return [finding for finding in every if finding.id == "weights-all-zero"]


@quiet("weights-all-zero")
@pytest.mark.parametrize("part", ["", "conv2"])
def test_quiet(part: str) -> None:
    assert found(residual(part=part)) == []


@loud("weights-all-zero")
@pytest.mark.parametrize(
    ("empty", "severity"),
    [(["conv2"], "warning"), (["conv1"], "error"), (["conv1", "conv2"], "error")],
)
def test_loud(empty: list[str], severity: str) -> None:
    (finding,) = found(residual(*empty))
    assert finding.severity.label == severity
    assert finding.layers == tuple(map(scoped, empty))
    assert all(scoped(name) in finding.evidence for name in empty)
    assert ("hides it" in finding.why) is (severity == "warning")
