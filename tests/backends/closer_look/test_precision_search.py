"""The search against brute force on synthetic noise that adds up at the outputs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.backends.closer_look.precision_search import MAX_TRIALS, smallest_set

TARGET = 20.0


class AdditiveNoise:
    """Outputs with signal 1 at which every layer at 8 bit adds noise of its own."""

    def __init__(self, noise: Mapping[str, Sequence[float]]) -> None:
        self.noise = noise
        self.outputs = len(next(iter(noise.values())))
        self.asked: list[tuple[str, ...]] = []

    @property
    def ranking(self) -> list[str]:
        return sorted(self.noise, key=lambda name: -max(self.noise[name]))

    def __call__(self, layers: Sequence[str]) -> dict[str, float]:
        self.asked.append(tuple(layers))
        left = [n for name, n in self.noise.items() if name not in layers]
        sums = [math.fsum(row[i] for row in left) for i in range(self.outputs)]
        return {f"out{i}": -10 * math.log10(s) if s else math.inf for i, s in enumerate(sums)}

    def reaches(self, layers: Sequence[str]) -> bool:
        return all(snr >= TARGET for snr in self(layers).values())

    def fewest(self) -> int:
        """Size of the smallest set that reaches the target, by trying all."""
        sizes = range(len(self.noise) + 1)
        return next(n for n in sizes if any(map(self.reaches, combinations(self.noise, n))))


def noises(outputs: int) -> st.SearchStrategy[AdditiveNoise]:
    row = st.lists(st.floats(1e-4, 0.05), min_size=outputs, max_size=outputs)
    rows = st.lists(row, min_size=1, max_size=7)
    return rows.map(lambda found: AdditiveNoise({f"conv{i}": r for i, r in enumerate(found)}))


def at_target(found: Mapping[str, float]) -> bool:
    return all(snr >= TARGET for snr in found.values())


@given(noises(outputs=1))
def test_at_one_output_the_set_is_the_smallest_there_is(model: AdditiveNoise) -> None:
    if model.reaches(()):
        return
    found = smallest_set(model.ranking, model, at_target)
    assert found.reached
    assert model.reaches(found.layers)
    assert len(found.layers) == model.fewest()


@given(noises(outputs=2))
def test_at_several_outputs_no_layer_can_be_left_out(model: AdditiveNoise) -> None:
    found = smallest_set(model.ranking, model, at_target)
    assert found.reached
    assert found.minimal
    assert dict(found.after) == model(found.layers)
    assert model.reaches(found.layers)
    for name in found.layers:
        assert not model.reaches([other for other in found.layers if other != name])
    assert len(found.layers) >= model.fewest()


@given(noises(outputs=2))
def test_no_set_is_emulated_twice(model: AdditiveNoise) -> None:
    found = smallest_set(model.ranking, model, at_target)
    asked = [frozenset(layers) for layers in model.asked]
    assert len(asked) == len(set(asked)) == found.trials


def test_layers_that_another_output_needs_are_found_behind_those_it_does_not() -> None:
    model = AdditiveNoise({"a": (0.05, 0.0), "b": (0.04, 0.0), "c": (0.0, 0.02), "d": (0.001, 0.0)})
    found = smallest_set("a b c d".split(), model, at_target)
    assert found.layers == ("a", "b", "c")


def test_what_a_wrong_ranking_puts_first_is_left_out_again() -> None:
    model = AdditiveNoise({"a": [1e-5], "b": [1e-5], "c": [0.5], "d": [1e-5]})
    assert smallest_set("a b c d".split(), model, at_target).layers == ("c",)


def test_a_target_out_of_reach_says_the_best() -> None:
    model = AdditiveNoise({"a": [0.1], "b": [0.2]})
    found = smallest_set(["a"], model, at_target)
    assert not found.reached
    assert found.layers == ("a",)
    assert found.after["out0"] == pytest.approx(-10 * math.log10(0.2))
    assert found.trials == 1


@pytest.mark.parametrize("reached", [True, False])
def test_no_candidates(reached: bool) -> None:
    found = smallest_set([], lambda layers: {"out0": 30.0 if reached else 5.0}, at_target)
    assert found.layers == ()
    assert found.reached is reached


def test_trials_are_bounded() -> None:
    model = AdditiveNoise({f"conv{i}": [0.02] for i in range(300)})
    found = smallest_set(model.ranking, model, at_target)
    assert found.trials == len(model.asked) == MAX_TRIALS
    assert found.reached
    assert not found.minimal
    assert model.reaches(found.layers)


def test_candidates_are_handed_over_in_the_order_of_the_ranking() -> None:
    model = AdditiveNoise({f"conv{i}": [0.02] for i in range(9)})
    ranking = ["conv3", "conv1", "conv3", *model.ranking]
    smallest_set(ranking, model, at_target)
    order = list(dict.fromkeys(ranking))
    for layers in model.asked:
        assert list(layers) == [name for name in order if name in layers]
