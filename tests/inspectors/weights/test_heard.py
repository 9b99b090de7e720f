"""Channels of small values count where the layer behind weighs them as much as others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.fixtures.builders import build_layer, build_model, build_statistics, stored_statistics
from tests.house.evidence import loud, quiet
from tests.inspectors.weights.models import CHANNELS, expected, findings, kernel, some, summary
from utils.har.model import Model

SMALL = 5  # channels of 20 whose values stay within one code of the layer


def model_of(weighed: float, *between: str, **behind: Any) -> Model:
    """Small channels that the next layer multiplies by so much, where others count once."""
    names = ["input_layer1", "conv1", *between, "conv2", "output_layer1"]
    layers = [build_layer(name) for name in names]
    layers[1] = build_layer("conv1", shape=(4, 4, CHANNELS), activation="relu")
    layers[-2] = build_layer("conv2", shape=(4, 4, 8), **behind)
    seen = build_statistics(0.0, some(SMALL, 0.5, 200.0).tolist(), channels=CHANNELS)
    into = np.ones((1, 1, CHANNELS, 8), np.float32)
    into[:, :, :SMALL] = weighed
    return build_model(
        layers,
        quantized={"conv1/kernel": kernel(some(SMALL, 2.0)), "conv1/zp_kernel": np.array(0)},
        float_arrays={
            "conv1/kernel": kernel(some(SMALL, 0.02, 1.0), np.float32),
            "conv2/kernel": into,
        },
        optimized={
            **stored_statistics("conv1/stats/output_0", seen),
            "conv1/conv_op/shift_delta": np.array([0.0], np.float32),
        },
    )


@quiet("coarse-channels")
@pytest.mark.parametrize("weighed", [0.0, 1.0, 39.0])
def test_what_stays_within_a_code_says_nothing(weighed: float) -> None:
    assert summary(findings(model_of(weighed))) == []


@loud("coarse-channels")
@pytest.mark.parametrize("weighed", [41.0, 400.0, 1e5])
@pytest.mark.parametrize("between", [(), ("maxpool1",)])
def test_what_the_next_layer_weighs_as_others_is_coarse(
    weighed: float, between: tuple[str, ...]
) -> None:
    found = findings(model_of(weighed, *between))
    assert summary(found) == expected("coarse-channels", "warning")


@pytest.mark.parametrize("between", [("dw1",), ("concat1",), ("ew_add1",)])
def test_what_comes_between_may_change_it(between: tuple[str, ...]) -> None:
    assert summary(findings(model_of(400.0, *between))) == []


def test_groups_share_an_axis_of_the_kernel() -> None:
    assert summary(findings(model_of(400.0, groups=2))) == []
