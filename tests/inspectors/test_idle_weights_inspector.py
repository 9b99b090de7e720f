"""Weights that multiply nothing but 0, quiet first and loud after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.base_inspector import Context, NotChecked
from inspectors.idle_weights_inspector import IdleWeightsInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_statistics,
    chain,
    stored_statistics,
)
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding, Severity
from utils.measurements import LayerMeasurement

CHANNELS = 6
AWAKE = (5.0,) * CHANNELS
SILENT = (5.0, 5.0, 0.0, 5.0, 5.0, 0.0)


def kernel(largest: Sequence[float], type: str = "conv") -> NDArray[Any]:
    """3x3 weights, the largest codes of which are given for every channel of the input."""
    shape = (3, 3, CHANNELS, 1 if type == "dw" else 4)
    values = np.full(shape, 1.0) * np.asarray(largest)[:, np.newaxis] / 2
    values[1, 1] *= 2
    return np.asarray(values, np.int8)


def context_of(
    codes: NDArray[Any] | None,
    seen: Sequence[float] = SILENT,
    given: Sequence[float] | None = SILENT,
    *,
    type: str = "conv",
    samples: int = 64,
) -> Context:
    """A layer behind one whose channels reach so far in calibration and on the data given."""
    layers = chain(
        build_layer("input_layer1"),
        build_layer("conv1", shape=(8, 8, CHANNELS)),
        build_layer("conv2", type, shape=(8, 8, CHANNELS if type == "dw" else 4)),
        build_layer("output_layer1"),
    )
    stored = build_statistics([0.0] * CHANNELS, list(seen), channels=CHANNELS)
    optimized = stored_statistics("conv2/stats/input_0", stored)
    quantized = {} if codes is None else {"conv2/kernel": codes}
    model = build_model(layers, quantized=quantized, optimized=optimized)
    if given is None:
        return build_context(model)
    measured = LayerMeasurement(build_statistics([0.0] * CHANNELS, list(given), channels=CHANNELS))
    return build_context(model, build_measurements(samples, conv1=measured))


def findings(context: Context) -> list[Finding]:
    inspector = IdleWeightsInspector()
    return [] if inspector.should_skip(context) else list(inspector.inspect(context))


LARGE = (3, 2, 127, 3, 1, 90)


@quiet("idle-weights")
@pytest.mark.parametrize(
    "context",
    [
        context_of(kernel(LARGE), AWAKE, AWAKE),
        context_of(kernel(LARGE), SILENT, AWAKE),  # calibration was to blame
        context_of(kernel(LARGE), AWAKE, SILENT),
        context_of(kernel((127, 100, 120, 90, 80, 127))),
        context_of(kernel((3, 127, 127, 3, 1, 90))),
        context_of(kernel((3, 16, 127, 3, 1, 90))),  # 4 bits and a sign are left
        context_of(kernel((0, 0, 127, 0, 0, 90))),
        context_of(kernel(LARGE), [0.0] * CHANNELS, [0.0] * CHANNELS),
        context_of(kernel(LARGE), given=None),
        context_of(kernel(LARGE), samples=15),
        context_of(None),
        context_of(kernel(LARGE)[:, :, :3]),
        context_of(kernel(LARGE), type="dense"),
    ],
)
def test_quiet_where_weights_do_something_or_leave_enough(context: Context) -> None:
    assert findings(context) == []


@loud("idle-weights")
@pytest.mark.parametrize("type", ["conv", "dw"])
def test_the_codes_that_idle_weights_take(type: str) -> None:
    (found,) = findings(context_of(kernel(LARGE, type), type=type))
    assert found.id == "idle-weights"
    assert found.severity is Severity.WARNING
    assert found.layers == ("net/conv2",)
    said = "those for channels 2 and 5 of its input reach code 127, all others 3 at most"
    assert said in found.evidence
    assert found.evidence.endswith("are 0 in calibration and in all 64 samples")
    assert found.remedy.startswith("Set the weights for channels 2 and 5 of the input of net/conv2")
    assert found.removes_cause
    assert found.measured == {"codes left at net/conv2": 3.0}
    assert_well_worded(found)


@loud("idle-weights")
def test_idle_weights_that_take_nothing_are_not_named() -> None:
    (found,) = findings(context_of(kernel((3, 2, 127, 3, 1, 2))))
    assert "those for channel 2 of its input" in found.evidence


def test_who_cannot_be_judged_is_skipped() -> None:
    skip = IdleWeightsInspector().should_skip
    assert isinstance(skip(context_of(kernel(LARGE), given=None)), NotChecked)
    assert "16 samples or more" in str(skip(context_of(kernel(LARGE), samples=15)))
