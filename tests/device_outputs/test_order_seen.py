"""Frames that hardly change: late results are told, and so is it where nothing shows the order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.device_outputs.conftest import Chips
from tests.device_outputs.networks import Arrays, Chip, pictures, saved, words
from utils.stages import Step

COUNT = 16


def slow(chip: Chip, change: float) -> Chip:
    """The chip with samples that go from one picture to another, by so many levels a frame."""
    ((name, values),) = chip.samples.items()
    first, last = pictures(values.shape[1], values.shape[2], 5, 2).astype(np.float32)
    way = (last - first) / np.abs(last - first).mean() * change
    found = first + np.arange(COUNT).reshape(-1, 1, 1, 1) * way
    return chip.with_samples({name: np.clip(np.rint(found), 0, 255).astype(np.uint8)})


def noisy(chip: Chip) -> Arrays:
    """Its outputs, of which every fiftieth code is off by one."""
    random, found = np.random.default_rng(2), {}
    for name, values in chip.values().items():
        encoding = chip.model.encoding(name)
        assert encoding
        off = random.choice([-1, 1], values.shape) * (random.random(values.shape) < 0.02)
        found[name] = (values + encoding.scales * off).astype(np.float32)
    return found


def late(values: Arrays, frames: int) -> Arrays:
    """The first frame stands until its successors come."""
    return {n: np.concatenate([v[:1].repeat(frames, 0), v[:-frames]]) for n, v in values.items()}


@pytest.mark.parametrize("change", [0.5, 2.0, 8.0])
def test_frames_of_a_slow_video_lie_in_their_places(
    chips: Chips, tmp_path: Path, change: float
) -> None:
    chip = slow(chips("line"), change)
    step = chip.said(tmp_path, noisy(chip))
    assert step.is_equal and not step.reasons


@pytest.mark.parametrize("change", [0.5, 2.0])
@pytest.mark.parametrize("frames", [1, 3])
def test_frames_of_a_slow_video_that_are_late_are_near_and_told(
    chips: Chips, tmp_path: Path, change: float, frames: int
) -> None:
    chip = slow(chips("line"), change)
    step = chip.said(tmp_path, late(noisy(chip), frames))
    assert words(step) == ["late"] and not step.is_equal and step.parts_at == chip.outputs[0]
    assert all(match.snr_db > 15 for match in step.outputs)
    said = f"{frames} frame{'s' if frames > 1 else ''} late, compared at {COUNT - frames} frames"
    assert step.reasons[0].evidence == said


def test_samples_that_are_equal_show_no_order(chips: Chips, tmp_path: Path) -> None:
    chip = slow(chips("line"), 0.0)
    step = chip.said(tmp_path, late(noisy(chip), 1))
    assert words(step) == ["order-unseen"] and step.is_equal


def test_too_few_frames_say_nothing(chips: Chips, tmp_path: Path) -> None:
    chip = slow(chips("line"), 0.0)
    few = chip.with_samples({name: values[:4] for name, values in chip.samples.items()})
    assert not few.said(tmp_path, noisy(few)).reasons


@pytest.mark.parametrize("change", [2.0, 8.0, 30.0])
def test_a_ring_of_frames_is_late_and_in_no_order_of_its_own(
    chips: Chips, tmp_path: Path, change: float
) -> None:
    chip = slow(chips("line"), change)
    moved = {name: np.roll(values, 1, axis=0) for name, values in noisy(chip).items()}
    assert words(chip.said(tmp_path, moved)) == ["late"]


PLACES = (1, 4, 6, 9, 11, 13)


def of_some(chip: Chip, tmp_path: Path, outputs: Arrays, places: Sequence[int] = PLACES) -> Step:
    some = chip.with_samples({name: v[list(places)] for name, v in chip.samples.items()})
    path = saved(tmp_path / "all.npz", outputs)
    return some.step(path, positions=tuple(places), samples_in_data=COUNT)


def test_of_some_samples_the_frames_beside_them_in_the_dump_tell(
    chips: Chips, tmp_path: Path
) -> None:
    chip = slow(chips("line"), 0.5)
    assert not of_some(chip, tmp_path, noisy(chip)).reasons
    step = of_some(chip, tmp_path, late(noisy(chip), 1))
    assert words(step) == ["late"] and step.reasons[0].evidence.startswith("1 frame late")
