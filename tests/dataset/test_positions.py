"""Which pixels are looked at: spread over rows and columns, whatever the size."""

from __future__ import annotations

import numpy as np
import pytest

from utils.dataset.positions import spread_positions
from utils.dataset.sample_blocks import looked_at
from utils.dataset.sample_digester import VALUES_KEPT

PARTS = 8  # into which rows, columns and quarters are cut
FAIR = 0.7, 1.3  # of what each part would hold if all held the same


@pytest.mark.parametrize("samples", [1, 2, 16, 64, 100, 128, 250, 256, 500, 512, 1000, 1024])
@pytest.mark.parametrize(
    ("height", "width"),
    [(640, 640), (512, 512), (416, 416), (320, 320), (224, 224), (1080, 1920), (480, 640)],
)
def test_rows_and_columns_are_spread(height: int, width: int, samples: int) -> None:
    count = VALUES_KEPT // samples
    rows, columns = np.divmod(spread_positions(height, width, count, samples).ravel(), width)
    for found, size in ((rows, height), (columns, width)):
        held = np.bincount(found * PARTS // size, minlength=PARTS) * PARTS / len(found)
        assert (held > FAIR[0]).all(), held
        assert (held < FAIR[1]).all(), held
    cells = np.histogram2d(rows, columns, PARTS, [[0, height], [0, width]])[0] * PARTS**2
    assert cells.min() > 0.5 * len(rows)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 80), (8, 8), (40, 48)])
def test_small_planes_are_looked_at_whole(height: int, width: int) -> None:
    found = spread_positions(height, width, VALUES_KEPT, samples=2, first=3)
    assert found.tolist() == [list(range(height * width))] * 2


def test_a_single_row_is_spread() -> None:
    held = np.bincount(spread_positions(1, 1000, 100)[0] // 100, minlength=10)
    assert held.min() > 5
    assert held.max() < 15


def test_blocks_of_any_size_look_at_the_same() -> None:
    samples = np.random.default_rng(0).random((6, 16, 16, 3))
    whole = looked_at(samples, None, 20).values
    parts = [looked_at(each[None], None, 20, first).values for first, each in enumerate(samples)]
    assert np.array_equal(whole, np.concatenate(parts))
    assert whole.shape == (120, 3)


@pytest.mark.parametrize("size", [640, 512, 416, 320, 224])
def test_bars_at_the_sides_do_not_hide_the_picture(size: int) -> None:
    pictures = np.full((4, size, size, 1), 114.0)
    pictures[:, :, size // 4 : -size // 4] = 7.0
    found = [looked_at(pictures, None, 16, first).values for first in range(0, 256, 4)]
    assert np.mean(np.concatenate(found) == 7.0) == pytest.approx(0.5, abs=0.02)
