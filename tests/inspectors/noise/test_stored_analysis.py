from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from tests.fixtures.builders import (
    build_model,
)
from tests.house.evidence import loud, quiet
from tests.inspectors.noise.judged import (
    inspect,
    network,
    only,
    the,
)
from utils.har.model import Model


def analysed(key: str, values: Mapping[str, Any]) -> Model:
    stored = {f"{name}/layer_noise_analysis/{key}": value for name, value in values.items()}
    return build_model(network(activation="sigmoid"), analysis=stored)


@loud("stored-analysis-compared")
@pytest.mark.parametrize(
    ("key", "quantity"),
    [("partial_snr", "at the layer, all quantized"), ("snr", "at the worst output")],
)
def test_a_stored_analysis_is_compared_like_with_like(key: str, quantity: str) -> None:
    model = analysed(key, {"conv1": [44.0], "conv2": [45.0, 44.5], "conv3": np.nan})
    alone = {"conv1": 43.0, "conv2": 52.0, "conv3": 41.0}
    found = the(inspect(model=model, sensitivity=alone), "stored-analysis-compared")
    # All quantized: 45.0 and 42.0 dB were measured at these layers; alone, 43.0 and 52.0.
    differences = (1.0, 2.5) if key == "partial_snr" else (1.0, 7.5)
    assert found.severity.label == "info"
    assert found.layers == ("net/conv2",)
    assert quantity in found.evidence
    assert "in the median of 2 layers" in found.evidence
    assert f"{differences[1]:.1f} dB at net/conv2 (stored 44.5 dB, measured" in found.evidence
    assert sorted(found.measured.values()) == pytest.approx(
        sorted([2.0, sum(differences) / 2, differences[1]])
    )


def test_both_stored_analyses_are_compared() -> None:
    stored = {
        "conv1/layer_noise_analysis/snr": 43.0,
        "conv1/layer_noise_analysis/partial_snr": 45.0,
    }
    model = build_model(network(activation="sigmoid"), analysis=stored)
    found = the(inspect(model=model, sensitivity={"conv1": 43.0}), "stored-analysis-compared")
    assert found.evidence.count("0.0 dB apart in the median of 1 layer,") == 2


@quiet("stored-analysis-compared")
@pytest.mark.parametrize(
    ("key", "stored", "alone"),
    [
        ("snr", math.inf, {"conv1": 43.0}),
        ("snr", 43.0, {"conv1": math.inf}),
        ("snr", 43.0, {"conv1": {}}),
        ("snr", 43.0, None),
        ("snr", 43.0, {"conv2": 43.0}),
        ("partial_snr", math.nan, None),
        ("partial_snr", np.array(["high"]), None),
    ],
)
def test_what_cannot_be_compared_is_passed_over(
    key: str, stored: Any, alone: dict[str, Any] | None
) -> None:
    found = inspect(model=analysed(key, {"conv1": stored}), sensitivity=alone)
    assert only(found, "stored-analysis-compared") == []
