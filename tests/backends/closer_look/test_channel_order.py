"""The whole way: from images on disk to the warning, on networks that do and do not mind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import inspectors
from inspectors.channel_order import ChannelOrderInspector
from tests.emulator.networks import conv, pool
from tests.fixtures.builders import build_context, build_layer, build_model
from tests.fixtures.natural_images import natural_images
from tests.har.samples import sample_model, sample_path
from tests.house.evidence import loud, quiet
from utils.backends import embedded
from utils.backends.emulation import Emulated
from utils.backends.opened_job import OpenedJob
from utils.dataset.calibration_set import open_dataset
from utils.findings import InspectorResult
from utils.har.model import Model, load_model
from utils.jobs.settings import Settings
from utils.measurements import Need
from utils.measurements.channel_order import ChannelOrder

SIDE, SAMPLES = 32, 40
RED, GREEN = 0, 1


@pytest.fixture(scope="module")
def fruit() -> NDArray[np.uint8]:
    """Pictures that are greenish or reddish, never bluish."""
    pixels = natural_images(SAMPLES, SIDE, SIDE).astype(np.int64)
    pixels -= pixels.mean(axis=(1, 2), keepdims=True).astype(np.int64) - 110
    pixels[::2, ..., RED] += 60
    pixels[1::2, ..., GREEN] += 60
    return pixels.clip(0, 255).astype(np.uint8)


def colour_classifier(script: str | None = None) -> Model:
    """Logits of green and red things: how far that channel lies above the mean of all."""
    layers = [
        build_layer("input_layer1", shape=(SIDE, SIDE, 3)),
        conv("conv1", ["input_layer1"], (SIDE, SIDE, 3), fan_in=3, kernel=1, activation="linear"),
        pool("avgpool1", ["conv1"], (1, 1, 3), size=SIDE),
        build_layer("fc1", "dense", inputs=["avgpool1"], shape=(1, 1, 2), activation="linear"),
        build_layer("softmax1", inputs=["fc1"], shape=(1, 1, 2)),
        build_layer("output_layer1", inputs=["softmax1"], shape=(1, 1, 2)),
    ]
    arrays: dict[str, Any] = {
        "conv1/kernel": np.eye(3, dtype=np.float32).reshape(1, 1, 3, 3) / 255,
        "conv1/bias": np.zeros(3, np.float32),
        # Green against the mean of red and blue, red against the mean of green and blue.
        "fc1/kernel": 8 * np.array([[-0.5, 1.0], [1.0, -0.5], [-0.5, -0.5]], np.float32),
        "fc1/bias": np.zeros(2, np.float32),
    }
    return build_model(layers, float_arrays=arrays, script=script)


def emulated(
    model: Model, samples: NDArray[Any], folder: Path, need: Need = ChannelOrderInspector.NEEDS
) -> Emulated:
    path = folder / "samples.npy"
    np.save(path, samples)
    calibration = open_dataset(str(path), model.float_network.input_layers, len(samples))
    return embedded.measure(OpenedJob(model, calibration, need, Settings(batch_size=7)))


def judged(model: Model, samples: NDArray[Any], folder: Path) -> InspectorResult:
    emulation = emulated(model, samples, folder)
    context = build_context(model, emulation.measurements)
    result = inspectors.run(ChannelOrderInspector, context)
    assert (result.crashed, emulation.failures) == ("", ())
    return result


def order_of(emulation: Emulated) -> ChannelOrder:
    found = emulation.measurements.channel_order
    assert found is not None
    return found


@quiet("channels-look-swapped")
def test_images_in_the_order_of_the_training(fruit: NDArray[np.uint8], tmp_path: Path) -> None:
    result = judged(colour_classifier(), fruit, tmp_path)
    assert (result.findings, str(result.skipped or ""), result.not_checked) == ((), "", ())


@loud("channels-look-swapped")
def test_images_in_the_other_order(fruit: NDArray[np.uint8], tmp_path: Path) -> None:
    result = judged(colour_classifier(), fruit[..., ::-1], tmp_path)
    (finding,) = result.findings
    assert (finding.id, finding.severity.label) == ("channels-look-swapped", "warning")
    assert finding.measured["confidence_reversed"] > 1.1 * finding.measured["confidence_as_is"]
    assert finding.recommendation is not None


def test_grey_pictures_have_no_order(fruit: NDArray[np.uint8], tmp_path: Path) -> None:
    grey = fruit.mean(axis=3, keepdims=True).repeat(3, axis=3)
    skipped = judged(colour_classifier(), grey, tmp_path).skipped
    assert str(skipped).startswith(f"0 samples of {SAMPLES} are in colour")


def test_nothing_is_run_twice_unless_it_is_needed(fruit: NDArray[np.uint8], tmp_path: Path) -> None:
    needs = Need.OUTPUT_STATISTICS | Need.NOISE
    assert emulated(colour_classifier(), fruit, tmp_path, needs).measurements.channel_order is None


def test_half_of_the_kept_samples_settle_what_is_right(
    fruit: NDArray[np.uint8], tmp_path: Path
) -> None:
    found = order_of(emulated(colour_classifier(), fruit, tmp_path))
    assert (found.inputs, found.samples) == (("net/input_layer1",), SAMPLES // 2)
    swapped = order_of(emulated(colour_classifier(), fruit[..., ::-1], tmp_path))
    assert swapped.samples == SAMPLES


@pytest.mark.slow
def test_the_demo_does_not_mind_colours(demo: Path, tmp_path: Path) -> None:
    """Shapes are told by their outline: no warning for either order."""
    model = load_model(str(demo / "shape_detector_mended.har"))
    images = np.load(demo / "calibset_mended.npy")
    for samples in (images, images[..., ::-1]):
        result = judged(model, samples, tmp_path)
        assert (result.findings, str(result.skipped or "")) == ((), "")
        assert "shape_detector/fc2 (/box/Gemm)" in result.not_checked[0].reason


@pytest.mark.parametrize("name", ["jet_cnn_q8", "jet_cnn_q16", "jet_cnn_wide_q8"])
def test_detector_maps_of_three_channels_are_no_pictures(name: str, tmp_path: Path) -> None:
    data = Path(sample_path(name)).parents[1] / "calib" / "jets_sparse_64x32x32x3.npy"
    if not data.is_file():
        pytest.skip(f"no sample data {data}")
    result = judged(sample_model(name), np.load(data), tmp_path)
    assert result.findings == ()
    assert "do not look like pictures" in str(result.skipped or "")
