from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.measurements.agreement.outputs import agreeing, batch_of, coded, values
from tests.renderers.json.test_json import rendered
from tests.renderers.json.test_noise_entries import OUTPUT, build_noise, build_report
from utils.har.statistics import ChannelStatistics
from utils.measurements import LayerMeasurement
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.agreement.channels import ChannelCodes, Extremes
from utils.measurements.noise import LayerNoise, TensorNoise
from utils.measurements.output_kind import OutputKind

NOISE = LayerNoise(TensorNoise(100.0, 7.0, np.zeros(3), 10, np.array([1.0, 2.0, 4.0])))
STATISTICS = ChannelStatistics(
    np.zeros(3), np.ones(3), np.full(3, 0.5), np.array([0.35, 0.45, 0.65]), 10
)


def entry(kind: OutputKind = "unknown", front: str = "", **settled: Any) -> dict[str, Any]:
    floats = values(8, 1, 3)
    output = agreeing(batch_of(floats, coded(floats, 0.8), range(8), 0.8), kind, **settled)
    fronts = {front: ChannelCodes(Extremes(np.zeros(3), np.ones(3)), output.codes.chip)}
    agreement = AgreementMeasurements(
        {OUTPUT: output}, fronts if front else {}, {OUTPUT: front} if front else {}
    )
    layers = {OUTPUT: NOISE, "net/conv1": NOISE, "net/input_layer1": NOISE}
    report = build_report(build_noise(layers))
    assert report.measurements is not None
    measured = {
        name: LayerMeasurement(STATISTICS) for name in (OUTPUT, "net/conv1", "net/input_layer1")
    }
    measurements = replace(report.measurements, agreement=agreement, layers=measured)
    found: dict[str, Any] = rendered(replace(report, measurements=measurements))["outputs"][OUTPUT]
    return found


def test_a_known_kind_has_its_own_measures() -> None:
    found = entry("classes", reason="an argmax leaves")
    assert (found["kind"], found["kind_reason"]) == ("classes", "an argmax leaves")
    assert found["agreement"].keys() == {"same_top1"}
    assert "readings" not in found
    measure = found["agreement"]["same_top1"]
    assert measure.keys() == {"value", "low", "high", "of", "undecided"}
    assert (found["samples"], measure["of"]) == (8, 8)
    assert 0 <= measure["low"] <= measure["value"] <= measure["high"] <= 1


def test_an_unknown_kind_is_read_in_every_way() -> None:
    found = entry()
    assert found["agreement"] == {}
    assert found["readings"].keys() == {"classes", "scores", "regression"}
    assert found["readings"]["regression"]["beyond_0.1"]["channel"] in range(3)


def test_median_and_tenth_percentile_are_those_of_samples() -> None:
    found = entry()
    floats = values(8, 1, 3)
    error = batch_of(floats, coded(floats, 0.8), range(8), 0.8).chip.astype(np.float64) - floats
    each = np.sort(
        10 * np.log10(np.square(floats).sum(axis=(1, 2)) / np.square(error).sum(axis=(1, 2)))
    )
    assert found["snr_median_db"] == pytest.approx(each[3], rel=1e-5)
    assert found["snr_p10_db"] == pytest.approx(each[0], rel=1e-5)


def test_the_worst_channel_is_about_its_mean() -> None:
    # Variances 0.1, 0.2 and 0.4 against 0.1, 0.2 and 0.4 of error: all 0 dB, so the first.
    assert entry()["worst_channel"] == {"channel": 0, "snr_db": pytest.approx(0, abs=1e-9)}
    behind = entry("segmentation", front="net/conv1")["worst_channel"]
    assert behind["layer"] == "net/conv1"


def test_a_share_of_nothing_is_null() -> None:
    floats = np.full((4, 1, 1), -3, np.float32)
    output = agreeing(batch_of(floats, coded(floats), range(4)), "scores")
    report = build_report(build_noise())
    assert report.measurements is not None
    agreement = AgreementMeasurements({OUTPUT: output})
    measurements = replace(report.measurements, agreement=agreement)
    found = rendered(replace(report, measurements=measurements))["outputs"][OUTPUT]
    assert found["agreement"]["still_fire"] == {
        "value": None,
        "low": None,
        "high": None,
        "of": 0,
        "undecided": 0,
    }
    assert "worst_channel" not in found


def test_without_agreement_the_output_has_its_noise_alone() -> None:
    found = rendered(build_report(build_noise()))["outputs"][OUTPUT]
    assert found.keys() == {"snr_db", "bias_share", "worst_samples"}
