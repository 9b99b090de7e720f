"""Scores that a host sorted, and logarithms of probabilities."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.device_outputs.conftest import Chips
from tests.device_outputs.networks import words
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials import logarithm, sorted_values

NETWORKS = pytest.mark.parametrize(
    "network", [pytest.param("fork", marks=pytest.mark.slow), "line"]
)
Array = NDArray[Any]
Change = Callable[[Array], Array]


def log(values: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.log(values)


def log_softmax(values: Array, axis: int = 3) -> Array:
    powers = np.exp(values - values.max(axis=axis, keepdims=True))
    return np.asarray(np.log(powers / powers.sum(axis=axis, keepdims=True)))


def of_frames(values: Array) -> Array:
    return -np.sort(-values.reshape(len(values), -1)).reshape(values.shape)


@NETWORKS
@pytest.mark.parametrize(
    "change",
    [
        lambda v: -np.sort(-v, axis=3) + v.std() * np.sin(np.arange(v.size)).reshape(v.shape),
        lambda v: -np.sort(-(v[..., ::-1] ** 2), axis=3),  # sorted, and of other values
        lambda v: -np.abs(v),  # no logarithms: they do not belong together
    ],
)
def test_other_values_are_neither_sorted_nor_logarithms(
    chips: Chips, tmp_path: Path, network: str, change: Change
) -> None:
    chip = chips(network)
    step = chip.said(tmp_path, {name: change(v) for name, v in chip.values().items()})
    assert not step.is_equal
    assert not {"values-sorted", "log-probabilities"} & set(words(step))


def expected(values: Array, activation: str = "linear") -> Expected:
    ones = np.ones(values.shape[3])
    codes = np.rint(values * 255) / 255
    return Expected(
        "net/output_layer1", (), (), codes.astype(np.float32), ones / 255, 0 * ones, 255, activation
    )


def test_few_values_lie_in_order_by_chance() -> None:
    random = np.random.default_rng(0)
    values = random.uniform(size=(3, 1, 1, 4))
    assert sorted_values.undone(expected(values), np.sort(values, axis=3)) is None
    values = random.uniform(size=(3, 1, 1, 9))
    assert sorted_values.undone(expected(values), np.full(values.shape, 0.5)) is None
    found = sorted_values.undone(expected(values), np.sort(expected(values).values, axis=3))
    assert found is not None and np.array_equal(found.values, expected(values).values)


@NETWORKS
@pytest.mark.parametrize("head", ["linear", "sigmoid"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda v: -np.sort(-v, axis=3), "the channels of every place lie from the largest"),
        (lambda v: np.sort(v, axis=3), "the channels of every place lie from the smallest"),
        (of_frames, "all values of every frame lie from the largest"),
    ],
)
def test_sorted_values(
    chips: Chips, tmp_path: Path, network: str, head: str, change: Change, said: str
) -> None:
    chip = chips(network, head)
    step = chip.said(tmp_path, {name: change(v) for name, v in chip.values().items()})
    assert words(step) == ["values-sorted"] and not step.is_equal
    assert said in step.reasons[0].evidence and step.reasons[0].after_db == np.inf


@NETWORKS
@pytest.mark.parametrize(
    ("head", "change", "said"),
    [
        ("linear", log_softmax, "the logarithms of a softmax"),
        ("linear", lambda v: log_softmax(v, 2), "the logarithms of a softmax over the width"),
        ("sigmoid", log, "the logarithms of a sigmoid"),
        ("sigmoid", lambda v: log(v + 1e-5), "the logarithms of a sigmoid"),
    ],
)
def test_logarithms_of_probabilities(
    chips: Chips, tmp_path: Path, network: str, head: str, change: Change, said: str
) -> None:
    chip = chips(network, head)
    step = chip.said(tmp_path, {name: change(v) for name, v in chip.values().items()})
    assert words(step) == ["log-probabilities"] and not step.is_equal
    assert step.reasons[0].evidence.endswith(said)


def test_what_is_0_has_an_infinite_logarithm() -> None:
    shares = np.zeros((4, 1, 1, 8))
    shares[..., 3] = 1.0
    found = logarithm.undone(expected(shares, "softmax"), log(shares))
    assert found is not None and np.array_equal(found.values, shares)
    assert logarithm.undone(expected(shares, "softmax"), shares) is None
