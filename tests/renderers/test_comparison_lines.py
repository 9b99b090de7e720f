from __future__ import annotations

import math

import pytest

from tests.fixtures.builders import build_layer, build_model
from utils.findings import Severity
from utils.har.network import Network
from utils.jobs.sdk_part import SdkPart
from utils.measurements.backend_comparison import BackendComparison, LayerAgreement
from utils.renderers.comparison_lines import MAX_LAYERS, comparison_lines
from utils.renderers.json.sdk_entry import sdk_entry

NETWORK = build_model(
    [
        build_layer("input_layer1"),
        build_layer("conv1", original_names=["/0/Conv"]),
        build_layer("conv2"),
        build_layer("output_layer1"),
    ]
).float_network
SAME = LayerAgreement(1e-7, 0.0, 30.0, 30.0)


def compared(**layers: LayerAgreement) -> BackendComparison:
    known = {layer.name: SAME for layer in NETWORK}
    return BackendComparison(known | {f"net/{name}": found for name, found in layers.items()}, 64)


def texts(comparison: BackendComparison, network: Network = NETWORK) -> list[tuple[Severity, str]]:
    return list(comparison_lines(comparison, network))


def test_agreement_is_said_in_three_lines_without_a_warning() -> None:
    lines = texts(compared())
    assert [severity for severity, _ in lines] == [Severity.INFO] * 3
    assert "float values agree at all 4 layers over 64 samples" in lines[0][1]
    assert "integers agree at all 4 layers" in lines[1][1]
    assert "the SNR agrees at all 4 layers within 0.1 dB" in lines[2][1]


def test_only_the_layer_where_they_part_is_named_not_those_behind_it() -> None:
    apart = LayerAgreement(0.2, 0.0, 30.0, 12.0)
    lines = texts(compared(conv1=apart, conv2=apart, output_layer1=apart))
    warnings = [text for severity, text in lines if severity is Severity.WARNING]
    assert "part at net/conv1 (/0/Conv)" in warnings[0]
    assert "20.0% of the range" in warnings[0]
    assert not any("conv2" in text for text in warnings)
    assert "at most 18.00 dB" in warnings[1]


def test_integers_part_at_every_layer_that_differs_on_the_same_operands() -> None:
    apart = LayerAgreement(1e-7, 0.5, 30.0, 30.0)
    lines = texts(compared(conv1=apart, conv2=apart))
    assert sum("integers part at" in text for _, text in lines) == 2


@pytest.mark.parametrize(
    ("agreement", "is_quiet"),
    [
        (LayerAgreement(0.9e-3, 0.009, 30.0, 30.09), True),
        (LayerAgreement(1.1e-3, 0.009, 30.0, 30.09), False),
        (LayerAgreement(0.9e-3, 0.011, 30.0, 30.09), False),
        (LayerAgreement(0.9e-3, 0.009, 30.0, 30.2), False),
        (LayerAgreement(math.inf, None, None, None), False),
        (LayerAgreement(0.0, 0.0, math.inf, math.inf), True),
    ],
)
def test_the_limits(agreement: LayerAgreement, is_quiet: bool) -> None:
    lines = texts(compared(conv1=agreement))
    assert all(severity is Severity.INFO for severity, _ in lines) == is_quiet


def test_nothing_to_compare_is_a_warning() -> None:
    lines = texts(BackendComparison({"net/conv1": LayerAgreement()}, 64))
    assert lines[0][0] is Severity.WARNING
    assert "no float layer could be compared" in lines[0][1]
    assert "1 layer in one only" in lines[-1][1]


def test_many_layers_are_counted() -> None:
    apart = LayerAgreement(0.0, 1.0)
    many = {f"net/conv{n}": apart for n in range(MAX_LAYERS + 5)}
    lines = texts(BackendComparison(many, 8))
    assert any("5 more layers" in text for _, text in lines)


def test_the_entry_of_the_json_report() -> None:
    apart = LayerAgreement(0.2, 0.5, 30.0, None)
    part = SdkPart("3.33.0", "", ("odd",), compared(conv1=apart))
    assert sdk_entry(None, NETWORK) == {}
    entry = sdk_entry(part, NETWORK)["sdk"]
    assert (entry["version"], entry["failure"], entry["doubts"]) == ("3.33.0", None, ["odd"])
    found = entry["comparison"]
    assert (found["float_parts_at"], found["codes_part_at"]) == (["net/conv1"], ["net/conv1"])
    assert found["layers"]["net/conv1"] == {
        "float_difference": 0.2,
        "codes_differing": 0.5,
        "sdk_snr_db": 30.0,
    }
