"""Wide values, where channels that never fire show that the data are wrong."""

from __future__ import annotations

import pytest

from inspectors import batch_norm_inspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_statistics,
)
from tests.inspectors.test_batch_norm_inspector import WIDE, findings
from utils.measurements import LayerMeasurement


@pytest.mark.parametrize("is_asleep", [False, True])
def test_inputs_are_suspected_where_many_channels_never_fire(
    monkeypatch: pytest.MonkeyPatch, is_asleep: bool
) -> None:
    layers = [build_layer("input_layer1")]
    layers += [build_layer(f"conv{i}", activation="relu") for i in range(1, 5)]
    layers += [build_layer("conv9"), build_layer("output_layer1")]
    measured = {f"conv{i}": LayerMeasurement(WIDE, preactivation=WIDE) for i in range(1, 5)}
    measured["input_layer1"] = LayerMeasurement(build_statistics(0, 1, 0.5, 0.2))
    monkeypatch.setattr(batch_norm_inspector, "has_sleepers", lambda context: is_asleep)
    found = findings(build_context(build_model(layers), build_measurements(64, **measured)))[0]
    assert found.remedy.startswith("Check that the inputs" if is_asleep else "Bound these")
    assert ("Inputs of another scale" in found.why) is is_asleep
