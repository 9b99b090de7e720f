"""The command on archives that the real compiler wrote, and those archives as an oracle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import main
from tests.har.samples import DIRECTORY, PARSED, QUANTIZED, present, sample_model, sample_path
from utils.backends import embedded
from utils.measurements import Need

# What 8 bit cost is true of sound archives, too; test_noise_real_archives.py holds it to numbers.
NOISE_INSPECTORS = {
    "AgreementInspector",
    "BiasCorrectionInspector",
    "NoiseInspector",
    "HighPrecisionInspector",
}
NORMALIZATION_IDS = {"data-not-normalized", "normalization-missing", "data-normalized-twice"}
# The one warning that is true of every public archive: without a GPU the compiler took level 0
# where no script asks for it, and it warns of that itself.
TRUE_WARNINGS = {"optimization-level-zero"}
# Archives whose calibration was like the sample data of the same network.
SOUND = ("ids_mlp_logits_realcalib_q8", "jet_cnn_q8", "jet_cnn_q16", "jet_cnn_wide_q8")
RANDOM = ("ids_mlp_logits_randomcalib_q8", "ids_mlp_sigmoid_compiled")


def data_path(archive: str) -> str:
    kind = "ids_flows_99x1x1x80" if archive.startswith("ids") else "jets_sparse_64x32x32x3"
    path = DIRECTORY.parent / "calib" / f"{kind}.npy"
    if not path.is_file():
        pytest.skip(f"no sample data {path}; they lie beside the folder HAR_SAMPLES")
    return str(path)


def diagnosed(archive: str, folder: Path, *argv: str) -> tuple[int, dict[str, Any]]:
    report = folder / "report.json"
    code = main.main(
        [
            *argv,
            *("--no-interactive", "--json", str(report), "--image-dir", str(folder)),
            *("--log-path", str(folder / "log"), "--output-model-script", str(folder / "o.alls")),
            sample_path(archive),
        ]
    )
    return code, json.loads(report.read_text("utf-8")) if report.exists() else {}


def findings(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [finding for entry in report["inspectors"] for finding in entry["findings"]]


def loud_beside_noise(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Warnings and errors of all inspectors but those that judge noise, and but the true one."""
    judged = [entry for entry in report["inspectors"] if entry["name"] not in NOISE_INSPECTORS]
    loud = [f for entry in judged for f in entry["findings"] if f["severity"] != "info"]
    return [finding for finding in loud if finding["id"] not in TRUE_WARNINGS]


@pytest.mark.parametrize("archive", QUANTIZED)
def test_static_runs_are_whole_and_quiet(archive: str, tmp_path: Path) -> None:
    code, report = diagnosed(archive, tmp_path, "--fail-on", "error")
    assert code == (1 if archive in RANDOM else 0)
    assert report["failures"] == []
    loud = {finding["id"] for finding in findings(report) if finding["severity"] != "info"}
    if archive in RANDOM:  # that it was calibrated on random numbers shows without data
        assert loud - TRUE_WARNINGS >= {"calibrated-on-noise", "dead-channels"}
    else:
        assert loud == TRUE_WARNINGS


@pytest.mark.parametrize("archive", SOUND)
def test_data_like_those_of_calibration_raise_no_warning(archive: str, tmp_path: Path) -> None:
    data = data_path(archive)
    for count in sorted({64, len(np.load(data, mmap_mode="r"))}):
        code, report = diagnosed(archive, tmp_path, "-d", data, "-c", str(count))
        assert code == 0
        assert loud_beside_noise(report) == []
        assert not NORMALIZATION_IDS & {finding["id"] for finding in findings(report)}
        assert all(layer["output"] for layer in report["layers"].values() if _in_both(layer))
        (tmp_path / "report.json").unlink()


def _in_both(layer: dict[str, Any]) -> bool:
    # The layer that the compiler inserts between precisions exists in one graph only.
    return bool(layer["type"] != "activation")


@pytest.mark.parametrize("archive", RANDOM)
def test_random_calibration_is_an_error_that_names_the_data(archive: str, tmp_path: Path) -> None:
    code, report = diagnosed(archive, tmp_path, "-d", data_path(archive), "--fail-on", "error")
    assert code == 1
    (cause, *_) = report["causes"]
    assert (cause["id"], cause["severity"]) == ("calibrated-on-noise", "error")
    explained = {entry["id"] for entry in cause["explains"]}
    assert explained >= {"dataset-differs", "dead-channels", "output-snr-low"}
    assert report["next"] is None or report["next"]["id"] == "calibrated-on-noise"
    loud = {finding["id"]: finding for finding in loud_beside_noise(report)}
    assert {"calibrated-on-noise", "dataset-differs", "dead-channels"} <= set(loud)
    # That the input does not fit into its range is the same fact.
    assert "values-beyond-range" not in loud
    differs = loud["dataset-differs"]
    assert differs["severity"] == loud["calibrated-on-noise"]["severity"] == "error"
    assert differs["layers"][0].endswith("/input_layer1")
    assert differs["measured"]["outside"] == pytest.approx(0.813, abs=0.001)
    assert "Quantize again on these data" in differs["remedy"]
    assert loud["calibrated-on-noise"]["command"].endswith(data_path(archive))


@pytest.mark.parametrize("archive", PARSED)
def test_parsed_archives_are_refused(
    archive: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = diagnosed(archive, tmp_path)
    assert (code, report) == (2, {})
    assert "Model is not quantized" in capsys.readouterr().out


def test_stored_statistics_agree_with_measured_ones() -> None:
    """Calibration drew 64 samples of uniform [0, 1]; we draw 2,000.

    The standard error of a stored mean or energy follows from the spread of our own values, and
    the differences in units of it must be normal.
    """
    model = sample_model("ids_mlp_logits_randomcalib_q8")
    name = "ids_mlp_binary_logits/conv1"
    inputs = model.float_network.input_layers[0].name
    samples = np.random.default_rng(0).uniform(0, 1, (2000, 1, 1, 80)).astype(np.float32)
    measured = embedded.measure_model(
        model.float_network,
        model.float_parameters,
        ({inputs: batch} for batch in np.split(samples, 20)),
        Need.PREACTIVATION_STATISTICS,
        {},
        {},
        lambda _: None,
    ).layers[name]
    weights = model.float_parameters.layer(name)
    values = samples.reshape(2000, 80) @ weights["kernel"].reshape(80, -1) + weights["bias"]
    # A channel that fires for one sample in ten or less is too skewed for a normal error.
    awake = (values > 0).mean(axis=0) > 0.1
    for drawn, place, ours in (
        (values, "preact", present(measured.preactivation)),
        (np.maximum(values, 0), "output_0", measured.output),
    ):
        stored = present(model.stored_statistics(name, place))
        for power, theirs, mine in ((1, stored.mean, ours.mean), (2, stored.energy, ours.energy)):
            error = (drawn**power).std(axis=0, dtype=np.float64) * np.sqrt(1 / 64 + 1 / 2000)
            scores = ((theirs - mine)[awake] / error[awake]).astype(np.float64)
            assert len(scores) > 100
            assert np.sqrt((scores**2).mean()) < 1.3
            assert np.abs(scores).max() < 5
