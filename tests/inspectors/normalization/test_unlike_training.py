"""Values that are too large for a network, by the batch normalization behind its first layer."""

from __future__ import annotations

import pytest

from inspectors.normalization import NormInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_statistics,
    chain,
)
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding
from utils.measurements import LayerMeasurement


def found_of(
    first_std: float, *, is_folded: bool = False, behind: float | None = None
) -> list[Finding]:
    """A table with a standard deviation of 3,000, and how much its first layers spread.

    `behind` is the standard deviation of what a batch normalization behind the ReLU gives.
    """
    layers = [
        build_layer("input_layer1", shape=(64, 1, 1)),
        build_layer("conv1", activation="relu", batch_norm=is_folded),
    ]
    values = build_statistics(-9000.0, 9000.0, 0.0, 3000.0, channels=1)
    sums = build_statistics(-9e4, 9e4, 0.0, first_std, channels=3)
    known = {
        "input_layer1": LayerMeasurement(values),
        "conv1": LayerMeasurement(sums, preactivation=sums),
    }
    if behind is not None:
        layers += [build_layer("maxpool1"), build_layer("batch_norm1", activation="linear")]
        narrowed = build_statistics(-9e4, 9e4, 0.0, behind, channels=3)
        known["batch_norm1"] = LayerMeasurement(narrowed)
    layers += [build_layer("fc1", "dense"), build_layer("output_layer1")]
    context = build_context(build_model(chain(*layers)), build_measurements(64, **known))
    return [x for x in NormInspector().inspect(context) if x.id == "data-not-normalized"]


@quiet("data-not-normalized")
@pytest.mark.parametrize(
    ("first_std", "is_folded", "behind"),
    [(900.0, False, None), (30.0, True, None), (900.0, False, 1.0), (20.0, False, 900.0)],
    ids=["nothing normalizes", "narrow enough", "narrow behind it", "narrow before it"],
)
def test_large_values_are_worth_knowing_where_nothing_shows_that_they_are_wrong(
    first_std: float, behind: float | None, *, is_folded: bool
) -> None:
    (found,) = found_of(first_std, is_folded=is_folded, behind=behind)
    assert found.severity.label == "info"
    assert "in training" not in found.evidence


@loud("data-not-normalized")
@pytest.mark.parametrize(("is_folded", "behind"), [(True, None), (False, 900.0)])
def test_what_batch_normalization_leaves_wide_is_not_what_it_saw_in_training(
    behind: float | None, *, is_folded: bool
) -> None:
    (found,) = found_of(900.0, is_folded=is_folded, behind=behind)
    assert found.severity.label == "warning"
    assert "batch normalization leaves them at about 1 in training" in found.evidence
    assert found.remedy.endswith("quantize again on data that are.")
    assert_well_worded(found)
