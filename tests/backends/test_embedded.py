from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.emulator.networks import conv, images, weights
from tests.fixtures.builders import build_layer, build_model, build_statistics, stored_statistics
from utils.backends import embedded
from utils.backends.opened_job import OpenedJob
from utils.dataset.calibration_set import CalibrationSet, open_dataset
from utils.errors import DatasetError, DiagnosticError
from utils.har.model import Model
from utils.jobs.settings import Settings
from utils.measurements import Need

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = 20


@pytest.fixture
def model() -> Model:
    return build_model(
        [
            build_layer("input_layer1"),
            conv("conv1", [], (4, 4, 3), fan_in=3),
            build_layer("output_layer1"),
        ],
        float_arrays={"conv1/kernel": weights(3, 3, 3, 3), "conv1/bias": weights(3)},
        optimized=stored_statistics("conv1/stats/output_0", build_statistics(0.0, 2.0)),
    )


def calibration_of(model: Model, samples: NDArray[np.float32], folder: Path) -> CalibrationSet:
    path = folder / "samples.npy"
    np.save(path, samples)
    return open_dataset(str(path), model.float_network.input_layers, len(samples))


@pytest.mark.parametrize("batch_size", [None, 1, 7])
def test_calibration_set_is_measured_whole(
    model: Model, tmp_path: Path, batch_size: int | None, capfd: pytest.CaptureFixture[str]
) -> None:
    calibration = calibration_of(model, images(SAMPLES, 4, 4, 3), tmp_path)
    settings = Settings(batch_size=batch_size)
    found = embedded.measure(OpenedJob(model, calibration, ~Need.NOTHING, settings)).measurements
    assert (found.samples, found.not_measured) == (SAMPLES, {})
    histogram = found.layers["net/conv1"].histogram
    assert histogram is not None
    assert (histogram.low, histogram.high) == (0.0, 2.0)
    assert histogram.total == SAMPLES * 4 * 4 * 3
    # No progress bar where nobody watches, and none of TensorFlow's own messages.
    assert capfd.readouterr() == ("", "")


def test_samples_that_are_not_finite_end_the_measurement(model: Model, tmp_path: Path) -> None:
    samples = images(SAMPLES, 4, 4, 3)
    samples[5, 1, 1, 1] = np.nan
    calibration = calibration_of(model, samples, tmp_path)
    with pytest.raises(DatasetError, match="samples 5"):
        embedded.measure(OpenedJob(model, calibration, Need.NOTHING, Settings(batch_size=4)))


def test_missing_tensorflow_is_one_sentence(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calibration = calibration_of(model, images(2, 4, 4, 3), tmp_path)
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(DiagnosticError, match="TensorFlow cannot be imported"):
        embedded.measure(OpenedJob(model, calibration, Need.NOTHING))


def test_tensorflow_is_imported_late_and_in_silence() -> None:
    code = (
        "import sys; from utils.backends import embedded; assert 'tensorflow' not in sys.modules; "
        "embedded.prepare_tensorflow(); assert 'tensorflow' in sys.modules; "
        "import tensorflow as tf; tf.zeros([2]) + 1"
    )
    environment = {n: v for n, v in os.environ.items() if not n.startswith("TF_")}
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (result.stdout, result.stderr) == ("", "")
