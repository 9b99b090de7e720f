"""Inputs whose features differ in scale, quiet first and loud after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import inspectors
from inspectors.agreement import AgreementInspector
from inspectors.base_inspector import Context
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
from utils.findings import Finding
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics
from utils.measurements import LayerMeasurement

INPUT = "net/input_layer1"
CODES = 255
Numbers = Sequence[float]


def features(low: Numbers, high: Numbers) -> ChannelStatistics:
    return build_statistics(low, high, 0.0, 1.0, channels=len(low))


WEATHER = features([98_000, -5, 0.0], [104_000, 35, 0.06])  # Pa, degrees, a share
ALIKE = features([-3, -2.5, -3.1], [3, 2.8, 2.9])


def context_of(
    stored: ChannelStatistics | None,
    weights: Numbers | None = None,
    data: ChannelStatistics | None = None,
    normalized: Numbers | None = None,
    steps: Numbers | None = None,
) -> Context:
    """A dense layer with these weights of its inputs, possibly behind a normalization."""
    known = stored if stored is not None else data
    assert known is not None
    channels = known.channels
    shape = (1, 1, channels)
    between = [] if normalized is None else [build_layer("normalization1", shape=shape)]
    layers: list[Layer] = chain(
        build_layer("input_layer1", shape=shape),
        *between,
        build_layer("fc1", "dense", shape=(1, 1, 4)),
        build_layer("output_layer1", shape=(1, 1, 4)),
    )
    floats: dict[str, Any] = {}
    if weights is not None:
        floats["fc1/kernel"] = np.repeat(np.array(weights, np.float32)[:, None], 4, axis=1)
    if normalized is not None:
        floats["normalization1/kernel"] = np.array(normalized, np.float32)
    width = max(known.high, 0.0) - min(known.low, 0.0)
    quantized = {
        "input_layer1/layer_params/output_scales": np.array(steps or [width / CODES]),
        "input_layer1/limvals_out": np.array([min(known.low, 0.0), max(known.high, 0.0)]),
    }
    optimized = {} if stored is None else stored_statistics("input_layer1/stats/output_0", stored)
    model = build_model(layers, float_arrays=floats, quantized=quantized, optimized=optimized)
    measured = None if data is None else build_measurements(input_layer1=LayerMeasurement(data))
    return build_context(model, measured)


def found_in(context: Context) -> list[Finding]:
    result = inspectors.run(AgreementInspector, context)
    assert not result.crashed
    return list(result.findings)


# What undoes the scale: every feature is then worth the same to the network.
BALANCED = [1 / 900, 1 / 6, 1 / 0.01]


@quiet("channel-without-codes")
@pytest.mark.parametrize(
    "context",
    [
        context_of(ALIKE, [1, 1, 1]),
        context_of(features([0, 0, 0], [255, 200, 90]), [1, 1, 1]),
        # Rare, or hardly ever there: the network makes next to nothing of it in float, too.
        context_of(features([-1, 0, 0], [23, 1e-5, 0.02]), [1, 1, 1]),
        # Never anything else: nothing is lost.
        context_of(features([-1, 7, 0], [23, 7, 0]), [1, 100, 100]),
        # Two codes, but a tenth of what the network makes of the other.
        context_of(features([-1, 0], [23, 0.17]), [1, 14]),
        # Of three codes no more is said here.
        context_of(features([0, 0], [255, 3]), [1, 100]),
        # Data of another scale are no fault of the archive.
        context_of(features([0, 0, 0], [255, 255, 255]), [1, 1, 1], features([0] * 3, [1] * 3)),
        # Every channel has a scale of its own.
        context_of(WEATHER, BALANCED, steps=[400, 0.2, 0.0003]),
        # What the normalization on the chip makes small is small.
        context_of(features([0, 0], [255, 0.5]), [1, 1], normalized=[1, 1]),
    ],
    ids=[
        "alike",
        "image",
        "rare",
        "constant",
        "a-tenth",
        "few",
        "other-data",
        "own-scales",
        "small",
    ],
)
def test_quiet_where_the_chip_sees_what_the_network_uses(context: Context) -> None:
    assert found_in(context) == []
    assert "run on data" in str(AgreementInspector().should_skip(context)) or context.measurements


@loud("channel-without-codes")
@pytest.mark.parametrize(
    ("context", "severity", "channels"),
    [
        (context_of(WEATHER, BALANCED), "error", "channels 2 and 1 of 3 channels"),
        (context_of(None, BALANCED, WEATHER), "error", "channels 2 and 1 of 3 channels"),
        (context_of(WEATHER, BALANCED, ALIKE), "error", "channels 2 and 1 of 3 channels"),
        # What calibration saw once, and the data hold otherwise.
        (
            context_of(features([0, 3], [255, 3]), [1, 500], features([0, 2], [255, 2.5])),
            "error",
            "channel 1 of 2 channels",
        ),
        (context_of(WEATHER), "warning", "channels 2 and 1 of 3 channels"),
        (context_of(features([0, 0], [255, 1.5]), [1, 200]), "warning", "channel 1 of 2 channels"),
        (
            context_of(features([0, 0], [255, 0.5]), [1, 1], normalized=[0.002, 1]),
            "error",
            "channel 1 of 2 channels",
        ),
    ],
    ids=[
        "stored",
        "data",
        "both",
        "constant",
        "weights-unknown",
        "two-codes",
        "behind-normalization",
    ],
)
def test_features_without_codes(context: Context, severity: str, channels: str) -> None:
    (found,) = found_in(context)
    assert (found.id, found.severity.label, found.layers) == (
        "channel-without-codes",
        severity,
        (INPUT,),
    )
    assert found.evidence.startswith(f"{channels} of {INPUT}: ")
    assert "Divide every feature by its standard deviation on the host" in found.remedy
    assert_well_worded(found)


def test_it_says_where_the_numbers_come_from_and_what_was_not_compared() -> None:
    context = context_of(WEATHER, BALANCED)
    result = inspectors.run(AgreementInspector, context)
    assert "stored in the archive by its calibration" in result.findings[0].evidence
    assert "as channel 0 has the largest values" in result.findings[0].evidence
    assert [missing.remedy for missing in result.not_checked] == [
        "pass the calibration set with -d"
    ]
