"""Frames that hold an earlier result, other samples, or nothing: which are right is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.device_outputs.conftest import Chips
from tests.device_outputs.networks import SAMPLES, words
from utils.device_outputs.expected import Expected
from utils.device_outputs.explaining import explanation
from utils.device_outputs.rerunning import Rerun
from utils.device_outputs.trials import function_applied, wrapped_codes
from utils.device_outputs.trials.pairs import Pair

NETWORKS = pytest.mark.parametrize(
    "network", [pytest.param("fork", marks=pytest.mark.slow), "line"]
)


@NETWORKS
@pytest.mark.parametrize(
    ("held", "said"),
    [
        ([0] * 12, "all 12 frames hold the result for sample 0"),
        ([0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8], "3 of 12 frames hold the result for another"),
        ([0, 1, 1, 3, 4, 4, 6, 7, 7, 9, 10, 10], "the first of them frame 2 that for sample 1"),
    ],
)
def test_results_that_were_not_renewed(
    chips: Chips, tmp_path: Path, network: str, held: list[int], said: str
) -> None:
    chip = chips(network)
    step = chip.said(tmp_path, {name: values[held] for name, values in chip.values().items()})
    assert words(step) == ["not-renewed"] and said in step.reasons[0].evidence
    assert step.reasons[0].after_db == np.inf


def of_five_classes(*alike: int) -> Expected:
    """Codes of five classes for 12 samples; those named have the codes of sample 0."""
    values = np.random.default_rng(2).integers(0, 256, (SAMPLES, 1, 1, 5)).astype(np.float32)
    values[list(alike)] = values[0]
    return Expected("net/out", (), (), values, np.ones(5), np.zeros(5))


def told(expected: Expected, given: NDArray[np.float32]) -> list[str]:
    rerun = Rerun({}, {}, lambda samples, layers: [])
    return [r.word for r in explanation((Pair(expected, given.astype(np.float64)),), rerun)]


@pytest.mark.parametrize("size", [2, 3, 5])
@pytest.mark.parametrize("seed", range(6))
def test_one_buffer_is_told_of_four_numbers_whichever_samples_are_given(
    size: int, seed: int
) -> None:
    """What is kept of them spreads otherwise than all that was computed."""
    random = np.random.default_rng(seed)
    boxes = np.clip(random.normal(120, 40, (64, 1, 1, 4)), 0, 255).round().astype(np.float32)
    expected = Expected("net/out", (), (), boxes, np.ones(4), np.zeros(4))
    last = np.minimum(np.arange(64) // size * size + size - 1, 63)
    assert told(expected, boxes[last]) == ["repeated"]
    assert told(expected, boxes[np.arange(64) // size * size]) == ["not-renewed"]
    assert told(expected, boxes) == []


def test_one_result_for_all_is_known_by_few_classes_if_no_other_sample_has_it() -> None:
    expected = of_five_classes()
    held = np.repeat(expected.values[:1], SAMPLES, axis=0)
    assert told(expected, held) == ["not-renewed"]
    assert told(expected, np.repeat(expected.values[4:5], SAMPLES, axis=0)) == ["repeated"]
    # Black frames may give what several samples give, or nearly what one gives.
    assert told(of_five_classes(3, 7), held) == []
    assert told(expected, held + np.float32(9)) == []


@NETWORKS
def test_frames_of_black_pictures_hold_no_result_of_another_sample(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    dark = {name: values.copy() for name, values in chip.samples.items()}
    for values in dark.values():
        values[1::2] = 0
    assert words(chip.said(tmp_path, chip.values(dark))) == ["some-frames-equal"]


def test_frames_that_differ_at_all_outputs_are_not_missing_at_one(
    chips: Chips, tmp_path: Path
) -> None:
    chip = chips("fork")
    (first, one), (second, other) = chip.values().items()
    one[1::2] = 0
    assert words(chip.said(tmp_path, {first: one, second: other})) == ["frames-missing"]
    other[1::2] = other[1::2][..., ::-1, ::-1, ::-1]
    assert words(chip.said(tmp_path, {first: one, second: other})) == ["some-frames-equal"]


@NETWORKS
def test_some_frames_that_are_equal_clear_the_hef(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    random = np.random.default_rng(5)
    other = {n: random.integers(0, 256, v.shape).astype(v.dtype) for n, v in chip.samples.items()}
    right, wrong = chip.values(), chip.values(other)
    # Frames of other samples: the first half, then all.
    half = {name: np.concatenate([wrong[name][:5], right[name][5:]]) for name in right}
    step = chip.said(tmp_path, half)
    assert words(step) == ["some-frames-equal"]
    said = "7 of 12 frames hold the codes of the archive at all outputs, frames 0, 1, 2 and 2 more"
    assert step.reasons[0].evidence == f"{said} do not"
    assert "some-frames-equal" not in words(chip.said(tmp_path, wrong))


@NETWORKS
def test_frames_that_nothing_was_written_to_clear_the_others(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    unwritten = {name: values.copy() for name, values in chip.values().items()}
    for values in unwritten.values():
        values[[3, 7]] = np.nan
    step = chip.said(tmp_path, unwritten)
    assert words(step) == ["some-frames-equal"] and "frames 3 and 7" in step.reasons[0].evidence


def test_scores_at_both_ends_of_the_codes_have_not_wrapped_around() -> None:
    codes = np.random.default_rng(1).choice([0, 0, 60, 90, 120, 180, 200, 255], (8, 5, 5, 2))
    ends = np.where(codes == 0, 255, codes)
    one, zero = np.full(2, 1 / 255), np.zeros(2)
    expected = Expected("net/out", (), (), (codes / 255).astype(np.float32), one, zero)
    assert wrapped_codes.undone(expected, ends / 255) is None
    # A turn away from codes that there are is out of their reach.
    signed = codes.astype(np.uint8).view(np.int8)
    assert wrapped_codes.undone(expected, signed / 255) is not None


def test_frames_shown_again_and_again_make_no_function() -> None:
    expected = of_five_classes(*range(2, SAMPLES))
    given = np.random.default_rng(6).normal(size=expected.values.shape)
    given[2:] = given[0]
    assert function_applied.undone(expected, given) is None
    codes = np.random.default_rng(7).integers(0, 8, (SAMPLES, 1, 1, 5)).astype(np.float32)
    cubes = (codes.astype(np.float64) - 3.3) ** 3
    assert function_applied.undone(replace(expected, values=codes), cubes) is not None
