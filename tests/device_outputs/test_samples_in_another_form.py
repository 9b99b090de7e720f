"""Pictures in BGR that were resized as well, and those whose change no trial knows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.device_outputs.conftest import Chips
from tests.device_outputs.networks import chip, words
from tests.device_outputs.test_input_faults import resized, stretched_and_boxed
from tests.fixtures.natural_images import natural_images

NETWORKS = pytest.mark.parametrize(
    "network", [pytest.param("fork", marks=pytest.mark.slow), "line"]
)


def test_bgr_and_other_bars_are_both_named(tmp_path: Path) -> None:
    frames = natural_images(12, 90, 160, seed=3)
    stretched, boxed = stretched_and_boxed(frames, 24, 24, 14)
    made = chip("fork", tmp_path, samples=stretched)
    name = next(iter(made.samples))
    step = made.said(tmp_path, made.values({name: boxed[..., ::-1]}))
    assert words(step) == ["input-channels", "input-resized"]
    assert step.reasons[1].after_db > step.reasons[0].before_db + 6
    assert words(made.said(tmp_path, made.values({name: stretched[..., ::-1]}))) == [
        "input-channels"
    ]


def test_pictures_that_were_changed_otherwise_are_like_the_samples(tmp_path: Path) -> None:
    frames = np.stack([resized(frame, 24, 24) for frame in natural_images(12, 96, 96, seed=3)])
    made = chip("fork", tmp_path, samples=frames)
    name = next(iter(made.samples))
    brighter = np.clip(1.2 * frames.astype(np.float64), 0, 255).astype(np.uint8)
    step = made.said(tmp_path, made.values({name: brighter}))
    assert words(step) == ["like-samples"] and not step.is_equal
    assert "with a correlation of 0." in step.reasons[0].evidence


@NETWORKS
def test_other_pictures_are_not_like_the_samples(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    made, random = chips(network), np.random.default_rng(5)
    other = {n: random.integers(0, 256, v.shape).astype(v.dtype) for n, v in made.samples.items()}
    step = made.said(tmp_path, made.values(other))
    assert words(step) == ["own-scales"]
