"""Peaks of maps that stay where they are: quiet first and loud after."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.measurements.agreement.outputs import agreeing, batch_of, coded
from utils.measurements.agreement.heatmaps import kept_peaks
from utils.measurements.agreement.limits import worst_measure
from utils.measurements.agreement.readings import agreement

Floats = NDArray[np.float32]
WIDTH, HEIGHT = 8, 6
STEP = np.full(1, 0.01, np.float32)


def map_of(*places: tuple[int, int], high: float = 1.0, second: float = 0.0) -> Floats:
    """Maps (samples, pixels, 1), each with a peak, and one of another height at its far corner."""
    maps = np.zeros((len(places), HEIGHT, WIDTH, 1), np.float32)
    for index, (row, column) in enumerate(places):
        maps[index, -1, -1] = second
        maps[index, row, column] = high
    return maps.reshape(len(places), HEIGHT * WIDTH, 1)


@pytest.mark.parametrize(
    ("floats", "chip", "expected"),
    [
        (map_of((2, 3)), map_of((2, 3)), (1, 1)),
        (map_of((2, 3)), map_of((3, 4)), (1, 1)),  # a neighbour
        (map_of((2, 3)), map_of((2, 5)), (0, 1)),
        (map_of((2, 7)), map_of((3, 0)), (0, 1)),  # next in memory, and at the other end of a row
        (map_of((0, 0), second=0.95), map_of((5, 7)), (1, 1)),  # as high in float
        (map_of((0, 0), second=0.8), map_of((5, 7)), (0, 1)),
        (map_of((2, 3), high=0.1), map_of((5, 0)), (0, 0)),  # 10 codes are no peak
        (map_of((2, 3), (1, 1)), map_of((2, 3), (5, 5)), (1, 2)),
    ],
)
def test_peaks_that_stay(floats: Floats, chip: Floats, expected: tuple[int, int]) -> None:
    found = kept_peaks(floats, chip, STEP, WIDTH)
    assert (int(found.same.sum()), int(found.of.sum())) == expected


@pytest.mark.parametrize(("moved", "severity"), [(0, None), (10, "warning"), (30, "error")])
def test_a_heatmap_is_judged_by_its_peaks_alone(moved: int, severity: str | None) -> None:
    """Noise that would spoil numbers moves no peak; what moves them is lost."""
    random = np.random.default_rng(4)
    places = [(int(r), int(c)) for r, c in random.integers(0, HEIGHT, (100, 2))]
    floats = map_of(*places)
    noisy = floats + random.normal(0, 0.1, floats.shape).astype(np.float32)
    noisy[:moved] = noisy[:moved, ::-1]
    measures = agreement(agreeing(batch_of(floats, coded(noisy), range(100)), "heatmap"))
    assert measures.keys() == {"same_peak"}
    assert measures["same_peak"].of == 100
    worst = worst_measure(measures)
    assert (worst and worst[0].label) == severity
