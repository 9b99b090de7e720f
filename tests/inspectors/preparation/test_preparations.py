"""Every preparation and every order has a line that undoes it."""

from __future__ import annotations

import numpy as np
import pytest

from inspectors.preparation.judged import prepared_inputs
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.inspectors.preparation.lines import Array, after
from utils.dataset.layouts import AS_STORED, Layout, hidden_layouts
from utils.facts import input_preparations
from utils.facts.input_preparations import AS_IS, OWN, Preparation, preparations
from utils.facts.normalization_recipes import Recipe

OF_SCRIPT = Recipe("the model script", (10.0, 20.0, 30.0), (2.0, 4.0, 8.0))
ALL = preparations(3, OF_SCRIPT)
RANDOM = np.random.default_rng(1)


@pytest.mark.parametrize("done", ALL, ids=lambda each: each.done)
def test_undone(done: Preparation) -> None:
    right = np.random.default_rng(1).uniform(0, 255, (2, 4, 4, 3))
    given = right * np.array(done.factor) + np.array(done.offset)
    restored = after(f"x = {done.undo.format(x='x')}", given)
    # Of 25,500 and more, as in hundredths, float32 holds 0.002.
    assert restored == pytest.approx(right, rel=1e-4, abs=4e-3)


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")  # on the way, of float16
@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "float16"])
def test_lines_do_not_overflow(dtype: str) -> None:
    given = np.array([[[[0, 1, 100]]]], dtype)
    for done in ALL:
        expected = (given.astype(np.float64) - np.array(done.offset)) / np.array(done.factor)
        if dtype != "float16" or np.abs(expected).max() < 60_000:
            found = after(f"x = {done.undo.format(x='x')}", given)
            assert found == pytest.approx(expected, rel=5e-3, abs=0.2), done.done


def test_what_is_as_it_is_comes_first_and_costs_nothing() -> None:
    assert ALL[0] is AS_IS
    assert AS_IS.penalty == 0
    assert all(each.penalty > 0 for each in ALL[1:])


def test_none_is_there_twice() -> None:
    assert OWN == ()  # the tool's users fill it
    assert len({each.done for each in ALL}) == len(ALL)
    assert len({each.undo for each in ALL}) == len(ALL)


@pytest.mark.parametrize("channels", [1, 2, 80])
def test_constants_for_three_colours_are_for_three_channels(channels: int) -> None:
    assert all(each.fits(channels) for each in preparations(channels))
    assert not any("ImageNet" in each.done for each in preparations(channels))


@pytest.mark.parametrize("shape", [(32, 32, 3), (40, 48, 4), (16, 16, 16), (16, 20, 16), (9, 8, 8)])
def test_readings_are_their_lines(shape: tuple[int, int, int]) -> None:
    array = RANDOM.random((2, *shape))
    layouts = hidden_layouts(shape)
    assert layouts
    for layout in (AS_STORED, *layouts):
        found = after(f"x = {layout.expression}", array)
        assert found.shape == array.shape
        assert np.array_equal(found, layout.read(array))


@pytest.mark.parametrize(
    "shape", [(32, 32, 1), (1, 1, 80), (1, 200, 6), (16, 20, 12), (7, 7, 7), (4, 32, 4)]
)
def test_shapes_that_hide_nothing(shape: tuple[int, int, int]) -> None:
    assert hidden_layouts(shape) == ()


def moved(layout: Layout, array: Array) -> Array:
    return layout.read(array)


def test_the_mistakes_of_scripts_are_undone() -> None:
    pictures = RANDOM.random((4, 32, 48, 3))
    scrambled = pictures.transpose(0, 3, 1, 2).reshape(-1, 32, 48, 3)
    assert np.array_equal(moved(hidden_layouts((32, 48, 3))[0], scrambled), pictures)
    cube = RANDOM.random((4, 16, 16, 16))
    assert np.array_equal(moved(hidden_layouts((16,) * 3)[0], cube.transpose(0, 3, 1, 2)), cube)


def test_one_of_your_own_is_tried_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """As docs/development.md shows it."""
    own = Preparation("in feet instead of metres", "{x} / 3.28084", (3.28084,))
    monkeypatch.setattr(input_preparations, "OWN", (own,))
    lengths = RANDOM.uniform(-3, 3, (64, 1, 1, 12))
    model = input_model(lengths, stored={"input_layer1": statistics_of(lengths)})
    found = prepared_inputs(sampled(lengths * 3.28084, model=model))["net/input_layer1"].recipe
    assert found is not None
    assert found.line == "x = x / 3.28084"
    assert found.said == "in feet instead of metres"
