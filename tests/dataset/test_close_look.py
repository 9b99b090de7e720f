from __future__ import annotations

import numpy as np
import pytest

from utils.dataset.close_look import CloseLook, places_looked_at
from utils.har.network import Shape


@pytest.mark.parametrize(
    ("samples", "shapes", "count"),
    [
        (1000, [(64, 64, 3)], 16),
        (1000, [(1, 1, 80)], 16),
        (1000, [(640, 640, 3)], 4),
        (1000, [(64, 64, 3), (640, 640, 3)], 4),
        (5, [(64, 64, 3)], 5),
        (1, [(64, 64, 3)], 1),
    ],
)
def test_few_samples_are_spread_over_the_file(
    samples: int, shapes: list[Shape], count: int
) -> None:
    places = np.unique(places_looked_at(samples, shapes))
    assert len(places) == count
    assert (places[0], places[-1]) == (0, samples - 1)


def test_batches_make_no_difference() -> None:
    pictures = np.random.default_rng(0).random((6, 32, 40, 3))
    whole, parts = CloseLook((32, 40, 3)), CloseLook((32, 40, 3))
    whole.add(pictures)
    for picture in pictures:
        parts.add(picture[None])
    assert whole.readings().keys() == parts.readings().keys()
    for order, reading in whole.readings().items():
        other = parts.readings()[order]
        assert reading.correlation == pytest.approx(other.correlation)
        assert reading.statistics.std == pytest.approx(other.statistics.std)
        assert np.array_equal(reading.values, other.values)


@pytest.mark.parametrize("shape", [(32, 40, 3), (32, 32, 32), (32, 40, 40), (32, 40, 32)])
@pytest.mark.parametrize("kind", [np.float32, np.uint8])
def test_looking_leaves_the_samples_as_they_are(shape: Shape, kind: type[np.generic]) -> None:
    samples = np.random.default_rng(0).integers(0, 255, (3, *shape)).astype(kind)
    before = samples.copy()
    look = CloseLook(shape)
    look.add(samples)
    assert look.readings()
    np.testing.assert_array_equal(samples, before)
    # Each order holds the same values, so what is joined over all of them is the same, too.
    for reading in look.readings().values():
        assert reading.statistics.low == before.min()
        assert reading.statistics.high == before.max()
        energy = np.square(before, dtype=np.float64).mean()
        assert reading.statistics.energy.mean() == pytest.approx(energy, rel=1e-5)


def test_what_is_not_finite_counts_as_0() -> None:
    broken = np.random.default_rng(0).random((2, 32, 32, 3))
    broken[0, 3, 3] = np.nan
    broken[1, 4, 4] = np.inf
    look = CloseLook((32, 32, 3))
    look.add(broken)
    assert all(np.isfinite(each.statistics.std).all() for each in look.readings().values())


def test_one_channel_hides_no_order() -> None:
    look = CloseLook((32, 32, 1))
    look.add(np.zeros((2, 32, 32, 1)))
    assert look.readings() == {}
