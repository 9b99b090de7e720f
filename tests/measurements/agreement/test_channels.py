from __future__ import annotations

import numpy as np
import pytest

from utils.har.statistics import ChannelStatistics
from utils.measurements.agreement.channels import (
    ChannelCodes,
    Extremes,
    channel_snr_db,
    worst_channel,
)
from utils.measurements.noise import TensorNoise


def test_the_snr_of_a_channel_is_about_its_mean() -> None:
    random = np.random.default_rng(1)
    x = random.standard_normal((500, 3)) * [9, 0.1, 0] + [1013, 0.6, 4]
    error = random.standard_normal((500, 3))
    statistics = ChannelStatistics(
        x.min(axis=0), x.max(axis=0), x.mean(axis=0), np.square(x).mean(axis=0), 500
    )
    energies = np.square(error).sum(axis=0)
    noise = TensorNoise(1.0, energies.sum(), error.sum(axis=0), 500, energies)
    found = channel_snr_db(statistics, noise)
    assert found is not None
    exact = 10 * np.log10(x.var(axis=0)[:2] / np.square(error).mean(axis=0)[:2])
    np.testing.assert_allclose(found[:2], exact, atol=1e-6)
    assert np.isnan(found[2])
    assert worst_channel(found) == 1
    unknown = TensorNoise(1.0, 1.0, error.sum(axis=0), 500)
    assert channel_snr_db(statistics, unknown) is None


def test_no_channel_is_worst_where_all_are_constant() -> None:
    assert worst_channel(np.array([np.nan, np.nan])) is None
    assert worst_channel(np.array([np.nan, np.inf])) == 1


def test_codes_are_counted_over_all_batches() -> None:
    codes = np.array([[0, 7, 200], [0, 9, 201], [0, 7, 255]], np.uint8)
    floats = Extremes(np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 3.0]))
    found = ChannelCodes.of(floats, codes[:1]).merged(ChannelCodes.of(floats, codes[1:]))
    assert found.used.tolist() == [1, 2, 3]
    assert (found.chip.low.tolist(), found.chip.high.tolist()) == ([0, 7, 200], [0, 9, 255])
    assert found.silenced.tolist() == [True, False, False]


def test_of_more_than_256_codes_the_ends_are_known() -> None:
    codes = np.array([[5, 9], [1000, 9]], np.float32)
    floats = Extremes(np.zeros(2), np.ones(2))
    found = ChannelCodes.of(floats, codes)
    assert found.seen is None
    assert found.used.tolist() == [996, 1]
    assert found.silenced.tolist() == [False, True]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(1.0, 1.0, False), (1.0, 1.0 + 1e-7, False), (1.0, 1.001, True), (0.0, 1e-30, True)],
)
def test_what_rounding_moves_is_constant(low: float, high: float, expected: bool) -> None:
    assert Extremes(np.array([low]), np.array([high])).differ.tolist() == [expected]
