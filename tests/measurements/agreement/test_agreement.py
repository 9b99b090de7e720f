from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.house.fuzzing import examples
from tests.measurements.agreement.outputs import agreeing, batch_of, coded, joined, values
from utils.jobs.plain import packed, unpacked
from utils.measurements.agreement import AgreementMeasurements, OutputAgreement
from utils.measurements.agreement.readings import agreement, readings
from utils.measurements.output_kind import WhatIsJudged

SAMPLES = 24
SHAPES = [(1, 1), (1, 12), (9, 1), (9, 3), (9, 6)]


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=examples(15), deadline=None)
@given(data=st.data())
def test_neither_batches_nor_their_order_matter(
    shape: tuple[int, int], data: st.DataObject
) -> None:
    floats = values(SAMPLES, *shape)
    codes = coded(floats, 0.3)
    order = data.draw(st.permutations(range(SAMPLES)))
    cuts = sorted(data.draw(st.sets(st.integers(1, SAMPLES - 1))))
    parts = [np.sort(part).tolist() for part in np.split(np.array(order), cuts)]
    whole, found = joined(floats, codes, [range(SAMPLES)]), joined(floats, codes, parts)
    assert_same(whole, found)


def assert_same(whole: OutputAgreement, found: OutputAgreement) -> None:
    np.testing.assert_array_equal(whole.samples.positions, found.samples.positions)
    np.testing.assert_allclose(whole.samples.noise, found.samples.noise)
    for name, decisions in whole.samples.decisions.items():
        np.testing.assert_array_equal(decisions.same, found.samples.decisions[name].same)
    first, second = readings(whole), readings(found)
    assert first.keys() == second.keys()
    for kind, measures in first.items():
        assert measures.keys() == second[kind].keys()
        for name, measure in measures.items():
            other = second[kind][name]
            numbers = [measure.value, measure.low, measure.high]
            assert [other.value, other.low, other.high] == pytest.approx(
                numbers, rel=1e-6, abs=1e-9, nan_ok=True
            )
            assert (other.of, other.undecided, other.channel) == (
                measure.of,
                measure.undecided,
                measure.channel,
            )


@pytest.mark.parametrize(
    ("shape", "kinds"),
    [
        ((1, 1), {"scores", "regression"}),
        ((1, 4), {"classes", "scores", "regression"}),
        ((1, 8), {"classes", "scores", "regression", "embedding"}),
        ((9, 1), {"scores", "regression", "image"}),
        ((9, 3), {"segmentation", "detection", "scores", "regression", "image"}),
        ((9, 6), {"segmentation", "detection", "scores", "regression"}),
    ],
)
def test_an_unknown_output_is_read_in_every_way_its_shape_allows(
    shape: tuple[int, int], kinds: set[str]
) -> None:
    floats = values(5, *shape)
    found = agreeing(batch_of(floats, coded(floats), range(5)))
    assert readings(found).keys() == kinds
    assert agreement(found) == {}
    known = agreeing(batch_of(floats, coded(floats), range(5)), "regression")
    assert readings(known).keys() == {"regression"}
    assert agreement(known) == readings(known)["regression"]


def test_the_snr_of_single_samples() -> None:
    floats = np.ones((11, 1, 1), np.float32)
    found = agreeing(batch_of(floats, coded(floats), range(11))).samples
    noise = np.power(10.0, -np.arange(11.0))
    samples = type(found)(found.positions, np.ones(11), noise)
    assert samples.snr_db_at(0.5) == pytest.approx(50)
    assert samples.snr_db_at(0.1) == pytest.approx(10)
    silent = type(found)(found.positions, np.zeros(11), np.zeros(11))
    assert np.isnan(silent.snr_db_at(0.5))


def test_the_psnr_of_an_image() -> None:
    floats = (values(6, 50, 3) * 40 + 100).astype(np.float32)
    batch = batch_of(floats, np.clip(floats, 0, 255).round().astype(np.uint8), range(6), 1.0)
    found = readings(agreeing(batch, "image"))["image"]["psnr_db"]
    error = np.square(batch.chip.astype(np.float64) - floats).mean()
    assert found.value == pytest.approx(10 * np.log10(np.ptp(floats) ** 2 / error), rel=1e-5)
    assert found.low <= found.value <= found.high
    assert found.of == 900


def test_constant_outputs_are_seen_in_float_and_on_the_chip() -> None:
    rising = np.linspace(0, 0.02, 8, dtype=np.float32).reshape(8, 1, 1)
    found = agreeing(batch_of(rising, coded(rising), range(8)))
    assert (found.is_constant_in_float, found.is_constant_on_chip) == (False, True)
    same = np.tile(values(1, 9, 2), (8, 1, 1))  # varies from pixel to pixel alone
    found = agreeing(batch_of(same, coded(same), range(8)))
    assert (found.is_constant_in_float, found.is_constant_on_chip) == (True, True)
    moved = np.stack([np.roll(same[0], shift, axis=0) for shift in range(8)])  # of the same mean
    found = agreeing(batch_of(moved, coded(moved), range(8)))
    assert (found.is_constant_in_float, found.is_constant_on_chip) == (False, False)


def test_a_single_sample_shows_nothing_constant() -> None:
    one = np.ones((1, 1, 1), np.float32)
    found = agreeing(batch_of(one, coded(one), range(1)))
    assert (found.is_constant_in_float, found.is_constant_on_chip) == (False, False)


def test_how_often_each_class_comes_first_in_float() -> None:
    floats = values(40, 1, 5)
    found = joined(floats, coded(floats), [range(30), range(30, 40)])
    assert found.wins is not None
    np.testing.assert_array_equal(found.wins, np.bincount(floats[:, 0].argmax(axis=1), minlength=5))
    assert agreeing(batch_of(floats, coded(floats), range(40)), "regression").wins is None


def test_class_numbers_are_read_as_classes_alone() -> None:
    numbers = np.array([[[1], [2]], [[0], [2]]], np.float32)
    batch = batch_of(numbers, (numbers + 128).astype(np.uint8), range(2), 1.0)
    batch = replace(batch, undecided=np.zeros((2, 2), np.bool_))
    found = readings(agreeing(batch))
    assert found.keys() == {"segmentation"}
    assert found["segmentation"]["same_class"].value == 1.0
    one = batch_of(numbers[:, :1], batch.codes[:, :1], range(2), 1.0)
    one = replace(one, undecided=np.zeros((2, 1), np.bool_))
    assert readings(agreeing(one)).keys() == {"classes"}


@pytest.mark.parametrize("threshold", [0.5, 0.3])
def test_probabilities_and_logits_fire_at_the_same_place(threshold: float) -> None:
    judged = WhatIsJudged(score_threshold=threshold)
    logit = judged.threshold(is_probability=False)
    assert judged.threshold(is_probability=True) == threshold
    assert 1 / (1 + np.exp(-logit)) == pytest.approx(threshold)


@pytest.mark.parametrize("shape", SHAPES)
def test_all_of_it_can_be_written_and_read(shape: tuple[int, int]) -> None:
    floats = values(5, *shape)
    found = AgreementMeasurements(
        {"net/output_layer1": agreeing(batch_of(floats, coded(floats), range(5)))}
    )
    document, arrays = packed(found)
    again = unpacked(AgreementMeasurements, document, arrays)
    assert_same(found.outputs["net/output_layer1"], again.outputs["net/output_layer1"])


def test_memory_is_a_few_numbers_for_every_sample() -> None:
    def held(samples: int) -> int:
        floats = values(samples, 16, 3)
        _, arrays = packed(joined(floats, coded(floats), [range(samples)]))
        return sum(array.nbytes for array in arrays.values())

    few, many = held(300), held(1300)
    numbers: Any = (many - few) / 1000 / 8
    assert 3 <= numbers <= 25
