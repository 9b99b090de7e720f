"""How far samples reach, against numpy, with one scale for all channels and with one for each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tests.emulator.measuring.decisions import loud_samples
from tests.emulator.measuring.test_agreement_pass import batches_of
from utils.emulator.measuring.batch_statistics import reduced_statistics
from utils.emulator.measuring.engine_pass import engine_pass
from utils.emulator.measuring.peaks_pass import reduced_peaks
from utils.har.quantization import Encoding
from utils.measurements import Need

LOUD = [9, 37]


@pytest.mark.parametrize("scales", [np.full(3, 0.5), np.array([0.5, 0.1, 2.0])])
def test_codes_are_counted_in_the_scale_of_each_channel(scales: np.ndarray) -> None:
    values = np.random.default_rng(2).normal(0, 1, (12, 4, 5, 3)).astype(np.float32)
    places = np.arange(100, 112)
    encoding = Encoding(scales, np.zeros(3), -1.0, 1.0)
    found = reduced_peaks(reduced_statistics(tf.constant(values)), encoding, places)
    highest = (values / scales).max(axis=(1, 2, 3))
    order = np.argsort(-highest)[:9]
    assert found.highest.places.tolist() == places[order].tolist()
    assert found.highest.codes == pytest.approx(highest[order], rel=1e-6)
    assert found.lowest.codes[0] == pytest.approx((values / scales).min(), rel=1e-6)


@pytest.mark.parametrize("size", [7, 64])
def test_a_data_pass_names_samples_by_their_place_in_the_file(tmp_path: Path, size: int) -> None:
    pair, batch = loud_samples(tmp_path, has_any=True)
    indices = 3 * np.arange(64)
    data_pass = engine_pass(pair.floats, Need.NOISE, {}, pair.quantized, indices=indices)
    found = data_pass.run(batches_of(batch, size))
    for name in ("net/input_layer1", "net/fc1"):
        peaks = found.layers[name].peaks
        assert peaks is not None
        loudest = {int(peaks.lowest.places[0]), int(peaks.highest.places[0])}
        assert loudest <= {3 * place for place in LOUD}
    assert found.layers["net/output_layer1"].peaks is None  # it hands on what fc1 made


def test_without_integers_there_is_nothing_to_count(tmp_path: Path) -> None:
    pair, batch = loud_samples(tmp_path, has_any=False)
    found = engine_pass(pair.floats, Need.OUTPUT_STATISTICS, {}).run(batches_of(batch, 16))
    assert all(layer.peaks is None for layer in found.layers.values())
