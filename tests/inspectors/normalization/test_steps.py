from __future__ import annotations

import numpy as np
import pytest

from inspectors.normalization.steps import NormalizationStep, complaint, doubled, joined
from utils.har.statistics import ChannelStatistics

RNG = np.random.default_rng(3)


def statistics_of(data: np.ndarray) -> ChannelStatistics:
    return ChannelStatistics(
        data.min(axis=0), data.max(axis=0), data.mean(axis=0), (data**2).mean(axis=0), len(data)
    )


def step(mean: object, std: object, **others: object) -> NormalizationStep:
    return NormalizationStep(tuple(mean), tuple(std), **others)  # type: ignore[arg-type]


def test_statistics_are_those_of_the_normalized_data() -> None:
    data = RNG.normal(100.0, 40.0, (500, 3))
    mean, std = np.array([123.0, 0.0, -5.0]), np.array([58.0, 255.0, -2.0])
    expected = statistics_of((data - mean) / std)
    found = step(mean, std).applied(statistics_of(data))
    assert found is not None
    for name in ("minimum", "maximum", "mean", "energy"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-9)


def test_several_in_a_row_are_one() -> None:
    data = RNG.uniform(0.0, 255.0, (100, 2))
    steps = [step((0, 0), (255, 255)), step((0.5, 0.4), (0.2, 0.3)), step((1, -1), (-2, 3))]
    expected = data
    for each in steps:
        expected = (expected - np.array(each.mean)) / np.array(each.std)
    whole = joined(steps)
    assert whole is not None
    np.testing.assert_allclose((data - np.array(whole.mean)) / np.array(whole.std), expected)


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [step((0,), (0,))],
        [step((0, 0), (1,))],
        [step((), ())],
        [step((0,), (float("nan"),))],
        [step((0,), (1,)), step((0, 0), (1, 1))],
        [step((0,), (1,)), step((), ())],
    ],
)
def test_what_cannot_be_computed(steps: list[NormalizationStep]) -> None:
    assert joined(steps) is None


def test_constants_for_other_channels_are_not_applied() -> None:
    assert step((0,), (1,)).applied(statistics_of(np.zeros((2, 3)))) is None


@pytest.mark.parametrize(
    ("entry", "channels", "word"),
    [
        (step((0,) * 3, (255,) * 3, line=1), {3}, ""),
        (step((0,) * 3, (255,) * 3, line=1), {3, 4}, ""),
        (step((0,) * 3, (255,) * 3, line=1), set(), ""),
        (step((103.94, 116.78, 123.68), (1, 1, 1), line=1), {3}, ""),
        (step((0,) * 3, (-1,) * 3, layers=("a",)), {3}, ""),  # 1 - x in the network itself
        (step((), (), layers=("a",)), {3}, ""),  # no constants stored
        (step((0,) * 4, (255,) * 3, line=1), {3}, "4 means and 3 standard deviations"),
        (step((0,), (255,), line=1), {3}, "1 channel, the input has 3"),
        (step((0,) * 3, (255,) * 3, line=1), {1}, "3 channels"),
        (step((0,) * 4, (255,) * 3, line=1), {3}, "Give 3 means and 3 standard deviations"),
        (step((0,) * 4, (255,) * 3, line=1), {3, 4}, "Give one mean and one standard deviation"),
        (step((127,) * 3, (128,) * 3, line=1), {3}, ""),  # either way round a recipe
        (step((57.0,), (123.0,), line=1), {1}, ""),
        (step((58.395, 57.12, 57.375), (123.675, 116.28, 103.53), layers=("a",)), {3}, ""),
        (step((58.395, 57.12, 57.375), (123.675, 116.28, 103.53), line=1), {3}, "Swap"),
        (step((0.229, 0.224, 0.225), (0.485, 0.456, 0.406), line=1), {3}, "Swap"),
        (step((255,) * 3, (0,) * 3, line=1), {3}, "Swap"),
        (step((0,) * 3, (255, 0, 255), line=1), {3}, "0"),
        (step((0,) * 3, (255, -1, 255), line=1), {3}, "-1"),
        (step((0,) * 2, (255,) * 3, line=1, not_numbers=("abc",)), {3}, "abc is not a number"),
        (step((), (), line=1, not_numbers=()), {3}, "0 channels"),
        (step((103.53, 116.28, 123.675), (58.395, 57.12, 57.375), line=1), {3}, "BGR"),
        (step((103.53, 116.28, 123.675), (58.395, 57.12, 57.375), layers=("a",)), {3}, "BGR"),
    ],
)
def test_what_is_wrong_with_constants(
    entry: NormalizationStep, channels: set[int], word: str
) -> None:
    found = complaint(entry, frozenset(channels))
    assert (found is not None) is bool(word)
    assert found is None or word in f"{found.reason}; {found.remedy}"


RGB, UNITS = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)), ((0.5,) * 3, (0.5,) * 3)
DIVIDE, IDENTITY = ((0.0,) * 3, (255.0,) * 3), ((0.0,) * 3, (1.0,) * 3)
MEAN_ONLY, OTHER = ((104.0, 117.0, 123.0), (1.0,) * 3), ((7.0,) * 3, (9.0,) * 3)


@pytest.mark.parametrize(
    ("constants", "repeats"),
    [
        ([], False),
        ([RGB], False),
        ([DIVIDE, UNITS], False),
        ([MEAN_ONLY, DIVIDE], False),
        ([IDENTITY, RGB], False),
        ([RGB, IDENTITY], False),
        ([RGB, OTHER], False),
        ([OTHER, DIVIDE], False),
        ([DIVIDE, ((), ())], False),
        ([DIVIDE, ((0.0,), (255.0, 255.0))], False),
        ([DIVIDE, DIVIDE], True),
        ([RGB, RGB], True),
        ([RGB, UNITS], True),
        ([UNITS, UNITS], True),
        ([DIVIDE, RGB], True),
        ([RGB, DIVIDE], True),
        ([MEAN_ONLY, RGB], True),
        ([OTHER, DIVIDE, DIVIDE], True),
    ],
)
def test_two_recipes_that_normalize_the_same_data(
    constants: list[tuple[tuple[float, ...], tuple[float, ...]]], repeats: bool
) -> None:
    steps = [step(mean, std, line=index + 1) for index, (mean, std) in enumerate(constants)]
    assert doubled(steps) == (tuple(steps[-2:]) if repeats else None)
