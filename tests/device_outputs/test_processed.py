"""Outputs that a host worked on before it kept them, so that no array has their shape."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.device_outputs.conftest import Chips
from tests.device_outputs.networks import Arrays, Chip, words
from utils.device_outputs.dumped import Dumped
from utils.device_outputs.expected import Expected
from utils.device_outputs.processed import Unmatched, processed

NETWORKS = pytest.mark.parametrize(
    "network", [pytest.param("fork", marks=pytest.mark.slow), "line"]
)
Change = Callable[[Chip], Arrays]


def largest_classes(chip: Chip) -> Arrays:
    return {name: values.argmax(axis=-1) for name, values in chip.values().items()}


def enlarged(chip: Chip) -> Arrays:
    return {name: v.repeat(2, axis=1).repeat(2, axis=2) for name, v in chip.values().items()}


def enlarged_channels_first(chip: Chip) -> Arrays:
    return {name: values.transpose(0, 3, 1, 2) for name, values in enlarged(chip).items()}


def samples(chip: Chip) -> Arrays:
    return {"outputs": next(iter(chip.samples.values()))}


def with_a_background(chip: Chip) -> Arrays:
    return {n: np.concatenate([0 * v[..., :1], v], axis=3) for n, v in chip.values().items()}


def boxes(columns: int, seed: int = 1) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Sides, falling scores with zeros behind them, and classes, float32 (12, 30, columns)."""
    random = np.random.default_rng(seed)
    rows = random.uniform(0, 64, (12, 30, columns)).astype(np.float32)
    rows[..., 4] = -np.sort(-random.random((12, 30)), axis=1)
    rows[:, 20:] = 0
    return rows


@pytest.mark.parametrize(
    ("arrays", "is_boxes"),
    [
        ({"detections": boxes(6)}, True),
        ({"detections": boxes(5) / 100}, True),
        ({"boxes": boxes(6)[..., :4], "scores": boxes(6)[..., 4], "ids": boxes(6)[..., 5]}, True),
        ({"detections": boxes(6)[:, ::-1]}, False),  # by no score
        ({"detections": np.zeros((12, 30, 6), np.float32)}, False),
        ({"scores": boxes(6)[..., 4]}, False),  # of no boxes
        ({"detections": boxes(9)}, False),
    ],
)
def test_boxes_of_decoded_heads(arrays: Arrays, is_boxes: bool) -> None:
    output = Expected("net/output_layer1", (), (), np.zeros((12, 8, 8, 21), np.float32))
    dumped = [Dumped(name, array) for name, array in arrays.items()]
    found = processed(Unmatched([output], dumped, {}))
    assert ["boxes-kept" in reason.word for reason in found] == [True] * is_boxes


@NETWORKS
@pytest.mark.parametrize(
    ("word", "change", "said"),
    [
        ("classes-kept", largest_classes, "holds the number of the largest of"),
        ("outputs-resized", enlarged, "is a map of"),
        ("outputs-resized", enlarged_channels_first, "is a map of"),
        ("input-kept", samples, "outputs (12x"),
        ("other-channels", with_a_background, " channels, and "),
    ],
)
def test_what_became_of_outputs_is_said(
    chips: Chips, tmp_path: Path, network: str, word: str, change: Change, said: str
) -> None:
    chip = chips(network)
    step = chip.said(tmp_path, change(chip))
    assert step.not_matched == tuple(chip.outputs) and not step.is_equal
    assert words(step) == [word] and said in step.reasons[0].evidence


@NETWORKS
def test_numbers_that_are_no_classes_are_not_called_so(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip, random = chips(network), np.random.default_rng(4)
    numbers = {n: random.integers(0, 5, v.shape[:3]) for n, v in chip.values().items()}
    step = chip.said(tmp_path, numbers)
    assert step.not_matched == tuple(chip.outputs) and not step.reasons


@pytest.mark.parametrize(("share", "is_class"), [(0.1, True), (0.0, False)])
def test_a_buffer_that_was_never_filled_holds_no_classes(share: float, is_class: bool) -> None:
    """Mostly background, whose number is 0 as well."""
    scores = np.zeros((2, 8, 8, 3), np.float32)
    scores[..., 0] = 1
    kept = np.where(np.random.default_rng(1).random((2, 8, 8)) < share, 1, 0)
    scores[kept == 1, 1] = 2
    output, array = Expected("net/output_layer1", (), (), scores), Dumped("mask", kept)
    found = processed(Unmatched([output], [array], {}))
    assert [reason.word for reason in found] == ["classes-kept"] * is_class


def test_heads_in_one_array_are_joined(chips: Chips, tmp_path: Path) -> None:
    chip = chips("fork")
    heads = list(chip.values().values())
    joined = np.concatenate([head.reshape(12, -1, 6) for head in heads], axis=1)
    step = chip.said(tmp_path, {"output0": joined})
    assert words(step) == ["outputs-joined"]
    assert step.reasons[0].evidence == (
        "output0 (12x288x6 float32) holds as many values as output_layer1 and output_layer2 "
        "together"
    )
    step = chip.said(tmp_path, {"output0": joined[:, 1:]})
    assert step.not_matched and not step.reasons


def test_an_output_that_is_there_is_judged_beside_one_that_became_classes(
    chips: Chips, tmp_path: Path
) -> None:
    chip = chips("fork")
    (first, one), (second, other) = chip.values().items()
    step = chip.said(tmp_path, {first: one, second: other.argmax(axis=-1)})
    assert step.is_equal and words(step) == ["classes-kept"]
    assert step.not_matched == (chip.outputs[1],)


def test_what_became_of_one_output_hides_nothing_that_is_known_of_another(
    chips: Chips, tmp_path: Path
) -> None:
    chip, random = chips("fork"), np.random.default_rng(3)
    (first, one), (second, other) = chip.values().items()
    strange = random.normal(0, 2, one.shape)
    step = chip.said(tmp_path, {first: strange, second: other.argmax(axis=-1)})
    assert not step.is_equal and words(step) == ["classes-kept"]
    assert any("not whole codes of this archive" in note for note in step.notes)
