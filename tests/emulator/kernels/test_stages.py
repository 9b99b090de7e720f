"""Real values that become codes in a loop, against TensorFlow; sums are in test_output_stage."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.emulator.networks import images
from utils.emulator.kernels import compiled
from utils.emulator.kernels.stages import real_values
from utils.emulator.quantized.coded import Coded, by_channel
from utils.emulator.quantized.staged import coded_values
from utils.har.quantization import Encoding

pytestmark = pytest.mark.skipif(compiled.numba is None, reason="numba is not installed")


@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("shape", [(3, 5, 7, 1), (2, 9, 4, 3), (4, 16, 16, 24)])
def test_codes_and_counts(
    shape: tuple[int, int, int, int], per_channel: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = shape[3] if per_channel else 1
    scales = np.linspace(0.003, 0.01, count)
    encoding = Encoding(scales, np.arange(count, dtype=float) % 3, 0.0, 0.0)
    values = images(*shape) * 4 - 1
    values[0, 0, :, 0] = [np.nan, np.inf, -np.inf, 0.0, *([254.5 * scales[0]] * (shape[2] - 4))]
    values[1, 1, 0, 0] = -0.5 * scales[0]
    tensor = tf.constant(values)
    by_loop = coded_values(tensor, encoding, 255)
    monkeypatch.setattr(compiled, "numba", None)
    expected = coded_values(tensor, encoding, 255)
    np.testing.assert_array_equal(by_loop.codes.numpy(), expected.codes.numpy())
    assert by_loop.codes.dtype == expected.codes.dtype == tf.uint8
    found, wanted = by_loop.limits()["clipped"], expected.limits()["clipped"]
    assert found.tolist() == wanted.tolist()
    assert wanted[0] > 0


@pytest.mark.parametrize("count", [1, 6])
def test_codes_stand_for_the_same_numbers(count: int) -> None:
    codes = np.random.default_rng(1).integers(0, 256, (2, 5, 4, 6), dtype=np.uint8)
    encoding = Encoding(
        np.linspace(0.003, 0.3, count), 7.0 * np.arange(count, dtype=float), 0.0, 0.0
    )
    found = np.empty((40, 6), np.float32)
    real_values(codes.reshape(-1, 6), *by_channel(encoding, 6), found)
    expected = Coded(tf.constant(codes), encoding).values.numpy()
    np.testing.assert_array_equal(found, expected.reshape(-1, 6))
