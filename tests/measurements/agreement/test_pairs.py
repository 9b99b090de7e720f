from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
import pytest

from tests.measurements.agreement.outputs import agreeing, batch_of, coded, joined, values
from utils.measurements.agreement.pairs import MOST, DrawnPairs, ValuePairs
from utils.measurements.output_kind import OutputKind

SAMPLES = 40


def as_lists(pairs: ValuePairs) -> list[list[float]]:
    drawn = (pairs.firing, pairs.others)
    return [each.tolist() for part in drawn for each in (part.keys, part.floats, part.chip)]


def of_parts(parts: Sequence[Sequence[int]], kind: OutputKind = "scores") -> ValuePairs:
    floats = values(SAMPLES, 300, 5)
    found = joined(floats, coded(floats), parts, kind).pairs
    assert found is not None
    return found


def test_of_few_values_all_are_kept_each_beside_its_own() -> None:
    floats = values(8, 1, 20)
    found = agreeing(batch_of(floats, coded(floats), range(8)), "scores").pairs
    assert found is not None
    fires = floats > 0
    codes = (coded(floats).astype(np.float32) - 128) * np.float32(0.05)
    fires |= codes > 0
    assert sorted(found.firing.floats) == sorted(floats[fires])
    assert sorted(found.others.floats) == sorted(floats[~fires])
    assert np.abs(found.firing.floats - found.firing.chip).max() <= 0.026


def test_of_many_values_a_bounded_number_is_kept_of_every_sample_some() -> None:
    found = of_parts([range(SAMPLES)])
    assert (len(found.firing.keys), len(found.others.keys)) == (MOST, MOST)
    floats = values(SAMPLES, 300, 5)
    drawn = [np.isin(each, found.others.floats).sum() for each in floats]
    assert min(drawn) > MOST / SAMPLES / 3
    by_channel = [np.isin(floats[:, :, each], found.others.floats).sum() for each in range(5)]
    assert min(by_channel) > MOST / 5 / 2


@pytest.mark.parametrize(
    "parts",
    [
        [range(7), range(7, SAMPLES)],
        [range(20, SAMPLES), range(20)],
        [[3], range(4, SAMPLES), [0], [2], [1]],
    ],
)
def test_slices_are_joined_in_any_order(parts: Sequence[Sequence[int]]) -> None:
    assert as_lists(of_parts(parts)) == as_lists(of_parts([range(SAMPLES)]))


def test_what_is_rare_is_kept_beside_what_is_common() -> None:
    floats = np.full((4, 5000, 1), -5, np.float32)
    chip = floats.copy()
    floats[2, 4321], chip[3, 77] = 3, 2
    found = ValuePairs.of(np.arange(4), floats, chip, 0.0)
    assert sorted(zip(found.firing.floats, found.firing.chip, strict=True)) == [(-5, 2), (3, -5)]
    assert len(found.others.keys) == MOST


def test_where_no_threshold_decides_nothing_fires() -> None:
    found = of_parts([range(SAMPLES)], "embedding")
    assert (found.fires, len(found.firing.keys), len(found.others.keys)) == (False, 0, MOST)


def test_class_numbers_are_no_values() -> None:
    floats = np.zeros((2, 4, 1), np.float32)
    batch = batch_of(floats, coded(floats), [0, 1])
    numbered = type(batch)(**{**vars(batch), "undecided": np.zeros((2, 4), np.bool_)})
    assert agreeing(numbered, "segmentation").pairs is None


def test_no_place_has_the_key_of_another() -> None:
    some = [
        ValuePairs.of(np.arange(at, at + 20), zeros, zeros, None).others
        for at in (0, 20, 2**20)
        for zeros in (np.zeros((20, 50), np.float32),)
    ]
    keys = reduce(DrawnPairs.merged, some[:1]).keys
    assert len(np.unique(np.concatenate([each.keys for each in some]))) == 3 * len(keys)


def test_of_a_detector_the_scores_of_its_cells_are_kept() -> None:
    floats = values(3, 4, 6)
    batch = batch_of(floats, coded(floats), range(3))
    found = agreeing(batch, "detection", score_channels=(2, 5)).pairs
    best = agreeing(batch, "detection").pairs
    boxes = agreeing(batch, "detection", holds_scores=False).pairs
    assert found is not None
    assert best is not None
    assert boxes is not None
    scores = [*found.firing.floats, *found.others.floats]
    assert sorted(scores) == sorted(floats[:, :, [2, 5]].ravel())
    cells = [*best.firing.floats, *best.others.floats]
    assert sorted(cells) == sorted(floats.max(axis=2).ravel())
    assert (boxes.fires, len(boxes.others.keys)) == (False, floats.size)


@pytest.mark.parametrize(("channels", "fires"), [(1, True), (2, False)])
def test_of_an_unknown_output_only_a_single_channel_may_fire(channels: int, fires: bool) -> None:
    floats = values(5, 1, channels)
    found = agreeing(batch_of(floats, coded(floats), range(5))).pairs
    assert found is not None
    assert found.fires is fires
