"""The deep network has the layers that were asked for, and noise of very different size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import deep_network
from benchmarks.archive import random_images, write_archive
from benchmarks.deep_network import build_deep_network
from benchmarks.float_graph import FloatGraph
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring.local_errors import LocalErrors, noise_sources
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.model import load_model
from utils.quantizer.integers import coded_layers


def outputs(net: FloatGraph) -> np.ndarray:
    images = {net.input_name: random_images(net, 4, seed=3)}
    return FloatEmulator(net.network(), net).run(images)["deep/output_layer1"]


@pytest.mark.parametrize("layers", [14, 30, 31, 60, 120])
def test_as_many_layers_have_weights_as_were_asked_for(layers: int) -> None:
    net = build_deep_network(layers)
    assert len(net.arrays) == layers
    assert {layer.type for layer in net.layers.values()} == set(
        "input_layer conv ew_add maxpool concat avgpool dense output_layer".split()
    )


def test_too_few_layers_are_refused() -> None:
    with pytest.raises(ValueError, match="13 layers with weights are too few"):
        build_deep_network(13)


def test_scaling_channels_apart_leaves_the_float_network_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spread = build_deep_network(30)
    monkeypatch.setattr(deep_network, "WIDEST_SPREAD", 0.0)
    even = build_deep_network(30)
    kernels = [net.arrays["deep/conv3"]["kernel"] for net in (spread, even)]
    assert np.abs(kernels[0] / kernels[1] - 1).max() > 1
    np.testing.assert_allclose(outputs(spread), outputs(even), rtol=1e-3, atol=1e-3)


@pytest.mark.slow
def test_layers_differ_by_more_than_20_db(tmp_path: Path) -> None:
    net = build_deep_network(30)
    path = tmp_path / "deep.har"
    images = random_images(net, 8, seed=2)
    write_archive(net, path, images)
    model = load_model(str(path))
    floats = FloatEmulator(model.float_network, model.float_parameters)
    quantized = QuantizedEmulator(floats, model.network, coded_layers(model))
    errors = LocalErrors(quantized)
    inputs = floats.tensors({net.input_name: images})
    names = [layer.name for layer in noise_sources(floats, quantized)]
    errors.add(names, floats.forward(inputs), inputs)
    local = [noise.snr_db for noise in errors.noise.values()]
    assert len(local) > 30
    assert max(local) - min(local) > 20
    assert np.subtract(*np.quantile(local, [0.9, 0.1])) > 10
