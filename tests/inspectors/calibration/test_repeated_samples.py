from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.calibration import CalibrationInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import sampled
from tests.house.evidence import loud, quiet
from utils.findings import Finding

Array = NDArray[Any]
PICTURES = natural_images(200, 40, 40)
ROWS = np.random.default_rng(4).normal(0, 1, (200, 1, 1, 12)).astype(np.float32)


def found(context: Context) -> list[Finding]:
    every = CalibrationInspector().inspect(context)
    return [f for f in every if f.id == "calibration-duplicates"]


def severities(*arrays: Array) -> list[str]:
    return [f.severity.label for f in found(sampled(*arrays))]


def filled_up(array: Array, copies: int, number: int = 200) -> Array:
    """So many samples, of which the last ones are copies of the first ones."""
    kept = array[: number - copies]
    return np.concatenate([kept, np.resize(kept, (copies, *array.shape[1:]))])


def varied(share: float, noise: float = 3.0) -> Array:
    """100 pictures, of which so many are an earlier one with a little noise."""
    count = round(100 * share)
    pictures = PICTURES[:100].astype(np.float64)
    pictures[100 - count :] = pictures[:1]
    pictures += np.random.default_rng(5).normal(0, noise, pictures.shape)
    return np.asarray(np.clip(pictures, 0, 255).round(), dtype=np.uint8)


@quiet("calibration-duplicates")
@loud("calibration-duplicates")
@pytest.mark.parametrize(
    ("copies", "number", "severity"),
    [
        (0, 200, ""),
        (2, 200, ""),  # 1 %
        (3, 200, "warning"),
        (20, 200, "warning"),  # 10 %
        (136, 200, "warning"),  # 64 different ones remain
        (137, 200, "error"),
        (1, 20, ""),  # 5 %, but one pair is an accident
        (2, 20, ""),
        (3, 20, "error"),
        (3, 4, "error"),
    ],
)
def test_copies_of_pictures(copies: int, number: int, severity: str) -> None:
    array = filled_up(PICTURES, copies, number) if number > 4 else PICTURES[[0, 0, 0, 0]]
    assert severities(array) == ([severity] if severity else [])


@quiet("calibration-duplicates")
@pytest.mark.parametrize(("copies", "severity"), [(0, ""), (20, ""), (21, "info"), (190, "info")])
@pytest.mark.parametrize("kind", ["rows", "maps"])
def test_rows_of_a_table_and_sparse_maps_may_repeat(copies: int, severity: str, kind: str) -> None:
    maps = np.where(np.arange(40)[:, None, None] < 4, PICTURES, 0)
    array = ROWS if kind == "rows" else maps
    repeated = np.concatenate(
        [array[: 200 - copies], np.resize(array[:10], (copies, *array.shape[1:]))]
    )
    assert severities(repeated) == ([severity] if severity else [])


def test_a_sample_is_a_copy_only_if_it_is_one_at_every_input() -> None:
    assert severities(filled_up(PICTURES, 90), ROWS) == []
    assert severities(filled_up(PICTURES, 90), filled_up(ROWS, 90)) == ["warning"]
    # A mask that is the same everywhere tells nothing of the pictures.
    assert severities(filled_up(PICTURES, 90), np.ones((200, 1, 1, 8))) == ["warning"]


def test_blank_frames_are_not_told_twice() -> None:
    blank = PICTURES.copy()
    blank[:60] = 0
    assert severities(blank) == []


def test_which_are_copies_of_which() -> None:
    (finding,) = found(sampled(filled_up(PICTURES, 30)))
    assert "30 of 200 samples (15%) are byte-identical" in finding.evidence
    assert "170 are different" in finding.evidence
    assert finding.evidence.endswith(
        ": sample 170 repeats 0, 171 repeats 1, 172 repeats 2 and 27 more"
    )
    assert finding.measured == {"copies": 30.0, "share": 0.15}


@quiet("calibration-duplicates")
@loud("calibration-duplicates")
@pytest.mark.parametrize(
    ("array", "severity"),
    [
        (varied(0.0), ""),
        (varied(0.45), ""),
        (varied(0.6), "info"),
        (varied(0.6)[:, :, :, :1], "info"),
        (varied(0.6, noise=120), ""),
        (np.where(np.arange(40)[:, None, None] < 4, varied(0.6), 0), ""),  # mostly 0
        (varied(1.0)[:15], ""),  # too few to judge
    ],
)
def test_pictures_that_look_alike(array: Array, severity: str) -> None:
    assert severities(array) == ([severity] if severity else [])


def test_copies_are_not_told_as_look_alikes_too() -> None:
    copies = np.concatenate([PICTURES[:50], np.repeat(PICTURES[:1], 150, axis=0)])
    assert severities(copies) == ["error"]
