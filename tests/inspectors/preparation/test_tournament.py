"""Which preparation is named, and that its line makes the data into those of the calibration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inspectors.preparation.judged import Prepared, prepared_inputs
from inspectors.preparation.seen import seen_at
from inspectors.preparation.tournament import Hypothesis, hypotheses, sampling_error
from inspectors.preparation.views import views
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.har.samples import DIRECTORY
from tests.inspectors.preparation.lines import Array, after
from utils.facts.input_preparations import Preparation, preparations

RANDOM = np.random.default_rng(12)
PICTURES = natural_images(160, 40, 40, seed=5).astype(np.float64)  # of a red tint
CALIBRATED, OTHERS = PICTURES[:64], PICTURES[64:]
BALANCED = np.concatenate([PICTURES, PICTURES[..., ::-1]])[::2]
ROWS = RANDOM.normal(RANDOM.uniform(-2, 2, 40), RANDOM.uniform(0.5, 3, 40), (128, 1, 1, 40))
IMAGENET = np.array([[123.675, 116.28, 103.53], [58.395, 57.12, 57.375]])


def judged(given: Array, calibrated: Array, script: str | None = None) -> Prepared:
    model = input_model(given, script=script, stored={"input_layer1": statistics_of(calibrated)})
    return prepared_inputs(sampled(given, model=model))["net/input_layer1"]


def recipe(given: Array, calibrated: Array) -> Hypothesis | None:
    return judged(given, calibrated).recipe


def same(found: Hypothesis | None, given: Array, right: Array) -> bool:
    """Whether a line restores an array, but for what nobody could tell apart."""
    if found is None:
        return False
    restored = after(found.line, given)
    # 255 and 257 are one to the eye; the channels of balanced colours are alike.
    return bool(np.abs(restored - right).max() <= 0.012 * np.ptp(right))


@pytest.mark.parametrize(
    ("given", "calibrated"),
    [
        (CALIBRATED, CALIBRATED),
        (OTHERS, CALIBRATED),
        (OTHERS / 255, CALIBRATED / 255),
        (OTHERS[:8], CALIBRATED),
        (ROWS[64:], ROWS[:64]),
        (ROWS[64:] * 1.5, ROWS[:64]),
        (ROWS[64:] * 30 + 40, ROWS[:64]),
        (natural_images(64, 40, 40, seed=9, kinds=6), BALANCED),
        (OTHERS * 0.2, CALIBRATED),  # at night
        (OTHERS, CALIBRATED * 0.2),
        (OTHERS * 0.36, CALIBRATED),  # near 100 / 255, but the ends differ
        (RANDOM.integers(0, 256, (64, 40, 40, 3)), CALIBRATED),
        (RANDOM.standard_normal((64, 40, 40, 3)), CALIBRATED),
        (np.zeros((64, 40, 40, 3)), CALIBRATED),
        (np.full((64, 40, 40, 3), 7.0), CALIBRATED),
        (OTHERS, np.zeros((64, 40, 40, 3))),
    ],
)
def test_nothing_is_made_up(given: Array, calibrated: Array) -> None:
    assert recipe(given, calibrated) is None


@pytest.mark.parametrize(
    ("given", "calibrated", "line"),
    [
        (OTHERS, CALIBRATED / 255, "x = x / 255"),
        (OTHERS.astype(np.uint8), CALIBRATED / 255, "x = x / 255"),
        (OTHERS / 255, CALIBRATED, "x = x * 255.0"),
        (OTHERS.astype(np.uint16) * 257, CALIBRATED, "x = x / 257"),
        (OTHERS.astype(np.uint16) * 257, CALIBRATED / 255, "x = x / 65535"),
        (OTHERS / 255 / 255, CALIBRATED, "x = x * 65025.0"),
        (OTHERS / 2.55, CALIBRATED / 255, "x = x / 100"),
        (OTHERS / 2.55, CALIBRATED, "x = x * 2.55"),
        (OTHERS / 127.5 - 1, CALIBRATED, "x = (x + 1.0) * 127.5"),
        (OTHERS / 127.5 - 1, CALIBRATED / 255, "x = (x + 1.0) / 2"),
        (OTHERS, CALIBRATED / 127.5 - 1, "x = x / 127.5 - 1"),
        ((OTHERS - 128).astype(np.int8), CALIBRATED, "x = x.astype(np.float32) + 128"),
        (
            (OTHERS - IMAGENET[0]) / IMAGENET[1],
            CALIBRATED,
            "x = x * [58.395, 57.12, 57.375] + [123.675, 116.28, 103.53]",
        ),
        (
            OTHERS,
            (CALIBRATED - IMAGENET[0]) / IMAGENET[1],
            "x = (x - [123.675, 116.28, 103.53]) / [58.395, 57.12, 57.375]",
        ),
        (
            OTHERS / 255,
            (CALIBRATED - IMAGENET[0]) / IMAGENET[1],
            "x = (x - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]",
        ),
        (OTHERS[..., ::-1], CALIBRATED, "x = x[..., ::-1]"),
        (OTHERS[..., ::-1] / 255, CALIBRATED, "x = x[..., ::-1] * 255.0"),
        (ROWS[64:] * 255, ROWS[:64], "x = x / 255"),
        (ROWS[64:] / 255, ROWS[:64], "x = x * 255.0"),
    ],
)
def test_named(given: Array, calibrated: Array, line: str) -> None:
    found = recipe(given, calibrated)
    assert found is not None
    assert found.line == line


def heat(seed: int) -> Array:
    """Pictures in degrees Celsius."""
    warmth = OTHERS[..., :1] / 12 + 10
    made: Array = np.roll(warmth, seed, axis=1).astype(np.float32)
    return made


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (heat(9) + 273.15, "x = x.astype(np.float32) - 273.15"),
        ((heat(9) + 273.15) * 100, "x = (x.astype(np.float32) - 27315) / 100"),
        (heat(9) * 1.8 + 32, "x = (x.astype(np.float32) - 32) / 1.8"),
    ],
)
def test_units_with_another_zero(given: Array, line: str) -> None:
    found = recipe(given, heat(0))
    assert found is not None
    assert found.line == line
    names: dict[str, Any] = {"np": np, "x": given}
    exec(found.line, names)
    np.testing.assert_allclose(names["x"], heat(9), atol=1e-2)
    back = recipe(heat(9), given)
    assert back is not None
    names["x"] = heat(9)
    exec(back.line, names)
    np.testing.assert_allclose(names["x"], given, rtol=1e-3)


def test_pixels_have_no_such_unit() -> None:
    """Haze over grey pictures is no other thermometer."""
    grey = OTHERS[..., :1] / 3
    assert recipe((grey * 1.8 + 32).astype(np.uint8), grey.astype(np.uint8)) is None
    assert recipe(grey * 2.3 + 32, grey) is None


def test_colours_that_are_balanced_do_not_tell_their_order() -> None:
    """The simplest of what cannot be told apart."""
    found = recipe(BALANCED[80:, ..., ::-1] / 255, BALANCED[:80])
    assert found is not None
    assert found.line == "x = x * 255.0"
    assert recipe(BALANCED[80:, ..., ::-1], BALANCED[:80]) is None


def test_the_constants_of_the_script_are_tried() -> None:
    script = "n = normalization([90.0, 80.0, 70.0], [20.0, 40.0, 60.0])\n"
    mean, std = np.array([90.0, 80.0, 70.0]), np.array([20.0, 40.0, 60.0])
    found = judged((OTHERS - mean) / std, CALIBRATED, script).recipe
    assert found is not None
    assert found.line == "x = x * [20.0, 40.0, 60.0] + [90.0, 80.0, 70.0]"
    assert "the constants of the model script" in found.said


def test_all_values_of_16_bit_pixels_are_multiples() -> None:
    """255 is told from 257 by the values, not by their statistics."""
    found = recipe(OTHERS * 255, CALIBRATED)
    assert found is not None
    assert found.line == "x = x / 255"


def applied(done: Preparation, right: Array) -> Array:
    return np.asarray(right * np.array(done.factor) + np.array(done.offset))


# Black and white are taken to be exchanged in letters only: see test_inverted.py.
UNDONE = [each for each in preparations(3, of_pictures=True)[1:] if not each.inverted_at]


@pytest.mark.parametrize("done", UNDONE, ids=lambda each: each.done)
def test_whatever_was_done_to_pictures_is_undone(done: Preparation) -> None:
    """On the very samples of the calibration, so that nothing but the preparation differs."""
    if done.to_white:
        given = CALIBRATED * done.to_white / 255
        right = after(f"x = {done.undo.format(x='x')}", given)
    else:
        right = CALIBRATED * (done.from_white or 255) / 255
        given = applied(done, right)
    found = recipe(given, right)
    assert same(found, given, right), (found and found.line, done.undo)


@pytest.mark.parametrize("done", preparations(3, of_pictures=True), ids=lambda each: each.done)
def test_constants_that_fit_as_well_are_the_same_to_every_layer(done: Preparation) -> None:
    """No layer behind the input could tell apart what its mean and its spread do not.

    Each is one step by channel, so these two numbers say what it makes of every value: two that
    come as near to the calibration differ in all values by no more than chance does.
    """
    right, others = (pictures * (done.from_white or 255) / 255 for pictures in (CALIBRATED, OTHERS))
    given = applied(done, others)
    model = input_model(given, stored={"input_layer1": statistics_of(right)})
    seen = seen_at(sampled(given, model=model), model.network["net/input_layer1"])
    assert seen is not None
    as_given = [view for view in views(seen) if not view.done]
    compared = hypotheses(as_given, preparations(3, of_pictures=True), statistics_of(right))
    error = sampling_error(seen, len(right))
    assert error < 0.2
    least = min(each.distance for each in compared)
    near = [each.line for each in compared if each.distance <= least + error]
    assert near
    ends = np.stack([each(given, axis=(0, 1, 2)) for each in (np.min, np.max)])
    restored = np.stack([after(line, ends) for line in near])
    farthest = np.abs(restored - restored[:1]).max(axis=(0, 1)) / right.std(axis=(0, 1, 2))
    reach = np.ptp(right, axis=(0, 1, 2)) / right.std(axis=(0, 1, 2))
    assert (farthest <= 2 * error * (1 + reach)).all(), near


def test_pictures_of_other_scenes_are_not_explained() -> None:
    """Of light, contrast and tint that differ at random."""
    random = np.random.default_rng(3)
    for seed in range(40):
        one, other = (
            255
            * (natural_images(32, 40, 40, seed=s, kinds=5) / 255) ** np.exp(random.normal(0, 0.5))
            + random.normal(0, 10, 3)
            for s in (2 * seed + 100, 2 * seed + 101)
        )
        found = judged(np.clip(one, 0, 255), np.clip(other, 0, 255))
        assert found.recipe is None or found.recipe.is_reversal
        assert not found.is_scrambled


@pytest.mark.parametrize("name", ["jets_sparse_64x32x32x3", "ids_flows_99x1x1x80"])
@pytest.mark.parametrize("factor", [255.0, 1 / 255, 100.0, 257.0, 65535.0])
def test_real_data_that_are_no_pictures(name: str, factor: float) -> None:
    path = DIRECTORY.parent / "calib" / f"{name}.npy"
    if not path.is_file():
        pytest.skip(f"no sample data {path}")
    samples = np.load(path, allow_pickle=False).astype(np.float64)
    half = len(samples) // 2
    assert recipe(samples[half:], samples[:half]) is None
    found = recipe(samples * factor, samples)
    assert same(found, samples * factor, samples)
