"""Outputs that a host averaged over frames before it kept them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.device_outputs.conftest import Chips
from tests.device_outputs.networks import words
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials import smoothed

Array = NDArray[np.float64]
RANDOM = np.random.default_rng(11)
FRAMES = RANDOM.normal(size=(16, 1, 1, 6)).astype(np.float32).astype(np.float64)
EXPECTED = Expected("net/out", (), (), FRAMES.astype(np.float32), np.full(6, 0.05), np.zeros(6))


def kept(frames: Array, share: float) -> Array:
    """Every frame keeps a share of the one before it."""
    values = frames.astype(np.float64)
    for place in range(1, len(values)):
        values[place] = share * values[place - 1] + (1 - share) * values[place]
    return values


def moving(frames: Array, length: int) -> Array:
    """Every frame is the mean of so many, as long as there are as many."""
    means = [frames[max(0, i + 1 - length) : i + 1].mean(axis=0) for i in range(len(frames))]
    return np.stack(means).astype(np.float64)


@pytest.mark.parametrize("change", [lambda v: kept(v, 0.6), lambda v: moving(v, 3)])
def test_averages_over_frames_are_found(chips: Chips, tmp_path: Path, change: object) -> None:
    assert callable(change)
    chip = chips("line")
    averaged = {name: change(v).astype(np.float32) for name, v in chip.values().items()}
    step = chip.said(tmp_path, averaged)
    assert not step.is_equal and words(step) == ["smoothed"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (kept(FRAMES, 0.6), "every frame keeps 0.60 of the one before it"),
        (moving(FRAMES, 5), "every frame is the mean of 5 in a row"),
        (FRAMES, ""),
        (kept(FRAMES, 0.01), ""),
        (np.roll(FRAMES, 1, axis=0), ""),
        (0.5 * FRAMES + 1, ""),
        (RANDOM.normal(size=FRAMES.shape), ""),
        (np.repeat(FRAMES[:1], 16, axis=0), ""),
        (np.zeros(FRAMES.shape), ""),
    ],
)
def test_what_is_no_average_is_none(given: Array, said: str) -> None:
    found = smoothed.undone(EXPECTED, given)
    assert (found.evidence if found else "") == said


def test_few_frames_or_values_tell_nothing() -> None:
    short = Expected(
        "net/out", (), (), FRAMES[:7].astype(np.float32), np.full(6, 0.05), np.zeros(6)
    )
    assert smoothed.undone(short, kept(FRAMES[:7], 0.6)) is None
    narrow = Expected(
        "net/out", (), (), FRAMES[..., :3].astype(np.float32), np.full(3, 0.05), np.zeros(3)
    )
    assert smoothed.undone(narrow, kept(FRAMES[..., :3], 0.6)) is None
