from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.fixtures.builders import build_layer, build_model, build_statistics, stored_statistics
from utils.dataset.stored_inputs import stored_bounds, stored_input_statistics
from utils.har.model import Model


def model(*places: str, **statistics: Any) -> Model:
    arrays: dict[str, Any] = {}
    for number, place in enumerate(places, 1):
        arrays |= stored_statistics(place, build_statistics(**{"mean": number, **statistics}))
    layers = [
        build_layer("input_layer1", shape=(2, 2, 3)),
        build_layer("concat1", inputs=["conv1", "input_layer1"]),
        build_layer("output_layer1", inputs=["concat1"]),
    ]
    layers.insert(1, build_layer("conv1", inputs=["input_layer1"]))
    return build_model(layers, optimized=arrays)


def mean_found(of: Model) -> float | None:
    found = stored_input_statistics(of, of.network.input_layers[0])
    return None if found is None else float(found.mean[0])


@pytest.mark.parametrize(
    ("places", "mean"),
    [
        ((), None),
        (("conv1/stats/output_0",), None),
        (("input_layer1/stats/output_0", "conv1/stats/input_0"), 1.0),
        (("conv1/stats/output_0", "conv1/stats/input_0"), 2.0),
        (("concat1/stats/input_0", "concat1/stats/input_1"), 2.0),
    ],
)
def test_stored_at_the_input_or_at_what_takes_it(
    places: tuple[str, ...], mean: float | None
) -> None:
    assert mean_found(model(*places)) == mean


@pytest.mark.parametrize(
    "odd",
    [
        {"channels": 2},
        {"channels": 0},
        {"low": np.nan},
        {"high": np.inf},
        {"mean": -np.inf},
        {"std": np.nan},
        {"low": 2.0, "high": 1.0},
        {"high": 1e30},
    ],
)
def test_what_cannot_be_used_counts_as_absent(odd: dict[str, Any]) -> None:
    assert mean_found(model("input_layer1/stats/output_0", **odd)) is None
    assert stored_bounds(model("input_layer1/stats/output_0", **odd)) == {}


def test_bounds_leave_a_margin_of_the_span() -> None:
    low, high = stored_bounds(
        model("input_layer1/stats/output_0", low=[-1, 0, 3], high=[1, 255, 3])
    )["net/input_layer1"]
    np.testing.assert_allclose(low, [-1.04, -5.1, 3], rtol=1e-6)
    np.testing.assert_allclose(high, [1.04, 260.1, 3], rtol=1e-6)
