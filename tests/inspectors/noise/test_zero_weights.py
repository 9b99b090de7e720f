from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from inspectors.noise import NoiseInspector
from inspectors.noise.zero_weights import cut_off_by
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_model,
    build_noise_measurements,
    build_statistics,
    chain,
    scoped,
)
from tests.house.evidence import loud, quiet
from tests.inspectors.noise.judged import OUTPUT, expected, network, noise_of, only, the
from tests.inspectors.wording_rules import assert_well_worded
from tests.measurements.agreement.outputs import agreeing, batch_of, coded
from utils.findings import Finding
from utils.har.network import Layer
from utils.measurements import LayerMeasurement
from utils.measurements.agreement import AgreementMeasurements

ZERO, SOME = np.zeros((1, 1, 3, 3)), np.eye(3).reshape(1, 1, 3, 3)


def constant_of(data_high: float = 1.0, **kernels: Any) -> list[Finding]:
    """What is found of an output that is 1 for all samples, behind convs of these weights."""
    arrays = {f"{name}/kernel": kernel for name, kernel in kernels.items()}
    steps = {"input_layer1/layer_params/output_scales": np.array([0.01])}
    model = build_model(network(activation="sigmoid"), float_arrays=arrays, quantized=steps)
    data = LayerMeasurement(build_statistics(0.0, data_high))
    measured = build_noise_measurements(noise_of({"conv3": 60.0}), 64, None, input_layer1=data)
    floats = np.ones((64, 1, 1), np.float32)
    output = agreeing(batch_of(floats, coded(floats), range(64)))
    agreement = AgreementMeasurements({scoped(OUTPUT): output})
    context = build_context(model, replace(measured, agreement=agreement))
    return list(NoiseInspector().inspect(context))


@loud("output-constant")
@pytest.mark.parametrize("layer", ["conv1", "conv2", "conv3"])
@pytest.mark.parametrize("data_high", [1.0, 1e-3])
def test_a_layer_whose_weights_are_all_0_is_named(layer: str, data_high: float) -> None:
    kernels = {"conv1": SOME, "conv2": SOME, "conv3": SOME} | {layer: ZERO}
    found = constant_of(data_high, **kernels)
    assert only(found, "output-constant") == expected("error", layer, OUTPUT)
    judged = the(found, "output-constant")
    assert f"all weights of net/{layer} are 0" in judged.evidence
    assert judged.remedy.startswith("Export the model again with the trained weights of net/conv")
    assert_well_worded(judged)


@quiet("output-constant")
@pytest.mark.parametrize("kernels", [{}, {"conv1": SOME, "conv2": SOME, "conv3": SOME}])
def test_other_constant_outputs_keep_their_words(kernels: dict[str, Any]) -> None:
    found = constant_of(**kernels)
    assert only(found, "output-constant") == expected("error", OUTPUT)
    assert "Check that the samples" in the(found, "output-constant").remedy


def branches(last: str, **params: Any) -> list[Layer]:
    """Two convs of the same input, and what joins them."""
    return chain(
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"]),
        build_layer("conv2", inputs=["input_layer1"]),
        build_layer(last, inputs=["conv1", "conv2"], **params),
        build_layer(OUTPUT, inputs=[last]),
    )


@pytest.mark.parametrize(
    ("layers", "zero", "named"),
    [
        (branches("ew_add1"), ("conv1",), ()),
        (branches("ew_add1"), ("conv1", "conv2"), ("conv1", "conv2")),
        (branches("conv3", elementwise_add=True), ("conv3",), ()),
        (branches("conv3", elementwise_add=True), ("conv2", "conv3"), ("conv2", "conv3")),
        (network(), ("conv1",), ("conv1",)),
        (network(), (), ()),
    ],
    ids=["one branch", "both", "a fused addition", "both of it", "in a row", "none"],
)
def test_whether_anything_gets_past(
    layers: list[Layer], zero: tuple[str, ...], named: tuple[str, ...]
) -> None:
    model = build_model(layers, float_arrays={f"{name}/kernel": ZERO for name in zero})
    found = cut_off_by(model, model.network[scoped(OUTPUT)])
    assert tuple(layer.base_name for layer in found) == named
