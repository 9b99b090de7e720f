"""A network whose samples a host normalizes, and a chip that was given raw pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.archive import calibrated
from benchmarks.float_graph import FloatGraph
from tests.device_outputs.networks import Chip, loaded, pictures, words
from utils.device_outputs.trials.changed_samples import InputFacts
from utils.device_outputs.trials.input_raw import input_raw
from utils.facts.normalization_recipes import RECIPES
from utils.quantizer.writer import build_quantized_har

MEAN, STD = next((r.mean, r.std) for r in RECIPES if r.name == "ImageNet")
PIXELS = pictures(20, 36, seed=5)


def normalized(pixels: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray((pixels - np.array(MEAN)) / np.array(STD), np.float32)


@pytest.fixture
def chip(tmp_path: Path) -> Chip:
    net = FloatGraph("bare", np.random.default_rng(4))
    last = net.add("input_layer1", "input_layer", (), (20, 36, 3))
    last = net.add_conv("conv1", last, 3, 12, stride=2)
    net.add_output(net.add_conv("conv2", last, 3, 5, activation="linear"))
    path = str(tmp_path / "bare.har")
    samples = normalized(PIXELS)
    build_quantized_har(
        path,
        name=net.name,
        network=net.network(),
        weights=net.weights(),
        statistics=calibrated(net, samples),
    )
    return loaded(path, {net.input_name: samples})


def test_raw_pixels_are_found_as_numbers_and_as_bytes(chip: Chip, tmp_path: Path) -> None:
    assert chip.said(tmp_path, chip.values()).is_equal
    (name, samples), *_ = chip.samples.items()
    step = chip.said(tmp_path, chip.values({name: PIXELS.astype(np.float32)}))
    assert not step.is_equal and words(step) == ["input-raw"]
    encoding = chip.model.encoding(name)
    assert encoding is not None
    bytes_ = (PIXELS - encoding.zero_points) * encoding.scales
    step = chip.said(tmp_path, chip.values({name: bytes_.astype(np.float32)}))
    assert words(step) == ["input-raw"] and step.reasons[0].evidence.endswith(", as bytes")
    dim = chip.values({name: 0.5 * samples})
    assert "input-raw" not in words(chip.said(tmp_path, dim))


def tried(samples: NDArray[Any], **facts: Any) -> list[NDArray[Any]]:
    found = input_raw({"net/input_layer1": samples}, {"net/input_layer1": InputFacts(**facts)})
    return [each.samples["net/input_layer1"] for each in found]


def test_only_samples_that_were_made_of_pixels_become_pixels() -> None:
    first = tried(normalized(PIXELS))[0]
    assert np.array_equal(first, PIXELS)
    assert np.array_equal(tried(PIXELS / np.float32(127.5) - 1)[0], PIXELS)
    assert tried(PIXELS) == []
    assert tried(PIXELS / np.float32(255)) == []  # told as another scale
    assert tried(np.random.default_rng(3).normal(size=PIXELS.shape)) == []
    on_chip = {"mean": np.array(MEAN), "std": np.array(STD)}
    assert tried(normalized(PIXELS), **on_chip) == []
