from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fixtures.builders import (
    build_layer,
    build_measurements,
    build_model,
    build_statistics,
    chain,
)
from tests.fixtures.outcomes import build_classes, counted, outcomes
from tests.fixtures.schemas import REPORT, schema, validate
from tests.renderers.json.test_json import rendered
from utils.measurements import LayerMeasurement
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import (
    Exceeded,
    LayerNoise,
    NoiseMeasurements,
    SampleNoise,
    Sensitivity,
    TensorNoise,
)
from utils.report import Report

SCHEMA = schema(REPORT)
NOISE_KEYS = {
    "snr_db",
    "bias_share",
    "clipped_share",
    "saturated_share",
    "local_snr_db",
    "output_snr_db",
    "output_snr_exact",
    "run_in_float",
    "noise_not_measured",
    "stored_snr_db",
    "stored_output_snr_db",
}
OUTPUT = "net/output_layer1"
Array = NDArray[np.float64]
Noise = Mapping[str, LayerNoise]


def tensor_noise(floats: Array, quantized: Array) -> TensorNoise:
    """Noise of arrays (samples, height, width, channels)."""
    error = quantized - floats
    sums = error.sum(axis=(0, 1, 2))
    return TensorNoise(float((floats**2).sum()), float((error**2).sum()), sums, error[..., 0].size)


def pair(seed: int = 1) -> tuple[Array, Array]:
    random = np.random.default_rng(seed)
    floats = random.normal(0, 1, (8, 4, 4, 3))
    return floats, floats + random.normal(0.05, 0.1, floats.shape)


def build_noise(layers: Noise | None = None, **changes: Any) -> NoiseMeasurements:
    measured = LayerNoise(tensor_noise(*pair()))
    names = ("net/input_layer1", "net/conv1", OUTPUT)
    return NoiseMeasurements(layers or dict.fromkeys(names, measured), **changes)


def build_report(
    noise: NoiseMeasurements | None,
    plan: MixedPrecisionPlan | None = None,
    model: Mapping[str, Any] | None = None,
) -> Report:
    found = LayerMeasurement(build_statistics())
    measurements = build_measurements(8, input_layer1=found, conv1=found, output_layer1=found)
    measurements = replace(measurements, noise=noise, plan=plan)
    return Report(build_model(**(model or {})), "embedded", None, measurements, ())


def test_without_noise_no_key_of_it_appears() -> None:
    value = rendered(build_report(None))
    assert {"noise", "outputs"}.isdisjoint(value)
    assert value["plan"] is None
    assert all(NOISE_KEYS.isdisjoint(layer) for layer in value["layers"].values())


def test_ratio_and_bias_are_those_of_the_pooled_energies() -> None:
    floats, quantized = pair()
    value = rendered(build_report(build_noise()))
    error = quantized - floats
    expected = 10 * math.log10((floats**2).sum() / (error**2).sum())
    # The mean error of each of the three channels, everywhere in its 8 * 4 * 4 values.
    bias = sum(8 * 4 * 4 * error[..., channel].mean() ** 2 for channel in range(3))
    for entry in (value["layers"]["net/conv1"], value["outputs"][OUTPUT]):
        assert entry["snr_db"] == pytest.approx(expected, abs=1e-9)
        assert entry["bias_share"] == pytest.approx(bias / (error**2).sum(), rel=1e-9)
    assert value["noise"] == {"samples": 8}


def test_what_does_not_apply_to_a_layer_is_absent() -> None:
    noise = tensor_noise(*pair())
    value = rendered(
        build_report(
            build_noise(
                {
                    "net/input_layer1": LayerNoise(noise, clipped=Exceeded(3, 400, 2)),
                    "net/conv1": LayerNoise(noise, Exceeded(0, 400), Exceeded(1, 400, 1)),
                    OUTPUT: LayerNoise(noise),
                }
            )
        )
    )
    layers = value["layers"]
    assert layers["net/input_layer1"]["clipped_share"] == 3 / 400
    assert "saturated_share" not in layers["net/input_layer1"]
    assert layers["net/conv1"]["clipped_share"] == 0
    assert layers["net/conv1"]["saturated_share"] == 1 / 400
    assert {"clipped_share", "saturated_share"}.isdisjoint(layers[OUTPUT])
    assert {"local_snr_db", "output_snr_db", "output_snr_exact"}.isdisjoint(layers["net/conv1"])


def test_sensitivity_tells_estimates_from_measured_numbers() -> None:
    sensitivity = Sensitivity(
        samples=4,
        local={"net/conv1": tensor_noise(*pair(2)), "net/input_layer1": tensor_noise(*pair(3))},
        output_snr_db={"net/conv1": {OUTPUT: 21.5}, "net/input_layer1": {OUTPUT: 30.25}},
        exact=frozenset({"net/conv1"}),
    )
    value = rendered(build_report(build_noise(sensitivity=sensitivity)))
    floats, quantized = pair(2)
    conv, entered = (value["layers"][name] for name in ("net/conv1", "net/input_layer1"))
    assert conv["local_snr_db"] == pytest.approx(
        10 * math.log10((floats**2).sum() / ((quantized - floats) ** 2).sum()), abs=1e-9
    )
    assert (conv["output_snr_db"], conv["output_snr_exact"]) == ({OUTPUT: 21.5}, True)
    assert (entered["output_snr_db"], entered["output_snr_exact"]) == ({OUTPUT: 30.25}, False)
    assert "output_snr_db" not in value["layers"][OUTPUT]
    assert value["noise"] == {"samples": 8, "sensitivity_samples": 4}


@pytest.mark.parametrize("floats", [1.0, 0.0], ids=["no noise", "no signal"])
def test_a_ratio_that_is_not_finite_is_null_and_not_absent(floats: float) -> None:
    values = np.full((2, 1, 1, 3), floats)
    quantized = values if floats else values + 1
    noise = tensor_noise(values, quantized)
    sensitivity = Sensitivity(
        2, {"net/conv1": noise}, {"net/conv1": {OUTPUT: math.inf if floats else math.nan}}
    )
    samples = {OUTPUT: (SampleNoise(0, float((values[0] ** 2).sum()), 3.0 * (not floats)),)}
    layers = {"net/conv1": LayerNoise(noise), OUTPUT: LayerNoise(noise)}
    value = rendered(
        build_report(build_noise(layers, worst_samples=samples, sensitivity=sensitivity))
    )
    conv, output = value["layers"]["net/conv1"], value["outputs"][OUTPUT]
    assert conv["snr_db"] is output["snr_db"] is conv["local_snr_db"] is None
    assert conv["output_snr_db"] == {OUTPUT: None}
    assert output["worst_samples"] == [{"index": 0, "snr_db": None}]
    assert conv["bias_share"] == (0 if floats else 1)


def test_the_worst_samples_keep_their_order_and_index() -> None:
    samples = (SampleNoise(17, 1.0, 10.0), SampleNoise(3, 10.0, 10.0), SampleNoise(40, 100.0, 1.0))
    value = rendered(build_report(build_noise(worst_samples={OUTPUT: samples})))
    assert value["outputs"][OUTPUT]["worst_samples"] == [
        {"index": 17, "snr_db": -10.0},
        {"index": 3, "snr_db": 0.0},
        {"index": 40, "snr_db": 20.0},
    ]


def test_outputs_stand_in_the_order_the_user_sees() -> None:
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1"),
        build_layer("conv2", inputs=["conv1"]),
        build_layer("output_layer1", inputs=["conv1"]),
        build_layer("output_layer2", inputs=["conv2"]),
    ]
    model = {"layers": chain(*layers), "output_order": ["conv2", "conv1"]}
    noise = LayerNoise(tensor_noise(*pair()))
    both = build_noise({OUTPUT: noise, "net/output_layer2": noise})
    one = build_noise({"net/output_layer2": noise}, not_measured={OUTPUT: "it stops"})
    assert list(rendered(build_report(both, model=model))["outputs"]) == [
        "net/output_layer2",
        OUTPUT,
    ]
    value = rendered(build_report(one, model=model))
    assert list(value["outputs"]) == ["net/output_layer2"]
    assert value["layers"][OUTPUT]["noise_not_measured"] == "it stops"


def test_layers_run_in_float_say_why() -> None:
    noise = build_noise(in_float={"net/conv1": "no integers are stored"})
    layers = rendered(build_report(noise))["layers"]
    assert layers["net/conv1"]["run_in_float"] == "no integers are stored"
    assert "snr_db" in layers["net/conv1"]
    assert "run_in_float" not in layers["net/input_layer1"]


def test_layers_of_one_graph_only_say_what_they_lack() -> None:
    quantized = [
        build_layer("input_layer1"),
        build_layer("precision_change1"),
        build_layer("conv1"),
        build_layer("output_layer1"),
    ]
    floats = [
        build_layer("input_layer1"),
        build_layer("batch_norm1"),
        build_layer("conv1"),
        build_layer("output_layer1"),
    ]
    noise = LayerNoise(tensor_noise(*pair()))
    names = ("net/input_layer1", "net/precision_change1", "net/conv1")
    report = build_report(
        build_noise(dict.fromkeys(names, noise)),
        model={"layers": quantized, "float_layers": floats},
    )
    layers = rendered(report)["layers"]
    inserted, folded = layers["net/precision_change1"], layers["net/batch_norm1"]
    assert "snr_db" in inserted
    assert "output" not in inserted
    assert "quantized graph only" in inserted["not_measured"]
    assert "noise_not_measured" not in inserted
    assert folded["noise_not_measured"] == "the layer exists in the float graph only"
    assert layers["net/conv1"]["not_measured"] is None


def test_what_the_float_run_could_not_measure_has_its_reason_for_noise_too() -> None:
    report = build_report(build_noise({"net/conv1": LayerNoise(tensor_noise(*pair()))}))
    assert report.measurements is not None
    unmeasured = replace(report.measurements, not_measured={OUTPUT: "unknown type"})
    layers = rendered(replace(report, measurements=unmeasured))["layers"]
    assert layers[OUTPUT]["noise_not_measured"] == "unknown type"


def test_a_stored_analysis_is_told_even_without_data() -> None:
    analysis = {
        "conv1/layer_noise_analysis/snr": np.array([12.5, 9.25]),
        "conv1/layer_noise_analysis/partial_snr": np.array([17.75]),
        "output_layer1/layer_noise_analysis/partial_snr": np.array([16.5]),
    }
    model = build_model(analysis=analysis)
    layers = rendered(Report(model, "embedded", None, None, ()))["layers"]
    assert layers["net/conv1"]["stored_snr_db"] == 17.75
    assert layers["net/conv1"]["stored_output_snr_db"] == 9.25
    assert layers[OUTPUT]["stored_snr_db"] == 16.5
    assert "stored_output_snr_db" not in layers[OUTPUT]
    assert {"stored_snr_db", "stored_output_snr_db"}.isdisjoint(layers["net/input_layer1"])


def test_a_plan_that_reaches_its_target() -> None:
    plan = MixedPrecisionPlan(
        target_db=20.0,
        modes={"net/conv1": "a16_w16"},
        before={OUTPUT: build_classes(18, 12.5)},
        after={OUTPUT: build_classes(64, 24.0)},
        predicted=outcomes({OUTPUT: 24.25}),
        weight_share=0.25,
        mac_share=0.5,
        trials=3,
    )
    assert rendered(build_report(build_noise(), plan))["plan"] == {
        "target_db": 20.0,
        "reached": True,
        "modes": {"net/conv1": "a16_w16"},
        "before_db": {OUTPUT: 12.5},
        "predicted_db": {OUTPUT: 24.25},
        "after_db": {OUTPUT: 24.0},
        "outputs": {
            OUTPUT: {"kind": "classes", "before": decided(18, 12.5), "after": decided(64, 24.0)}
        },
        "weight_share": 0.25,
        "mac_share": 0.5,
        "trials": 3,
    }


def decided(same: int, median_db: float) -> dict[str, Any]:
    found = asdict(counted(same))
    del found["channel"]  # of regressions
    return {
        "agreement": {"same_top1": found},
        "snr_median_db": median_db,
        "snr_p10_db": median_db,
    }


def test_a_plan_that_cannot_reach_its_target_says_what_is_in_the_way() -> None:
    plan = MixedPrecisionPlan(
        20.0,
        {},
        outcomes({OUTPUT: 5.25}),
        outcomes({OUTPUT: 5.25}),
        obstacle="its range ends at -132",
    )
    entry = rendered(build_report(build_noise(), plan))["plan"]
    assert (entry["reached"], entry["obstacle"]) == (False, "its range ends at -132")
    assert entry["modes"] == {}


@pytest.mark.parametrize(
    ("place", "key", "value"),
    [
        ("net/conv1", "bias_share", 1.5),
        ("net/conv1", "bias_share", None),
        ("net/conv1", "clipped_share", -0.1),
        ("net/conv1", "snr_db", "inf"),
        ("net/conv1", "output_snr_db", {OUTPUT: 3.0}),
        ("net/conv1", "unknown", 1),
    ],
)
def test_the_schema_refuses_what_the_definitions_exclude(
    place: str, key: str, value: object
) -> None:
    report = rendered(build_report(build_noise()))
    report["layers"][place][key] = value
    with pytest.raises(jsonschema.ValidationError):
        validate(report)


@pytest.mark.parametrize("key", sorted(NOISE_KEYS))
def test_every_key_is_defined_in_the_schema_and_in_the_documentation(key: str) -> None:
    entry = SCHEMA["$defs"]["layer"]["properties"][key]
    text = entry.get("description") or SCHEMA["$defs"][key]["description"]
    assert len(text) > 40
    page = (Path(__file__).resolve().parents[3] / "docs" / "noise.md").read_text("utf-8")
    assert f"`{key}`" in page
