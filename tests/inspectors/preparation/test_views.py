"""The order of values that neighbours tell."""

from __future__ import annotations

import numpy as np
import pytest

from inspectors.preparation.views import REVERSED, order_of_neighbours, views
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import sampled
from tests.inspectors.preparation.lines import Array, after
from utils.dataset.sample_digests import InputDigests

RANDOM = np.random.default_rng(4)
PICTURES = natural_images(32, 40, 48, seed=2)
# Feature maps: each channel is a picture with a scale of its own.
MAPS = np.stack(
    [natural_images(16, 16, 16, seed=50 + i)[..., 0] * RANDOM.uniform(0.1, 3) for i in range(16)],
    axis=-1,
).astype(np.float32)
GREY = np.repeat(PICTURES[..., :1], 3, axis=-1)


def reshaped(pictures: Array) -> Array:
    """As a script does that means to transpose."""
    return np.asarray(pictures.transpose(0, 3, 1, 2).reshape(pictures.shape))


def digests(array: Array) -> InputDigests:
    context = sampled(array)
    assert context.samples is not None
    return context.samples.inputs["net/input_layer1"]


def spectra(count: int) -> Array:
    """Hyperspectral pictures, whose channels are as alike as their pixels."""
    mixed = RANDOM.random((4, 32)).cumsum(axis=1)
    fields = np.stack([natural_images(count, 32, 32, seed=s)[..., 0] for s in range(4)], -1)
    return np.asarray(fields @ mixed)


@pytest.mark.parametrize(
    "right",
    [
        PICTURES,
        PICTURES / 255,
        GREY,
        MAPS,
        spectra(8),
        np.where(RANDOM.random((16, 40, 40, 3)) < 0.01, 1.0, 0.0),  # sparse
        RANDOM.integers(0, 256, (16, 40, 40, 3)),
        np.zeros((8, 40, 40, 3)),
        np.tile(np.linspace(0, 1, 48)[None, None, :, None], (8, 40, 1, 3)),
    ],
)
def test_right_orders(right: Array) -> None:
    assert order_of_neighbours(digests(right)) is None


@pytest.mark.parametrize(
    ("given", "right"),
    [
        (reshaped(PICTURES), PICTURES),
        (reshaped(PICTURES / 255), PICTURES / 255),
        (MAPS.transpose(0, 3, 1, 2), MAPS),
        (MAPS[:, :12].transpose(0, 1, 3, 2), MAPS[:, :12]),
    ],
)
def test_other_orders(given: Array, right: Array) -> None:
    found = order_of_neighbours(digests(given))
    assert found is not None
    assert found.correlation > found.as_is + 0.2
    assert np.array_equal(after(f"x = {found.expression}", given), right)


def test_few_samples_are_looked_at_so_closely() -> None:
    many = digests(natural_images(100, 40, 40))
    assert {len(each.correlation) for each in many.readings.values()} == {16}
    assert many.values.shape == (100 * 40, 3)
    assert digests(RANDOM.random((20, 1, 1, 8))).readings == {}


def test_views_have_the_statistics_of_the_array_that_their_line_makes() -> None:
    seen = digests(PICTURES[:16])
    found = {view.expression: view for view in views(seen)}
    assert list(found)[:2] == ["x", REVERSED]
    for expression, view in found.items():
        rows = after(f"x = {expression}", PICTURES[:16]).reshape(-1, 3).astype(np.float64)
        assert view.statistics.mean == pytest.approx(rows.mean(axis=0), rel=1e-5)
        assert view.statistics.std == pytest.approx(rows.std(axis=0), rel=1e-5)
        assert view.statistics.minimum == pytest.approx(rows.min(axis=0))
        assert view.statistics.maximum == pytest.approx(rows.max(axis=0))
