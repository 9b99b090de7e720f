"""Masks of 0 and 255 among the inputs of a network that was trained on 0 and 1."""

from __future__ import annotations

import numpy as np
import pytest

from inspectors.base_inspector import Context
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_statistics,
)
from tests.house.evidence import loud, quiet
from tests.inspectors.normalization.contexts import findings, summary
from utils.har.statistics import ChannelStatistics
from utils.measurements import LayerMeasurement

SHARE = 0.06  # of a mask, that is not 0


def mask(high: float, share: float = SHARE) -> ChannelStatistics:
    values = (np.arange(1000) < share * 1000) * high
    return statistics_of(values)


def statistics_of(values: np.ndarray) -> ChannelStatistics:
    return build_statistics(
        float(values.min()),
        float(values.max()),
        mean=float(values.mean()),
        std=float(values.std()),
        channels=1,
        non_zero_share=float((values != 0).mean()),
    )


def context_of(second: ChannelStatistics, first_std: float) -> Context:
    """A picture in 0..1 and a second input, joined in front of the first convolution."""
    layers = [
        build_layer("input_layer1", shape=(64, 64, 3)),
        build_layer("input_layer2", inputs=[], shape=(64, 64, 1)),
        build_layer("concat1", inputs=["input_layer1", "input_layer2"], shape=(64, 64, 4)),
        build_layer("conv1", inputs=["concat1"], activation="relu"),
        build_layer("output_layer1", inputs=["conv1"]),
    ]
    answer = build_statistics(-99.0, 99.0, mean=0.0, std=first_std)
    measured = build_measurements(
        input_layer1=LayerMeasurement(build_statistics(0.0, 1.0, mean=0.45, std=0.25)),
        input_layer2=LayerMeasurement(second),
        conv1=LayerMeasurement(answer, preactivation=answer),
    )
    return build_context(build_model(layers), measured)


GRADED = np.r_[np.zeros(940), np.linspace(1, 255, 60)]


@quiet("normalization-missing")
@pytest.mark.parametrize(
    ("second", "first_std"),
    [
        (mask(1.0), 1.0),
        (mask(1.0), 80.0),
        (mask(255.0), 30.0),  # trained so
        (statistics_of(GRADED), 80.0),  # a sparse map in a unit of its own
    ],
    ids=["0 and 1", "0 and 1, wide for other reasons", "trained on 255", "graded"],
)
def test_quiet(second: ChannelStatistics, first_std: float) -> None:
    found = findings(context_of(second, first_std))
    assert [f for f in found if f.id == "normalization-missing"] == []


@loud("normalization-missing")
def test_a_mask_that_makes_the_first_layer_answer_too_widely() -> None:
    found = [f for f in findings(context_of(mask(255.0), 80.0)) if f.id == "normalization-missing"]
    expected = ("normalization-missing", "error", ("net/input_layer2", "net/conv1"))
    assert summary(found) == [expected]
    assert found[0].headline.startswith("A mask of 0 and 255 enters the network")
    assert found[0].recommendation is not None
    (line,) = found[0].recommendation.commands
    assert line.endswith("normalization([0.0], [255.0], net/input_layer2)")
