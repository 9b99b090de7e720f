from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.measurements.agreement.outputs import agreeing, batch_of, coded, values
from utils.measurements.agreement.readings import readings
from utils.measurements.agreement.regression import PLACES, Regression

Floats = NDArray[np.floating]


def exact_beyond(x: Floats, y: Floats, share: float) -> Floats:
    low, high = np.quantile(x, [0.25, 0.75], axis=0)
    return np.asarray((np.abs(y - x) > share * (high - low) / 1.35).mean(axis=0))


def test_shares_and_correlation_are_those_of_numpy() -> None:
    random = np.random.default_rng(2)
    x = (values(400, 1, 4) * [9, 6, 0.1, 900] + [1013, 12, 0.6, 101325]).astype(np.float32)
    y = (x + random.standard_normal(x.shape) * [1, 2, 0.01, 90]).astype(np.float32)
    found = Regression.of(x, y)
    for share in (0.1, 0.3):
        np.testing.assert_allclose(
            found.beyond(share), exact_beyond(x[:, 0], y[:, 0], share), atol=0.03
        )
    np.testing.assert_allclose(found.spread, [9, 6, 0.1, 900], rtol=0.15)
    exact = [np.corrcoef(x[:, 0, c], y[:, 0, c])[0, 1] for c in range(4)]
    np.testing.assert_allclose(found.correlation, exact, atol=1e-6)


def test_a_constant_on_the_chip_has_no_correlation_and_one_in_float_no_share() -> None:
    x = values(50, 1, 2)
    y = x.copy()
    y[:, :, 0] = 3.0
    x[:, :, 1] = 7.0
    found = Regression.of(x, y)
    assert found.correlation[0] == 0.0
    assert found.beyond(0.3)[0] > 0.9
    assert np.isnan([found.correlation[1], found.beyond(0.3)[1]]).all()


def test_where_most_values_are_alike_the_plain_deviation_counts() -> None:
    x = np.zeros((1000, 1, 1), np.float32)
    x[:100, 0, 0] = np.linspace(1, 2, 100)
    assert Regression.of(x, x).spread[0] == pytest.approx(x.std(), rel=1e-6)


def test_one_far_value_does_not_widen_the_spread() -> None:
    x = values(300, 1, 1)
    wild = x.copy()
    wild[0] = 80
    assert Regression.of(wild, wild).spread[0] == pytest.approx(
        Regression.of(x, x).spread[0], rel=0.05
    )


def test_parts_are_joined_in_any_order() -> None:
    x = (values(60, 5, 3) * 3 + 500).astype(np.float32)
    y = (x + values(60, 5, 3, seed=9) / 5).astype(np.float32)
    whole = Regression.of(x, y)
    parts = [Regression.of(x[i::4], y[i::4]) for i in (2, 0, 3, 1)]
    found = reduce(Regression.merged, parts)
    assert found.count == whole.count == 300
    np.testing.assert_array_equal(found.values.counts, whole.values.counts)
    np.testing.assert_array_equal(found.errors.counts, whole.errors.counts)
    np.testing.assert_allclose(found.correlation, whole.correlation, rtol=1e-9)


def test_of_large_maps_some_places_are_looked_at() -> None:
    x = values(2, 3 * PLACES, 1)
    assert Regression.of(x, x).count == 2 * PLACES
    assert Regression.of(x[:, :PLACES], x[:, :PLACES]).count == 2 * PLACES


def test_the_worst_channel_is_named_with_an_interval_by_samples() -> None:
    floats = values(64, 1, 3)
    floats[:, :, 1] *= 0.05  # a code of 0.05 is as wide as the channel
    found = readings(agreeing(batch_of(floats, coded(floats), range(64))))["regression"]
    assert found["beyond_0.1"].channel == found["correlation"].channel == 1
    assert found["beyond_0.3"].low < found["beyond_0.3"].value < found["beyond_0.3"].high
    r = found["correlation"].value
    reach = 1.959964 / np.sqrt(64 - 3)
    assert found["correlation"].low == pytest.approx(np.tanh(np.arctanh(r) - reach))
