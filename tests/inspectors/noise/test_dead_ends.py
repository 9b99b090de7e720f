"""Outputs that are the same in float: the layer from which on nothing differs is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspectors.noise import NoiseInspector
from tests.fixtures.builders import (
    build_context,
    build_model,
    build_noise_measurements,
    build_statistics,
    scoped,
)
from tests.inspectors.noise.judged import OUTPUT, network, noise_of, the
from tests.inspectors.wording_rules import assert_well_worded
from tests.measurements.agreement.outputs import agreeing, batch_of, coded
from utils.findings import Finding
from utils.measurements import LayerMeasurement
from utils.measurements.agreement import AgreementMeasurements

VARIES, STILL = build_statistics(0.0, 1.0), build_statistics(0.5, 0.5, 0.5, 0.0)
LOW = build_statistics(-900.0, -70.0, -200.0, 30.0)


def constant_behind(end: str, sums: bool = False) -> Finding:
    """What is said of an output that is 1 for all samples, as nothing differs from a layer on."""
    names = ["conv1", "conv2", "conv3"]
    place = names.index(end) if end else len(names)
    layers = {
        name: LayerMeasurement(
            VARIES if at < place else STILL, preactivation=LOW if sums and name == end else None
        )
        for at, name in enumerate(names)
    }
    layers["input_layer1"] = LayerMeasurement(build_statistics(0.0, 1.0))
    measured = build_noise_measurements(noise_of({"conv3": 60.0}), 64, None, **layers)
    floats = np.ones((64, 1, 1), np.float32)
    output = agreeing(batch_of(floats, coded(floats), range(64)))
    agreement = AgreementMeasurements({scoped(OUTPUT): output})
    model = build_model(network(activation="sigmoid"))
    context = build_context(model, replace(measured, agreement=agreement))
    return the(list(NoiseInspector().inspect(context)), "output-constant")


@pytest.mark.parametrize("end", ["conv1", "conv2", "conv3"])
@pytest.mark.parametrize("sums", [True, False])
def test_the_first_layer_that_makes_one_value_of_what_differs(end: str, sums: bool) -> None:
    found = constant_behind(end, sums)
    assert f"nothing differs from {scoped(end)}" in found.evidence
    assert ("with sums of -70 at most" in found.evidence) is sums
    assert f"the weights and biases of {scoped(end)}" in found.remedy
    assert found.layers[0] == scoped(end)
    assert_well_worded(found)


def test_where_all_layers_differ_only_the_samples_are_to_be_checked() -> None:
    assert constant_behind("").remedy == "Check that the samples are prepared as in training."
