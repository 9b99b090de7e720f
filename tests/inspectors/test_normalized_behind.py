from __future__ import annotations

import pytest

from inspectors.base_inspector import Context
from inspectors.batch_norm_inspector import BatchNormInspector
from inspectors.normalized_behind import normalizations_behind
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_network,
    build_statistics,
    chain,
)
from tests.house.evidence import loud, quiet
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics
from utils.measurements import LayerMeasurement

CHANNELS = 20
WIDE = build_statistics(-900.0, 900.0, 40.0, 200.0, channels=CHANNELS)
NARROW = build_statistics(-4.0, 9.0, 0.2, 1.3, channels=CHANNELS)


def blocks(kind: str = "batch_norm", between: str = "") -> list[Layer]:
    """Four times conv, ReLU and what normalizes behind it, and a head."""
    rows = [build_layer("input_layer1")]
    for number in range(1, 5):
        rows.append(build_layer(f"conv{number}", activation="relu"))
        if between:
            rows.append(build_layer(f"{between}{number}", activation="linear"))
        rows.append(build_layer(f"{kind}{number}", activation="linear"))
    return chain(*rows, build_layer("fc1", "dense"), build_layer("output_layer1"))


def context_of(layers: list[Layer], behind: ChannelStatistics | None) -> Context:
    """All convs are wide; what normalizes them gives `behind`, which None leaves unknown."""
    known = {
        layer.base_name: LayerMeasurement(WIDE, preactivation=WIDE)
        for layer in layers
        if layer.type == "conv"
    }
    if behind is not None:
        norms = (x for x in layers if x.type in ("batch_norm", "normalization", "avgpool"))
        known |= {layer.base_name: LayerMeasurement(behind) for layer in norms}
    return build_context(build_model(layers), build_measurements(64, **known))


def told(context: Context) -> list[tuple[str, str]]:
    return [
        (found.id, found.severity.label)
        for found in BatchNormInspector().inspect(context)
        if found.id == "abnormal-preactivation"
    ]


@quiet("abnormal-preactivation")
@pytest.mark.parametrize("kind", ["batch_norm", "normalization"])
@pytest.mark.parametrize("between", ["", "maxpool", "shortcut"])
def test_values_may_be_wide_where_batch_norm_narrows_them_behind_the_activation(
    kind: str, between: str
) -> None:
    context = context_of(blocks(kind, between), NARROW)
    assert BatchNormInspector().should_skip(context) != "" or told(context) == []


@loud("abnormal-preactivation")
@pytest.mark.parametrize(
    ("layers", "behind"),
    [(blocks(), WIDE), (blocks(), None), (blocks("avgpool"), NARROW), (blocks(), NARROW)],
    ids=["wide behind it, too", "not known", "not normalized", "read as they are"],
)
def test_wide_values_are_told_where_nothing_narrows_them(
    layers: list[Layer], behind: ChannelStatistics | None
) -> None:
    if behind is NARROW and layers[2].type == "batch_norm":
        sums = [
            build_layer(f"ew_add{n}", inputs=[f"conv{n}", f"batch_norm{n}"]) for n in range(1, 5)
        ]
        layers = [*layers[:-1], *sums, layers[-1]]
    assert told(context_of(layers, behind)) == [("abnormal-preactivation", "error")]


def test_what_normalizes_is_found_behind_what_hands_values_on() -> None:
    network = build_network(blocks(between="maxpool"))
    found = normalizations_behind(network, network["net/conv1"])
    assert [layer.base_name for layer in found] == ["batch_norm1"]
    assert normalizations_behind(network, network["net/fc1"]) == []
