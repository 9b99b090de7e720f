from __future__ import annotations

import math

import pytest

from inspectors.noise import NoiseInspector
from tests.fixtures.builders import (
    build_context,
    build_layer_noise,
    build_model,
    build_noise,
    build_noise_measurements,
)
from tests.har.samples import DIRECTORY, sample_model
from tests.house.evidence import quiet
from tests.inspectors.noise.judged import (
    CLEAN,
    OUTPUT,
    expected,
    handed_on,
    inspect,
    limited,
    network,
    only,
)
from utils.backends import embedded
from utils.backends.opened_job import OpenedJob
from utils.dataset.calibration_set import open_dataset
from utils.measurements import Measurements
from utils.measurements.noise import Exceeded, LayerNoise, SampleNoise


@quiet(
    "output-snr-low",
    "output-constant",
    "noise-born-here",
    "accumulator-saturates",
    "range-saturates",
    "error-is-bias",
    "noise-concentrated",
    "noise-diffuse",
    "worst-samples",
    "stored-analysis-compared",
)
def test_a_clean_network_is_met_with_silence() -> None:
    alone = {"input_layer1": 50.0, "conv1": 44.0, "conv2": 60.0, "conv3": 55.0}
    samples = {OUTPUT: [SampleNoise(3, 1.0, 10**-3.1), SampleNoise(4, 1.0, 1e-4)]}
    assert inspect(sensitivity=alone, worst_samples=samples) == []


def test_without_any_noise_there_is_nothing_to_say() -> None:
    exact = dict.fromkeys((*CLEAN, OUTPUT), math.inf)
    assert inspect(exact, sensitivity=dict.fromkeys(CLEAN, math.inf)) == []


@pytest.mark.parametrize(
    ("measurements", "reason"),
    [
        (None, "pass the calibration set with -d"),
        (build_noise_measurements(None), "the quantized network was not run"),
        (build_noise_measurements(build_noise({})), "at no layer: none was run"),
        (
            build_noise_measurements(build_noise({}, not_measured={"conv1": "no such operation"})),
            "at no layer: no such operation",
        ),
        (build_noise_measurements(build_noise({"conv1": 5.0})), ""),
    ],
)
def test_skips_with_a_reason(measurements: Measurements | None, reason: str) -> None:
    skipped = NoiseInspector().should_skip(build_context(build_model(network()), measurements))
    assert reason in str(skipped)
    assert bool(skipped) == bool(reason)


@pytest.mark.parametrize("samples", [0, 1])
def test_hardly_any_samples_are_no_reason_to_crash(samples: int) -> None:
    empty = build_layer_noise(40.0, count=0, clipped=Exceeded(), saturated=Exceeded())
    found = inspect(dict.fromkeys((*CLEAN, OUTPUT), empty), samples=samples)
    assert {f.severity.label for f in found} <= {"info"}
    found = inspect({"conv3": 5.0, "conv1": math.nan}, samples=samples)
    assert only(found, "output-snr-low") == expected("error", OUTPUT)


def test_layers_that_the_graph_does_not_know_are_passed_over() -> None:
    layers: dict[str, float | LayerNoise] = {
        **CLEAN,
        "conv9": limited("clipped", 900, 1_000, 64),
        OUTPUT: handed_on(15.0),
    }
    noise = build_noise(layers, sensitivity={"conv9": 3.0, "conv1": 20.0, "conv2": 20.0})
    context = build_context(build_model(network()), build_noise_measurements(noise))
    found = list(NoiseInspector().inspect(context))
    assert {f.id for f in found} == {"output-snr-low", "noise-diffuse"}
    assert not any("conv9" in f.message for f in found)


@pytest.mark.parametrize(
    ("archive", "data", "loud", "born"),
    [
        (
            "ids_mlp_logits_realcalib_q8",
            "ids_flows_99x1x1x80",
            {},  # one clipped logit of 99 decides the pooled SNR, and no decision
            {"conv1", "conv2"},
        ),
        (
            "ids_mlp_logits_randomcalib_q8",
            "ids_flows_99x1x1x80",
            {
                ("output-snr-low", "warning"): {"output_layer1": 2.62},
                ("range-saturates", "warning"): {"input_layer1": 0.817},
            },
            set(),
        ),
        (
            "jet_cnn_q8",
            "jets_sparse_64x32x32x3",
            {  # a tenth of what fires on the chip does not in float, whatever the output is
                ("error-is-bias", "warning"): {
                    "conv1": 0.764,
                    "fc1": 0.693,
                    "output_layer1": 0.689,
                },
                ("output-snr-low", "warning"): {"output_layer1": 12.51},
            },
            {"conv1", "conv3", "fc1"},
        ),
        ("jet_cnn_q16", "jets_sparse_64x32x32x3", {}, {"fc1"}),
    ],
)
def test_real_archives_show_what_is_known_of_them(
    archive: str,
    data: str,
    loud: dict[tuple[str, str], dict[str, float]],
    born: set[str],
) -> None:
    path = DIRECTORY.parent / "calib" / f"{data}.npy"
    if not path.is_file():
        pytest.skip(f"no sample data {path}")
    model = sample_model(archive)
    calibration = open_dataset(str(path), model.float_network.input_layers, 99)
    emulation = embedded.measure(OpenedJob(model, calibration, NoiseInspector.NEEDS))
    found = list(NoiseInspector().inspect(build_context(model, emulation.measurements)))
    seen = {
        (f.id, f.severity.label): {name.rpartition("/")[2]: v for name, v in f.measured.items()}
        for f in found
        if f.severity.label != "info"
    }
    assert seen == {
        key: pytest.approx(numbers, abs=0.1 if key[0] == "output-snr-low" else 0.01)
        for key, numbers in loud.items()
    }
    named = {n.rpartition("/")[2] for f in found if f.id == "noise-born-here" for n in f.layers}
    assert born <= named
