"""What the chip was given instead of the samples, in two networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from tests.device_outputs.conftest import Chips
from tests.device_outputs.networks import MEAN, SCALED, STD, Arrays, Chip, chip, words
from tests.fixtures.natural_images import natural_images

NETWORKS = pytest.mark.parametrize(
    "network", [pytest.param("fork", marks=pytest.mark.slow), "line"]
)
BILINEAR = 2


def given(chip: Chip, change: object) -> Arrays:
    """What the chip gives for samples that were changed."""
    assert callable(change)
    changed = {name: change(v.astype(np.float64)) for name, v in chip.samples.items()}
    return chip.values(changed)


@NETWORKS
@pytest.mark.parametrize(
    ("word", "change"),
    [
        ("input-scale", lambda pixels: pixels / 255),
        ("input-cast", lambda pixels: np.trunc(pixels / 255)),
        ("input-cast", lambda pixels: np.trunc((pixels - MEAN) / STD) % 256),
        ("input-normalized-twice", lambda pixels: (pixels - MEAN) / STD),
        ("input-channels", lambda pixels: pixels[..., ::-1]),
    ],
)
def test_what_was_sent_is_found_by_sending_it_again(
    chips: Chips, tmp_path: Path, network: str, word: str, change: object
) -> None:
    chip = chips(network)
    step = chip.said(tmp_path, given(chip, change))
    assert not step.is_equal and words(step) == [word]
    assert step.reasons[0].layers == () and step.reasons[0].after_db == np.inf


@NETWORKS
def test_pixels_where_values_up_to_1_are_meant_are_another_scale(
    tmp_path: Path, network: str
) -> None:
    """The first layer was calibrated on 0..1, and codes beyond that are clipped."""
    shape = {"fork": (24, 24), "line": (20, 36)}[network]
    samples = natural_images(12, *shape, seed=4).astype(np.float32) / 400
    made = chip(network, tmp_path, samples=samples, constants=SCALED)
    assert made.said(tmp_path, made.values()).is_equal
    step = made.said(tmp_path, given(made, lambda values: values * 255))
    assert words(step) == ["input-scale"] and "multiplied by 255" in step.reasons[0].evidence


def resized(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    return np.asarray(PIL.Image.fromarray(image).resize((width, height), BILINEAR))


def stretched_and_boxed(
    frames: NDArray[np.uint8], height: int, width: int, inner: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Frames that fill the input, and frames between grey bars above and below."""
    stretched = np.stack([resized(frame, height, width) for frame in frames])
    boxed = np.full_like(stretched, 114)
    top = (height - inner) // 2
    for image, frame in zip(boxed, frames, strict=True):
        image[top : top + inner] = resized(frame, inner, width)
    return stretched, boxed


@NETWORKS
def test_frames_stretched_where_samples_are_letterboxed(tmp_path: Path, network: str) -> None:
    height, width = {"fork": (24, 24), "line": (20, 36)}[network]
    frames = natural_images(12, 4 * height, 8 * width, seed=3)
    stretched, boxed = stretched_and_boxed(frames, height, width, height // 2)
    made = chip(network, tmp_path, samples=stretched)
    name = next(iter(made.samples))
    letterboxed = made.with_samples({name: boxed})
    assert letterboxed.said(tmp_path, letterboxed.values()).is_equal
    step = letterboxed.said(tmp_path, made.values())
    assert words(step) == ["input-resized"] and not step.is_equal
    assert step.reasons[0].after_db > step.reasons[0].before_db + 6


def test_frames_letterboxed_where_samples_are_stretched(tmp_path: Path) -> None:
    frames = natural_images(12, 90, 160, seed=3)
    stretched, boxed = stretched_and_boxed(frames, 24, 24, 14)
    made = chip("fork", tmp_path, samples=stretched)
    name = next(iter(made.samples))
    step = made.said(tmp_path, made.values({name: boxed}))
    assert words(step) == ["input-resized"]
    assert "16:9 with grey bars" in step.reasons[0].evidence


@NETWORKS
def test_the_same_wrong_input_on_both_sides_is_equal(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    turned = chip.with_samples({name: v[..., ::-1] for name, v in chip.samples.items()})
    assert turned.said(tmp_path, turned.values()).is_equal


@NETWORKS
def test_frames_of_another_kind_are_explained_by_no_input(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    mirrored = given(chip, lambda pixels: pixels[:, ::-1, ::-1])
    step = chip.said(tmp_path, mirrored)
    assert not step.is_equal and not step.reasons
