"""The other procedure runs, and its ratio is defined as ours is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnxruntime.quantization.qdq_loss_debug import compute_signal_to_quantization_noice_ratio

from benchmarks.images import smooth_images
from benchmarks.qdq_loss import losses, write_models
from benchmarks.resnet import build_resnet18
from utils.measurements.noise import decibels


def test_both_pool_signal_and_noise_over_all_values() -> None:
    random = np.random.default_rng(0)
    # Samples of very different size: a mean of ratios would be another number.
    batches = [10.0**power * random.standard_normal((1, 50)) for power in range(3)]
    noisy = [batch + 0.1 * random.standard_normal(batch.shape) for batch in batches]
    signal, noise = np.concatenate(batches), np.concatenate(noisy) - np.concatenate(batches)
    theirs = compute_signal_to_quantization_noice_ratio(batches, noisy)
    assert theirs == pytest.approx(decibels((signal**2).sum(), (noise**2).sum()))


@pytest.mark.slow
def test_every_layer_of_the_network_is_among_the_activations(tmp_path: Path) -> None:
    net = build_resnet18(32)
    columns = smooth_images(2, 32).transpose(0, 3, 1, 2)
    write_models(net, columns, tmp_path)
    found = losses(net.input_name, columns, tmp_path)
    convolutions = {layer.name for layer in net.layers.values() if layer.type == "conv"}
    assert convolutions <= {name.removesuffix("/convolved") for name in found}
    del found[net.input_name]  # whole numbers up to 255 lose nothing
    assert [each for each in found.values() if not 5 < each["xmodel_err"] < 70] == []
