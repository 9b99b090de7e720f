"""What belongs to what in a dump: outputs, frames, dumps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.device_outputs.conftest import Chips
from tests.device_outputs.networks import Arrays, Chip, pictures, saved, words
from utils.errors import DiagnosticError

NETWORKS = pytest.mark.parametrize(
    "network", [pytest.param("fork", marks=pytest.mark.slow), "line"]
)


def late(values: Arrays, frames: int) -> Arrays:
    return {n: np.concatenate([0 * v[:frames], v[:-frames]]) for n, v in values.items()}


@pytest.mark.parametrize("head", ["linear", "sigmoid"])
def test_outputs_under_one_anothers_names_are_exchanged(
    chips: Chips, tmp_path: Path, head: str
) -> None:
    chip = chips("fork", head)
    (first, one), (second, other) = chip.values().items()
    step = chip.said(tmp_path, {first: other, second: one})
    assert words(step) == ["outputs-exchanged"] and set(step.reasons[0].layers) == set(chip.outputs)


def test_outputs_without_names_are_told_apart_by_what_they_hold(
    chips: Chips, tmp_path: Path
) -> None:
    chip = chips("fork")
    first, second = chip.values().values()
    step = chip.said(tmp_path, {"arr_0": second, "arr_1": first})
    assert step.is_equal and not step.reasons
    assert [match.other for match in step.outputs] == ["arr_1", "arr_0"]
    assert {match.by for match in step.outputs} == {"correlation"}


@NETWORKS
@pytest.mark.parametrize("frames", [1, 2, 5])
def test_results_some_frames_late_with_zeros_in_the_gap(
    chips: Chips, tmp_path: Path, network: str, frames: int
) -> None:
    chip = chips(network)
    step = chip.said(tmp_path, late(chip.values(), frames))
    assert words(step) == ["late"] and step.reasons[0].after_db == np.inf
    said = f"{frames} frame{'s' if frames > 1 else ''} late, "
    assert step.reasons[0].evidence.startswith(said)


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ([0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 11], "7 of 12 frames, from frame 4 on, are 1 frame e"),
        (
            [0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10],
            "9 of 12 frames, from frame 3 on, are 1 frame l",
        ),
    ],
    ids=["lost", "twice"],
)
def test_a_frame_that_is_lost_or_comes_twice_moves_those_behind_it(
    chips: Chips, tmp_path: Path, order: list[int], said: str
) -> None:
    chip = chips("line")
    step = chip.said(tmp_path, {n: v[:12][order] for n, v in chip.values().items()})
    assert words(step) == ["late"] and step.reasons[0].after_db == np.inf
    assert step.reasons[0].evidence.startswith(said)


@NETWORKS
def test_results_that_come_early(chips: Chips, tmp_path: Path, network: str) -> None:
    chip = chips(network)
    early = {name: np.roll(values, -2, axis=0) for name, values in chip.values().items()}
    step = chip.said(tmp_path, early)
    assert words(step) == ["late"] and "2 frames early" in step.reasons[0].evidence


@NETWORKS
def test_one_buffer_for_all_frames_is_repeated(chips: Chips, tmp_path: Path, network: str) -> None:
    chip = chips(network)
    last = {name: np.repeat(v[-1:], len(v), axis=0) for name, v in chip.values().items()}
    step = chip.said(tmp_path, last)
    assert words(step) == ["repeated"]
    assert step.reasons[0].evidence == "all 12 frames hold the result for sample 11"


@NETWORKS
def test_one_buffer_for_every_batch_is_repeated(chips: Chips, tmp_path: Path, network: str) -> None:
    chip = chips(network)
    batches = {n: np.repeat(v[3::4], 4, axis=0) for n, v in chip.values().items()}
    step = chip.said(tmp_path, batches)
    assert words(step) == ["repeated"]
    said = "9 of 12 frames hold the result for another sample, the first of them frame 0 that for"
    assert step.reasons[0].evidence == f"{said} sample 3"


@NETWORKS
def test_frames_that_really_are_alike_are_not_repeated(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    one = {name: np.repeat(values[:1], 12, axis=0) for name, values in chip.samples.items()}
    alike = chip.with_samples(one)
    assert alike.said(tmp_path, alike.values()).is_equal


@NETWORKS
def test_results_that_never_came_are_missing(chips: Chips, tmp_path: Path, network: str) -> None:
    chip = chips(network)
    empty = {name: values.copy() for name, values in chip.values().items()}
    for values in empty.values():
        values[[4, 9]] = 0
    step = chip.said(tmp_path, empty)
    assert words(step) == ["frames-missing"] and step.reasons[0].after_db == np.inf
    assert step.reasons[0].evidence.startswith("2 of 12 frames hold one number everywhere")
    # Frames that are alike on both sides are no missing results.
    same = chip.with_samples({n: np.repeat(v[:1], 12, axis=0) for n, v in chip.samples.items()})
    assert same.said(tmp_path, same.values()).is_equal


@NETWORKS
@pytest.mark.parametrize(
    ("order", "said"),
    [
        (sorted(range(12), key=str), "as text sorts numbers from 0 on"),
        (sorted(range(12), key=lambda k: str(k + 1)), "as text sorts numbers from 1 on"),
        (range(11, -1, -1), "backwards"),
        ([0, 1, 3, 2, *range(4, 12)], "2 of 12 frames hold the result for another sample, the"),
    ],
)
def test_frames_in_an_order_of_their_own(
    chips: Chips, tmp_path: Path, network: str, order: Sequence[int], said: str
) -> None:
    chip = chips(network)
    step = chip.said(tmp_path, {n: v[list(order)] for n, v in chip.values().items()})
    assert words(step) == ["reordered"] and said in step.reasons[0].evidence
    assert step.reasons[0].after_db == np.inf


@NETWORKS
def test_frames_that_were_dropped_move_those_behind_them(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    kept = [0, 1, 2, 4, 5, 6, 7, 9, 10, 11]
    dropped = {n: np.concatenate([v[kept], 0 * v[:2]]) for n, v in chip.values().items()}
    step = chip.said(tmp_path, dropped)
    assert words(step) == ["late"]
    assert step.reasons[0].evidence == (
        "7 of 12 frames, from frame 3 on, are 1 frame early, the others are in their places"
    )


def test_an_output_that_was_never_filled(chips: Chips, tmp_path: Path) -> None:
    chip = chips("fork")
    (first, one), (second, other) = chip.values().items()
    step = chip.said(tmp_path, {first: 0 * one, second: other})
    assert words(step) == ["output-empty"] and step.reasons[0].layers == (chip.outputs[0],)
    assert step.reasons[0].evidence == "every value of output_layer1 is 0"


@pytest.mark.parametrize("is_zero", [False, True])
def test_one_result_for_all_samples_that_is_none_of_them(
    chips: Chips, tmp_path: Path, is_zero: bool
) -> None:
    chip = chips("line")
    ((name, values),) = chip.values().items()
    random = np.random.default_rng(5)
    one = random.permutation(values[:1].reshape(-1)).reshape(values[:1].shape) * (not is_zero)
    step = chip.said(tmp_path, {name: np.repeat(one, len(values), axis=0)})
    assert words(step) == ["frames-alike"]
    assert (
        step.reasons[0].evidence
        == f"all {len(values)} frames hold the same values of output_layer1"
    )
    every = np.stack([random.permutation(one.reshape(-1)) for _ in values]).reshape(values.shape)
    if not is_zero:
        assert "frames-alike" not in words(chip.said(tmp_path, {name: every}))


def test_an_output_that_is_equal_clears_the_hef_and_the_input(chips: Chips, tmp_path: Path) -> None:
    chip = chips("fork")
    (first, one), (second, other) = chip.values().items()
    noise = np.random.default_rng(2).normal(one.mean(), one.std(), one.shape)
    step = chip.said(tmp_path, {first: noise, second: other})
    assert words(step) == ["some-equal"] and step.reasons[0].layers == (chip.outputs[0],)
    assert step.reasons[0].evidence == "output_layer2 holds the codes of the archive"


@NETWORKS
def test_frames_of_a_video_that_are_a_frame_late(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    """Neighbours are alike, so that even frames that are late follow their samples."""
    chip = chips(network)
    (name, samples), *_ = chip.samples.items()
    long = pictures(samples.shape[1], samples.shape[2] + 2 * len(samples), seed=3, count=1)[0]
    width = samples.shape[2]
    video = np.stack([long[:, 2 * k : 2 * k + width] for k in range(len(samples))])
    moving = chip.with_samples({name: video})
    assert moving.said(tmp_path, moving.values()).is_equal
    step = moving.said(tmp_path, late(moving.values(), 1))
    assert words(step) == ["late"] and "1 frame late" in step.reasons[0].evidence


@pytest.mark.parametrize(
    ("word", "order"),
    [
        ("late", np.roll(np.arange(12), 1)),
        ("repeated", np.full(12, 7)),
        ("reordered", np.arange(12)[::-1]),
    ],
)
def test_frames_of_one_output_alone(
    chips: Chips, tmp_path: Path, word: str, order: np.ndarray
) -> None:
    chip = chips("fork")
    (first, one), (second, other) = chip.values().items()
    step = chip.said(tmp_path, {first: one[order], second: other})
    assert words(step) == [word] and step.reasons[0].layers == (chip.outputs[0],)
    both = chip.said(tmp_path, {first: one[order], second: other[order]})
    assert words(both) == [word] and not both.reasons[0].layers


def moved(chip: Chip, share: float, codes: int) -> Arrays:
    """The outputs with a share of the codes off by so many at most."""
    random, found = np.random.default_rng(1), {}
    for name, values in chip.values().items():
        encoding = chip.model.encoding(name)
        assert encoding
        off = random.integers(-codes, codes + 1, values.shape)
        found[name] = values + encoding.scales * off * (random.random(values.shape) < share)
    return found


@NETWORKS
def test_two_dumps_that_differ_are_not_repeatable(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    first = saved(tmp_path / "first.npz", chip.values())
    step = chip.step(first, saved(tmp_path / "same.npz", chip.values()))
    assert step.is_equal and not step.reasons
    step = chip.step(first, saved(tmp_path / "few.npz", moved(chip, 0.005, 1)))
    assert step.is_equal and words(step) == ["not-repeatable"]
    assert "by up to 1" in step.reasons[0].evidence
    step = chip.step(first, saved(tmp_path / "other.npz", moved(chip, 1.0, 60)))
    assert not step.is_equal and words(step) == ["not-repeatable"]


@NETWORKS
def test_a_dump_that_a_fault_explains_does_not_make_the_chip_unsteady(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    first = saved(tmp_path / "first.npz", chip.values())
    step = chip.step(first, saved(tmp_path / "late.npz", late(chip.values(), 2)))
    assert not step.is_equal and words(step) == ["late"]


@NETWORKS
def test_two_faults_are_both_named(chips: Chips, tmp_path: Path, network: str) -> None:
    chip = chips(network)
    scaled = {name: 1.7 * values for name, values in late(chip.values(), 2).items()}
    assert words(chip.said(tmp_path, scaled)) == ["late", "other-scale"]
    turned = {name: values[..., ::-1] for name, values in chip.samples.items()}
    codes = {n: c.astype(np.float32) for n, c in chip.codes(turned).items()}
    assert words(chip.said(tmp_path, codes)) == ["input-channels", "codes-as-numbers"]
    assert words(chip.said(tmp_path, late(chip.values(turned), 2))) == ["input-channels", "late"]


@NETWORKS
def test_a_fault_of_one_output_leaves_the_other_alone(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    values = chip.values()
    first, *others = values
    values[first] = chip.codes()[first].astype(np.float32)
    step = chip.said(tmp_path, values)
    assert words(step) == ["codes-as-numbers"]
    assert step.reasons[0].layers == (chip.outputs[0],)
    assert all(m.codes and m.codes.equal == 1.0 for m in step.outputs[1:]) and len(others) < 2


@NETWORKS
def test_frames_of_all_data_are_taken_by_their_places(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    places = (1, 4, 6, 11)
    some = chip.with_samples({name: v[list(places)] for name, v in chip.samples.items()})
    path = saved(tmp_path / "all.npz", chip.values())
    assert some.step(path, positions=places, samples_in_data=12).is_equal
    with pytest.raises(DiagnosticError, match=r"holds outputs of 12 samples .* -d holds 4 samples"):
        some.step(path)
