"""Networks of the race are quantized by the project's rules and measured to the last layer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.archive import write_archive
from benchmarks.contestants import full_pass, noise_alone
from benchmarks.float_graph import PIXEL_SCRIPT, FloatGraph
from benchmarks.images import smooth_images
from benchmarks.mobilenet_v2 import build_mobilenet_v2
from benchmarks.resnet import build_resnet50
from benchmarks.vision_transformer import build_vision_transformer
from utils.har.model import load_model
from utils.measurements.noise import NoiseMeasurements

TYPES: dict[Callable[[int], FloatGraph], str] = {
    build_mobilenet_v2: "conv dw avgpool dense",
    build_resnet50: "conv maxpool avgpool dense",
    build_vision_transformer: "conv format_conversion const_input ew_add layer_normalization "
    "normalization matmul softmax avgpool dense",
}


def ratios(found: NoiseMeasurements) -> dict[str, float]:
    return {name: layer.output.snr_db for name, layer in found.layers.items()}


@pytest.mark.slow
@pytest.mark.parametrize("build", TYPES)
def test_every_layer_is_measured(build: Callable[[int], FloatGraph], tmp_path: Path) -> None:
    net, images = build(64), smooth_images(4, 64)
    path = tmp_path / "model.har"
    write_archive(net, path, images.astype(np.float32), PIXEL_SCRIPT)
    model = load_model(str(path))
    found = full_pass(model, len(images))(images).noise
    assert isinstance(found, NoiseMeasurements)
    alone = noise_alone(model, len(images))(images)
    assert isinstance(alone.noise, NoiseMeasurements)
    assert ratios(alone.noise) == pytest.approx(ratios(found), abs=0.01)
    assert not any(layer.histogram for layer in alone.layers.values())
    assert found.not_measured == {}
    assert set(found.layers) == set(model.network.layers)
    assert set(TYPES[build].split()) <= {layer.type for layer in model.network}
    (output,) = model.network.output_layers
    assert 10 < found.layers[output.name].output.snr_db < 60
