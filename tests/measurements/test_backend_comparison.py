"""Where two backends part, from numbers alone."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest

from tests.fixtures.builders import build_layer, build_network
from utils.measurements.backend_comparison import (
    CODES_TOLERANCE,
    FLOAT_TOLERANCE,
    BackendComparison,
    LayerAgreement,
)

SHAPE = (2, 2, 2)
NETWORK = build_network(
    [
        build_layer("input_layer1", shape=SHAPE),
        build_layer("conv1", "conv", inputs=["input_layer1"], shape=SHAPE),
        build_layer("conv2", "conv", inputs=["conv1"], shape=SHAPE),
        build_layer("conv3", "conv", inputs=["conv1"], shape=SHAPE),
        build_layer("ew_add1", inputs=["conv2", "conv3"], shape=SHAPE),
        build_layer("conv4", "conv", inputs=["ew_add1"], shape=SHAPE),
    ]
)
WIDE = 0.5


def comparison(**differences: float | None) -> BackendComparison:
    """Float differences by layer; 0 at the others."""
    names = [layer.base_name for layer in NETWORK]
    found = {f"net/{name}": LayerAgreement(differences.get(name, 0.0)) for name in names}
    return BackendComparison(found, 1)


@pytest.mark.parametrize(
    ("differences", "parting"),
    [
        ({}, []),
        ({"conv1": FLOAT_TOLERANCE}, []),
        ({"conv1": 2 * FLOAT_TOLERANCE}, ["conv1"]),
        ({"conv4": math.inf}, ["conv4"]),
        ({"input_layer1": WIDE}, ["input_layer1"]),
        # What follows from it is not named, however it is joined.
        ({"conv1": WIDE, "conv2": WIDE, "conv3": WIDE, "ew_add1": WIDE, "conv4": WIDE}, ["conv1"]),
        ({"conv2": WIDE, "ew_add1": WIDE, "conv4": WIDE}, ["conv2"]),
        ({"conv2": WIDE, "conv3": WIDE, "ew_add1": WIDE}, ["conv2", "conv3"]),
        # Between them all is well again, so there is a second cause.
        ({"conv1": WIDE, "ew_add1": WIDE}, ["conv1", "ew_add1"]),
        # What was not compared is looked through.
        ({"conv1": WIDE, "conv2": None, "conv3": None, "ew_add1": WIDE}, ["conv1"]),
        ({"conv1": None, "conv2": WIDE, "input_layer1": WIDE}, ["input_layer1"]),
        ({"conv2": None, "conv3": None, "ew_add1": WIDE, "conv4": WIDE}, ["ew_add1"]),
        (dict.fromkeys(["input_layer1", "conv1"]) | {"conv2": WIDE}, ["conv2"]),
    ],
)
def test_float_parts_where_nothing_above_does(
    differences: Mapping[str, float | None], parting: list[str]
) -> None:
    found = comparison(**differences).parting(NETWORK, "float")
    assert [name.removeprefix("net/") for name in found] == parting


@pytest.mark.parametrize(
    ("shares", "parting"),
    [
        ({}, ()),
        ({"net/conv1": CODES_TOLERANCE, "net/conv2": None}, ()),
        ({"net/conv1": 0.02, "net/conv2": 1.0, "net/conv3": 0.0}, ("net/conv1", "net/conv2")),
    ],
)
def test_codes_part_at_every_layer_that_differs(
    shares: Mapping[str, float | None], parting: tuple[str, ...]
) -> None:
    layers = {name: LayerAgreement(codes_differing=share) for name, share in shares.items()}
    assert BackendComparison(layers).parting(NETWORK, "codes") == parting


def test_a_layer_that_the_graph_does_not_have_is_not_named() -> None:
    layers = {"net/precision_change0": LayerAgreement(WIDE)}
    assert BackendComparison(layers).parting(NETWORK, "float") == ()


@pytest.mark.parametrize(
    ("sdk", "embedded", "difference"),
    [
        (None, 20.0, None),
        (20.0, None, None),
        (20.0, 20.5, 0.5),
        (20.5, 20.0, -0.5),
        (math.inf, math.inf, 0.0),
        (-math.inf, -math.inf, 0.0),
        (20.0, math.inf, math.inf),
    ],
)
def test_the_difference_of_snr(
    sdk: float | None, embedded: float | None, difference: float | None
) -> None:
    found = LayerAgreement(sdk_snr_db=sdk, embedded_snr_db=embedded)
    assert found.snr_difference_db == difference


def test_counts_and_the_largest() -> None:
    assert BackendComparison().largest("float") is None
    found = comparison(conv1=None, conv2=0.25, conv4=0.125)
    assert found.compared("float") == 5
    assert found.compared("codes") == 0
    assert found.largest("float") == ("net/conv2", 0.25)
    assert found.largest("codes") is None
