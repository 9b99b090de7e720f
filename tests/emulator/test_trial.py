"""Trials against NumPy: what coding one layer's output does to the outputs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.builders import build_layer, build_network, build_parameters
from tests.emulator.networks import conv, images, weights
from utils.emulator.engine import FloatEmulator
from utils.emulator.trial import measured_snr
from utils.har.quantization import Encoding
from utils.range_trial import RangeChange, RangeTrial, narrowed

SHAPE = (1, 1, 4)
NETWORK = build_network(
    [
        build_layer("input_layer1", shape=SHAPE),
        conv("conv1", ["input_layer1"], SHAPE, 4, kernel=1),
        conv("conv2", ["conv1"], SHAPE, 4, kernel=1, activation="linear"),
        build_layer("output_layer1", inputs=["conv2"], shape=SHAPE),
    ]
)
ARRAYS = {
    "conv1/kernel": weights(1, 1, 4, 4, seed=3),
    "conv1/bias": np.full(4, 0.5, np.float32),
    "conv2/kernel": weights(1, 1, 4, 4, seed=4),
    "conv2/bias": np.zeros(4, np.float32),
}
SAMPLES = images(50, *SHAPE)
WIDE = Encoding(np.array([0.08, 0.08, 0.04, 0.04]), np.zeros(4), 0.0, 0.08 * 255)


def hidden() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Output of conv1, (samples, channels)."""
    kernel = ARRAYS["conv1/kernel"].reshape(4, 4).astype(np.float64)
    result: np.ndarray[tuple[int, int], np.dtype[np.float64]] = np.maximum(
        SAMPLES.reshape(50, 4) @ kernel + 0.5, 0
    )
    return result


def expected_snr(encoding: Encoding, highest: int = 255) -> float:
    plain = hidden()
    codes = np.clip(np.round(plain / encoding.scales + encoding.zero_points), 0, highest)
    coded = (codes - encoding.zero_points) * encoding.scales
    kernel = ARRAYS["conv2/kernel"].reshape(4, 4).astype(np.float64)
    error = (coded - plain) @ kernel
    return float(10 * np.log10(((plain @ kernel) ** 2).sum() / (error**2).sum()))


def trial(high: float, batch: int = 7) -> RangeTrial:
    emulator = FloatEmulator(NETWORK, build_parameters(ARRAYS, NETWORK))
    change = RangeChange(WIDE, narrowed(WIDE, 0.0, high, 255), 255)
    batches = ({"net/input_layer1": SAMPLES[i : i + batch]} for i in range(0, 50, batch))
    return RangeTrial(*measured_snr(emulator, batches, "net/conv1", change))


@pytest.mark.parametrize("batch", [1, 7, 50])
def test_the_numbers_are_those_of_numpy_whatever_the_batch(batch: int) -> None:
    found = trial(5.0, batch)
    assert found.before_db["net/output_layer1"] == pytest.approx(expected_snr(WIDE), abs=1e-3)
    assert found.after_db["net/output_layer1"] == pytest.approx(
        expected_snr(narrowed(WIDE, 0.0, 5.0, 255)), abs=1e-3
    )


def test_cutting_what_is_empty_is_accepted_and_cutting_values_is_not() -> None:
    # The last two channels have half the scale, and with it half the range.
    highest = float((hidden() * [1, 1, 2, 2]).max())
    assert trial(highest).accepted
    assert not trial(highest / 4).accepted
    assert not trial(WIDE.high).accepted  # nothing changes, nothing is gained


def test_narrowing_keeps_zero_on_a_code_and_the_ratio_of_the_channels() -> None:
    found = narrowed(WIDE, -1.0, 3.0, 255)
    assert found.scales[0] / found.scales[2] == pytest.approx(2.0)
    assert found.low <= -1.0
    assert found.high >= 3.0
    assert np.all(found.zero_points == np.round(found.zero_points))
