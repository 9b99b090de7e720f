"""Some of many samples are run, and their results are looked for in the whole dump."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.device_outputs.conftest import Chips
from tests.device_outputs.networks import Arrays, Chip, pictures, saved, words
from utils.stages import Step

PLACES = (1, 6, 9, 14, 18, 20)
COUNT = 24


@pytest.fixture
def many(chips: Chips) -> Chip:
    """A chip with more samples than are run."""
    line = chips("line")
    ((name, values),) = line.samples.items()
    return line.with_samples({name: pictures(values.shape[1], values.shape[2], 9, COUNT)})


def said(many: Chip, tmp_path: Path, outputs: Arrays) -> Step:
    some = many.with_samples({name: v[list(PLACES)] for name, v in many.samples.items()})
    path = saved(tmp_path / "all.npz", outputs)
    return some.step(path, positions=PLACES, samples_in_data=COUNT)


@pytest.mark.parametrize("late", [2, -1])
def test_results_that_are_late_lie_beside_samples_that_were_not_run(
    many: Chip, tmp_path: Path, late: int
) -> None:
    assert said(many, tmp_path, many.values()).is_equal
    moved = {name: np.roll(values, late, axis=0) for name, values in many.values().items()}
    step = said(many, tmp_path, moved)
    way = "2 frames late" if late > 0 else "1 frame early"
    assert words(step) == ["late"] and step.reasons[0].evidence.startswith(way)
    assert not step.is_equal


def test_frames_sorted_as_text(many: Chip, tmp_path: Path) -> None:
    order = sorted(range(COUNT), key=str)
    step = said(many, tmp_path, {name: v[order] for name, v in many.values().items()})
    assert words(step) == ["reordered"]
    assert "as text sorts numbers from 0 on" in step.reasons[0].evidence


def test_results_of_other_samples_are_nowhere(many: Chip, tmp_path: Path) -> None:
    ((name, values),) = many.samples.items()
    other = pictures(values.shape[1], values.shape[2], 77, COUNT)
    assert words(said(many, tmp_path, many.values({name: other}))) == ["own-scales"]


def test_frames_that_differ_are_numbered_as_in_the_dump(many: Chip, tmp_path: Path) -> None:
    ((name, values),) = many.samples.items()
    other = many.values({name: pictures(values.shape[1], values.shape[2], 77, COUNT)})
    half = {name: np.concatenate([v[:16], other[name][16:]]) for name, v in many.values().items()}
    step = said(many, tmp_path, half)
    assert words(step) == ["some-frames-equal"] and "frames 18 and 20" in step.reasons[0].evidence
