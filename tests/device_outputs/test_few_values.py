"""Outputs of a few values, such as scores of three classes: some sample is near to any of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks.float_graph import FloatGraph
from tests.device_outputs import networks
from tests.device_outputs.networks import Arrays, Chip, normalized, words
from tests.fixtures.natural_images import natural_images


def few(head: str, constants: networks.Constants, values: int = 3) -> FloatGraph:
    """A network with an output of three values, or of another number."""
    net = FloatGraph("few", np.random.default_rng(6))
    last = net.add_conv("conv1", normalized(net, (16, 16, 3), constants), 3, 8, stride=2)
    net.add_output(net.add_dense("fc1", last, values, head))
    return net


@pytest.fixture(scope="module")
def chip(tmp_path_factory: pytest.TempPathFactory) -> Chip:
    networks.NETWORKS["few"] = few
    try:
        return networks.chip("few", tmp_path_factory.mktemp("few"))
    finally:
        del networks.NETWORKS["few"]


def taken(chip: Chip, order: np.ndarray) -> Arrays:
    return {name: values[order] for name, values in chip.values().items()}


def test_right_results_are_in_no_other_order(chip: Chip, tmp_path: Path) -> None:
    step = chip.said(tmp_path, chip.values())
    assert step.is_equal and not step.reasons


def test_samples_that_are_alike_have_results_that_are_alike(chip: Chip, tmp_path: Path) -> None:
    twice = chip.with_samples({n: np.repeat(v[::4], 4, axis=0) for n, v in chip.samples.items()})
    assert twice.said(tmp_path, twice.values()).is_equal


@pytest.mark.parametrize(
    ("order", "word", "said"),
    [
        (np.full(12, 11), "repeated", "all 12 frames hold the result for sample 11"),
        (np.zeros(12, int), "not-renewed", "all 12 frames hold the result for sample 0"),
        (np.arange(12) // 3 * 3 + 2, "repeated", "8 of 12 frames hold the result for another"),
        (np.arange(12) // 3 * 3, "not-renewed", "8 of 12 frames hold the result for another"),
        (np.arange(12)[::-1], "reordered", "the frames lie backwards"),
        (np.array(sorted(range(12), key=str)), "reordered", "the frames lie as text sorts"),
    ],
)
def test_few_values_tell_rows_of_frames_and_known_orders(
    chip: Chip, tmp_path: Path, order: np.ndarray, word: str, said: str
) -> None:
    step = chip.said(tmp_path, taken(chip, order))
    assert words(step) == [word]
    assert step.reasons[0].evidence.startswith(said)


def test_runs_that_are_equal_by_chance_are_told_apart(chip: Chip, tmp_path: Path) -> None:
    """Of coarse codes two samples far apart may have the same."""
    alike = np.array([0, 1, 2, 3, 4, 5, 6, 7, 2, 9, 10, 11])
    some = chip.with_samples({name: values[alike] for name, values in chip.samples.items()})
    step = some.said(tmp_path, taken(some, np.arange(12) // 3 * 3 + 2))
    assert words(step) == ["repeated"]
    assert step.reasons[0].evidence.startswith("8 of 12 frames hold the result for another")


def test_results_of_no_sample_at_all_are_not_named_after_one(chip: Chip, tmp_path: Path) -> None:
    encoding = chip.model.encoding(chip.outputs[0])
    assert encoding
    values = {n: np.zeros_like(v) + encoding.scales * 37 for n, v in chip.values().items()}
    step = chip.said(tmp_path, values)
    assert not step.is_equal
    assert not {"repeated", "not-renewed", "reordered"} & set(words(step))


@pytest.mark.parametrize(("kept", "word"), [(1, None), (2, "not-renewed"), (4, "not-renewed")])
def test_many_rows_of_frames_are_told_by_one_value(
    tmp_path: Path, kept: int, word: str | None
) -> None:
    """Such as an angle, or a count."""
    networks.NETWORKS["one"] = partial(few, values=1)
    try:
        chip = networks.chip("one", tmp_path, samples=natural_images(40, 16, 16, seed=5))
    finally:
        del networks.NETWORKS["one"]
    step = chip.said(tmp_path, taken(chip, np.arange(40) // kept * kept))
    assert words(step) == ([word] if word else [])
    assert step.is_equal is (word is None)
