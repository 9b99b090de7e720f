"""What the command says about the noise of real archives, against what is known of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.command.test_real_archives import data_path
from tests.fixtures.noise_reports import findings, layers_of, reported
from tests.har.samples import present, sample_model, sample_path
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.quantization import precision_commands
from utils.quantizer.integers import coded_layers

REALCALIB, RANDOMCALIB = "ids_mlp_logits_realcalib_q8", "ids_mlp_logits_randomcalib_q8"
# SNR in dB with everything quantized, computed once by integer arithmetic in numpy alone.
KNOWN_SNR = {
    REALCALIB: {"input_layer1": 29.64, "conv1": 23.10, "conv2": 11.25, "fc1": 5.25},
    RANDOMCALIB: {"input_layer1": 1.70, "conv1": 1.64, "conv2": 2.60, "fc1": 2.62},
    "jet_cnn_q8": {"input_layer1": 37.45, "conv1": 22.25},
    "jet_cnn_q16": {
        "conv1": 36.89,
        "conv2": 37.47,
        "conv3": 33.40,
        "fc1": 22.57,
        "output_layer1": 37.9,
    },
}
TOLERANCE_DB = {REALCALIB: 0.1, RANDOMCALIB: 0.1, "jet_cnn_q8": 0.1, "jet_cnn_q16": 0.3}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any]]:
    """Report on a real archive with data of its kind."""

    @cache
    def report(archive: str, *argv: str) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("real")
        return reported(folder, sample_path(archive), data_path(archive), "-c", "99", *argv)

    return report


@pytest.mark.parametrize("archive", KNOWN_SNR)
def test_real_archives_have_the_known_ratios(
    archive: str, real: Callable[..., dict[str, Any]]
) -> None:
    found = layers_of(real(archive), "snr_db")
    known = KNOWN_SNR[archive]
    assert {name: found[name] for name in known} == pytest.approx(
        known, abs=TOLERANCE_DB[archive], rel=0
    )


def test_the_constant_background_of_sparse_images_is_a_bias(
    real: Callable[..., dict[str, Any]],
) -> None:
    report = real("jet_cnn_q8")
    shares = layers_of(report, "bias_share")
    assert {name: shares[name] for name in ("conv1", "conv2", "output_layer1")} == pytest.approx(
        {"conv1": 0.76, "conv2": 0.46, "output_layer1": 0.69}, abs=0.02
    )
    (biased,) = (f for f in findings(report) if f["id"] == "error-is-bias")
    bases = {name.rpartition("/")[2] for name in biased["layers"]}
    assert {"conv1", "output_layer1"} <= bases
    assert "conv2" not in bases


def test_sixteen_bit_add_less_noise_at_every_layer(
    real: Callable[..., dict[str, Any]],
) -> None:
    narrow, wide = (
        layers_of(real(f"jet_cnn_{bits}", "--exact-sensitivity"), "local_snr_db")
        for bits in ("q8", "q16")
    )
    assert all(wide[name] >= narrow[name] + 10 for name in ("conv1", "conv2", "conv3"))
    assert all(wide[name] >= narrow[name] for name in ("fc1", "fc2"))


def test_the_flows_that_saturate_are_counted_and_named(
    real: Callable[..., dict[str, Any]],
) -> None:
    report = real(REALCALIB)
    output = next(iter(report["outputs"].values()))
    assert layers_of(report, "saturated_share")["fc1"] == pytest.approx(1 / 99)
    assert "accumulator-saturates" in {f["id"] for f in findings(report)}
    (worst,) = (f for f in findings(report) if f["id"] == "worst-samples")
    named = {int(index) for index in re.findall(r"sample (\d+) has", worst["evidence"])}
    assert output["worst_samples"][0]["index"] in named


@pytest.mark.parametrize("archive", ["jet_cnn_q8", "jet_cnn_wide_q8"])
def test_corrected_biases_gain_what_level_0_has_lost(
    archive: str, real: Callable[..., dict[str, Any]]
) -> None:
    report = real(archive)
    (finding,) = (f for f in findings(report) if f["id"].startswith("bias-correction"))
    assert (finding["id"], finding["severity"]) == ("bias-correction-missing", "warning")
    before, after = finding["measured"].values()
    assert after > before + 10
    assert report["causes"][0]["id"] == finding["id"]
    assert report["next"]["commands"] == finding["commands"]
    assert "optimization_level=1" in finding["commands"][0]


def test_sixteen_bit_have_nothing_to_gain_from_biases(real: Callable[..., dict[str, Any]]) -> None:
    found = {finding["id"] for finding in findings(real("jet_cnn_q16"))}
    assert not any(each.startswith("bias-correction") for each in found)


def test_a_plan_keeps_what_it_promises(real: Callable[..., dict[str, Any]]) -> None:
    # Without the trial of bias correction, which makes it needless.
    report = real("jet_cnn_q8", "--order", "NoiseInspector", "HighPrecisionInspector")
    plan = report["plan"]
    assert plan["reached"]
    expected = {n: found["snr_db"] for n, found in report["outputs"].items()}
    assert plan["before_db"] == pytest.approx(expected, abs=1e-3)
    assert min(plan["after_db"].values()) >= plan["target_db"]
    assert plan["predicted_db"] == pytest.approx(plan["after_db"], abs=1.0, rel=0)
    assert "a16_w16" in plan["modes"].values()
    (verdict,) = (f for f in findings(report) if f["id"] == "mixed-precision-plan")
    assert tuple(verdict["commands"]) == precision_commands(plan["modes"])
    (output,) = plan["outputs"].values()
    kept = [output[stage]["agreement"]["fired_rightly"]["value"] for stage in ("before", "after")]
    assert kept[0] < 0.95 <= kept[1]


def test_a_target_beyond_the_output_range_is_out_of_reach(
    real: Callable[..., dict[str, Any]],
) -> None:
    report = real(REALCALIB)
    assert not report["plan"]["reached"]
    assert "-132.4" in report["plan"]["obstacle"]
    (verdict,) = (f for f in findings(report) if f["id"] == "mixed-precision-plan")
    assert verdict["commands"] == []


def test_real_logits_lie_where_the_device_put_them() -> None:
    """The author of both archives ran them on the chip and reported what came out."""
    realcalib, randomcalib = (_logits(archive) for archive in (REALCALIB, RANDOMCALIB))
    model = sample_model(REALCALIB)
    encoding = present(model.encoding(model.network.output_layers[0].name))
    codes = realcalib / encoding.scales + encoding.zero_points
    assert np.abs(codes - np.rint(codes)).max() < 1e-3
    assert realcalib.min() >= -132.49 - 0.005
    assert realcalib.max() <= 43.47 + 0.005
    assert np.unique(np.rint(codes)).min() == 0
    assert randomcalib.max() == pytest.approx(-4.837, abs=0.001)


def _logits(archive: str) -> np.ndarray[Any, Any]:
    model = sample_model(archive)
    floats = FloatEmulator(model.float_network, model.float_parameters)
    quantized = QuantizedEmulator(floats, model.network, coded_layers(model))
    (entry,), (output,) = model.network.input_layers, model.network.output_layers
    tensors = floats.tensors({entry.name: np.load(data_path(archive))})
    return np.asarray(quantized.forward(tensors)[output.name].output.values)
