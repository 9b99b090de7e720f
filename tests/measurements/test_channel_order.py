"""Confidence in both orders: means, errors, and joining sets of samples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.fixtures.builders import build_statistics
from utils.measurements.channel_order import (
    ChannelOrder,
    Confidence,
    HeadConfidence,
    holds_colour_images,
    is_colour_shaped,
)

RANDOM = np.random.default_rng(3)
AS_IS, REVERSED = RANDOM.random(40), RANDOM.random(40)


def test_the_gain_is_a_paired_difference() -> None:
    found = Confidence.of(AS_IS, REVERSED)
    difference = REVERSED - AS_IS
    assert found.samples == 40
    assert found.mean_as_is == pytest.approx(AS_IS.mean())
    assert found.mean_reversed == pytest.approx(REVERSED.mean())
    assert found.gain == pytest.approx(difference.mean())
    assert found.standard_error == pytest.approx(difference.std(ddof=1) / math.sqrt(40))


@pytest.mark.parametrize("cut", [0, 1, 13, 40])
def test_sets_of_samples_are_joined_in_any_order(cut: int) -> None:
    whole = Confidence.of(AS_IS, REVERSED)
    first = Confidence.of(AS_IS[:cut], REVERSED[:cut])
    second = Confidence.of(AS_IS[cut:], REVERSED[cut:])
    for joined in (first.merged(second), second.merged(first)):
        assert joined.samples == whole.samples
        assert joined.standard_error == pytest.approx(whole.standard_error)
        assert joined.gain == pytest.approx(whole.gain)


@pytest.mark.parametrize(("count", "error"), [(0, math.inf), (1, math.inf), (2, 0.0), (5, 0.0)])
def test_few_or_equal_samples(count: int, error: float) -> None:
    found = Confidence.of(np.full(count, 0.5), np.full(count, 0.75))
    assert found.standard_error == error
    assert found.gain == (0.25 if count else 0.0)


def test_heads_are_joined_by_name() -> None:
    head = HeadConfidence(Confidence.of(AS_IS, REVERSED), Confidence(), {1: 3}, {0: 1})
    other = HeadConfidence(Confidence.of(AS_IS, REVERSED), Confidence(), {1: 1, 2: 5}, {})
    first = ChannelOrder(("in",), 40, 2, {"a": head})
    joined = first.merged(ChannelOrder(("in",), 40, 1, {"a": other, "b": other}))
    assert (joined.samples, joined.grey, list(joined.heads)) == (80, 3, ["a", "b"])
    assert joined.heads["a"].winners_as_is == {1: 4, 2: 5}
    assert joined.heads["a"].winners_reversed == {0: 1}
    assert joined.heads["a"].probability.samples == 80
    with pytest.raises(ValueError, match="different inputs"):
        first.merged(ChannelOrder(("other",), 1, 0, {}))


@pytest.mark.parametrize(
    ("shape", "share", "holds"),
    [
        ((64, 64, 3), 1.0, True),
        ((32, 32, 3), 0.2, True),
        ((32, 32, 3), 0.19, False),
        ((64, 64, 3), None, False),
        ((31, 64, 3), 1.0, False),
        ((64, 64, 1), 1.0, False),
        ((64, 64, 4), 1.0, False),
    ],
)
def test_which_inputs_hold_colour_images(
    shape: tuple[int, int, int], share: float | None, holds: bool
) -> None:
    statistics = build_statistics(channels=shape[2], non_zero_share=share)
    assert holds_colour_images(shape, statistics) is holds
    assert not holds_colour_images(shape, None)
    assert is_colour_shaped(shape) == (shape[2] == 3 and shape[0] >= 32)


@pytest.mark.parametrize(
    ("as_is", "turned", "kept"),
    [
        ({}, {}, 1.0),
        ({0: 5}, {3: 9}, 1.0),
        ({0: 5, 1: 5}, {0: 10}, 0.5),
        ({0: 10}, {0: 1, 1: 1, 2: 1}, 3.0),
        ({0: 7, 1: 7}, {0: 2, 4: 2}, 1.0),
    ],
)
def test_variety_is_an_effective_number_of_classes(
    as_is: dict[int, int], turned: dict[int, int], kept: float
) -> None:
    found = HeadConfidence(Confidence(), Confidence(), as_is, turned)
    assert found.kept_variety == pytest.approx(kept)


@pytest.mark.parametrize(
    ("samples", "gain", "spread", "is_settled"),
    [
        (16, 0.0, 0.01, True),
        (16, -0.3, 0.01, True),
        (16, 0.0, 0.3, False),  # three standard errors reach what would be told
        (16, 0.2, 0.01, False),
        (7, 0.0, 0.01, False),  # too few to know their spread
    ],
)
def test_more_samples_are_run_while_reversed_may_turn_out_surer(
    samples: int, gain: float, spread: float, is_settled: bool
) -> None:
    as_is = np.full(samples, 0.5)
    differences = gain * 0.5 + spread * np.where(np.arange(samples) % 2, 1, -1)
    found = Confidence.of(as_is, as_is + differences)
    order = ChannelOrder(
        (), samples, 0, {"head": HeadConfidence(Confidence.of(as_is, as_is), found)}
    )
    assert order.is_settled is is_settled
