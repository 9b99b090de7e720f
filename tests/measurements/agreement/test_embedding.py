from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.measurements.agreement.outputs import coded, joined, values
from utils.measurements.agreement.embedding import KEPT_SAMPLES, Embedding
from utils.measurements.agreement.readings import readings


def test_neighbours_and_cosines_are_those_of_a_loop() -> None:
    floats = (values(40, 1, 96) + 5).astype(np.float32)
    codes = coded(floats - 5, 0.9)  # coarse, yet no two neighbours lie equally near on the chip
    found = joined(floats, codes, [range(40)], "embedding")
    chip = (codes[:, 0].astype(np.float32) - 128) * np.float32(0.05)
    x, y = floats[:, 0].astype(np.float64), chip.astype(np.float64)

    def nearest(vectors: NDArray[np.float64], i: int) -> int:
        return min(
            (j for j in range(40) if j != i), key=lambda j: ((vectors[i] - vectors[j]) ** 2).sum()
        )

    def distance(i: int, j: int) -> float:
        return float(np.linalg.norm(x[i] - x[j]))

    same = [distance(i, nearest(y, i)) <= 1.05 * distance(i, nearest(x, i)) for i in range(40)]
    mean = x.mean(axis=0)
    cosines = [
        (a - mean) @ (b - mean) / np.linalg.norm(a - mean) / np.linalg.norm(b - mean)
        for a, b in zip(x, y, strict=True)
    ]
    measures = readings(found)["embedding"]
    assert measures["same_neighbour"].value == pytest.approx(np.mean(same))
    assert 0 < measures["same_neighbour"].value < 1
    assert measures["cosine"].value == pytest.approx(np.mean(cosines), abs=1e-5)
    assert measures["cosine"].low <= measures["cosine"].value <= measures["cosine"].high


@pytest.mark.parametrize(("farther", "kept"), [(1.04, 5), (1.2, 4)])
def test_another_neighbour_that_is_as_near_is_found_as_rightly(farther: float, kept: int) -> None:
    floats = np.array([[0, 0], [1, 0], [0, farther], [50, 50], [50, 51]], np.float32)
    chip = floats.copy()
    chip[1, 0], chip[2, 1] = farther, 1  # of the first, another one is the nearest
    found = Embedding.of(np.arange(5), floats, chip, np.full(2, 1e-4, np.float32)).same_neighbour()
    assert found.same.sum() == kept
    assert not found.undecided.any()


def test_only_the_first_samples_are_kept_whatever_the_batches() -> None:
    floats = values(300, 1, 8)
    codes = coded(floats)
    parts = [range(200, 300), range(90), range(90, 200)]
    found = joined(floats, codes, parts, "embedding").embedding
    assert found is not None
    assert found.positions.tolist() == list(range(KEPT_SAMPLES))
    np.testing.assert_array_equal(found.floats, floats[:KEPT_SAMPLES, 0])


def test_a_single_vector_has_no_neighbour() -> None:
    one = np.ones((1, 8), np.float32)
    alone = Embedding.of(np.zeros(1, np.int64), one, one, np.ones(8, np.float32))
    assert np.isnan(alone.same_neighbour().share)
    assert np.isnan(alone.cosines).all()
