from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import inspectors
from inspectors.calibration import CalibrationInspector
from tests.fixtures.builders import build_context
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet

Array = NDArray[Any]
RANDOM = np.random.default_rng(7)
# Divided pixels of much contrast, whose mean and variance are near those of random numbers.
PICTURES = np.clip(natural_images(64, 48, 48) / 100 - 0.7, 0, 1)
# As tf.image.per_image_standardization leaves pictures of one channel.
_GREY = natural_images(64, 48, 48)[..., :1].astype(np.float64)
STANDARDIZED = (_GREY - _GREY.mean((1, 2, 3), keepdims=True)) / _GREY.std((1, 2, 3), keepdims=True)


def equalized(picture: Array) -> Array:
    """As cv2.equalizeHist leaves it: every grey level about as often as any other."""
    counted = np.bincount(picture.astype(np.int64).ravel(), minlength=256).cumsum()
    first = counted[counted > 0][0]
    levels = np.rint((counted - first) / (picture.size - first) * 255)
    return np.asarray(levels[picture.astype(np.int64)])


EQUALIZED = np.stack([equalized(picture) for picture in _GREY])
SCRIPT = "model_optimization_config(calibration, calibset_size={})\n"


def uniform(*shape: int, samples: int = 64) -> Array:
    return RANDOM.random((samples, *shape))


def ids(*calibrated: Array, script: str | None = None) -> list[tuple[str, str, tuple[str, ...]]]:
    stored = {f"input_layer{n}": statistics_of(array) for n, array in enumerate(calibrated, 1)}
    context = build_context(input_model(*calibrated, script=script, stored=stored))
    result = inspectors.run(CalibrationInspector, context)
    assert (str(result.skipped or ""), result.crashed) == ("", "")
    return [(f.id, f.severity.label, f.layers) for f in result.findings]


FOUND = [("calibrated-on-noise", "error", ("net/input_layer1",))]


@quiet("calibrated-on-noise")
@pytest.mark.parametrize(
    "calibrated",
    [
        PICTURES,
        RANDOM.standard_normal((64, 1, 1, 80)),
        uniform(1, 1, 80) * 0.95,
        uniform(1, 1, 80) * 2 - 1,
        uniform(48, 48, 3) * 200,
        uniform(1, 1, 80) * 255,  # tables are scaled by design
        RANDOM.standard_normal((64, 48, 48, 3)) * 0.97,
        STANDARDIZED,
        EQUALIZED,
        RANDOM.beta(2, 2, (64, 48, 48, 3)),  # the same mean, another variance
        RANDOM.beta(1.1, 1.1, (64, 48, 48, 3)),
        RANDOM.integers(0, 2, (64, 1, 1, 80)),
        uniform(1, 1, 15),  # a few features may be uniform
        uniform(1, 1, 80) * np.where(np.arange(80) < 6, 0.5, 1.0),  # 92.5 % of the channels
    ],
)
def test_quiet(calibrated: Array) -> None:
    assert ids(calibrated) == []


@loud("calibrated-on-noise")
@pytest.mark.parametrize(
    "calibrated",
    [
        uniform(1, 1, 80),
        uniform(1, 1, 16),
        uniform(48, 48, 3),
        uniform(224, 224, 1, samples=8),
        uniform(1, 1, 80, samples=1024),
        uniform(1, 1, 80) * np.where(np.arange(80) < 4, 0.5, 1.0),  # 95 %
        uniform(48, 48, 3) * 255,
        uniform(48, 48, 3) * 2 - 1,
        RANDOM.integers(0, 256, (64, 48, 48, 3)),
        RANDOM.standard_normal((64, 48, 48, 3)),
        RANDOM.standard_normal((64, 224, 224, 1)),
    ],
)
def test_random_numbers(calibrated: Array) -> None:
    script = SCRIPT.format(len(calibrated))
    assert ids(calibrated, script=script) == FOUND


def test_fewer_samples_are_allowed_more_chance() -> None:
    few = uniform(1, 1, 80, samples=8)
    assert ids(few) == []
    assert ids(few, script=SCRIPT.format(8)) == FOUND


@pytest.mark.parametrize(
    ("shape", "low", "high", "is_found"),
    [
        ((16, 40, 3), 0, 255, True),
        ((16, 40, 3), -1, 1, False),  # features, scaled by design
        ((16, 40, 1), 0, 255, False),  # one channel may be equalized
        ((1, 40, 3), 0, 255, False),  # a table
    ],
)
def test_small_pictures_hold_no_random_grey_levels(
    shape: tuple[int, ...], low: float, high: float, *, is_found: bool
) -> None:
    given = RANDOM.uniform(low, high, (64, *shape))
    assert (ids(given) == FOUND) is is_found
    assert ids(natural_images(64, 16, 40) if shape[2] == 3 else given * 0.9) == []


def test_only_the_inputs_concerned_are_named() -> None:
    assert ids(PICTURES, uniform(1, 1, 80))[0][2] == ("net/input_layer2",)
    assert ids(uniform(8, 8, 4), uniform(1, 1, 80))[0][2] == (
        "net/input_layer1",
        "net/input_layer2",
    )


@quiet("calibrated-on-noise")
@loud("calibrated-on-noise")
@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives(name: str) -> None:
    found = inspectors.run(CalibrationInspector, build_context(sample_model(name))).findings
    is_random = name in ("ids_mlp_logits_randomcalib_q8", "ids_mlp_sigmoid_compiled")
    assert [(f.id, f.severity.label) for f in found] == (
        [("calibrated-on-noise", "error")] if is_random else []
    )


@pytest.mark.parametrize(
    ("given", "dataset"),
    [
        (RANDOM.standard_normal((64, 1, 1, 80)), "set.npz"),
        (uniform(1, 1, 80), "CALIBSET.npy"),
        (None, "CALIBSET.npy"),
    ],
    ids=["real", "random as well", "none"],
)
def test_the_command_takes_the_data_given_unless_these_are_random_too(
    given: Array | None, dataset: str
) -> None:
    calibrated = uniform(1, 1, 80)
    model = input_model(calibrated, stored={"input_layer1": statistics_of(calibrated)})
    context = build_context(model) if given is None else sampled(given, model=model)
    (found,) = [f for f in CalibrationInspector().inspect(context) if f.id == FOUND[0][0]]
    assert found.command == (
        f"hailo optimize PARSED.har --hw-arch hailo8 --calib-set-path {dataset}"
    )


@pytest.mark.parametrize("is_scrambled", [False, True])
def test_nobody_quantizes_on_pictures_in_another_order(*, is_scrambled: bool) -> None:
    calibrated = RANDOM.uniform(0, 255, (64, 64, 64, 3)).astype(np.float32)
    model = input_model(calibrated, stored={"input_layer1": statistics_of(calibrated)})
    given = natural_images(64, 64, 64)
    if is_scrambled:
        given = given.transpose(0, 3, 1, 2).reshape(given.shape)
    found = {f.id: f for f in CalibrationInspector().inspect(sampled(given, model=model))}
    dataset = "CALIBSET.npy" if is_scrambled else "set.npz"
    assert found["calibrated-on-noise"].command.endswith(f"--calib-set-path {dataset}")
    # Random numbers of an archive are like pictures whose channels were mixed.
    assert found["calibration-scrambled"].holds_for_any_calibration is is_scrambled


@pytest.mark.parametrize(("factor", "dataset"), [(1.0, "set.npz"), (0.001, "CALIBSET.npy")])
def test_nor_on_a_file_of_which_another_input_is_wrong(factor: float, dataset: str) -> None:
    noise, depth = uniform(64, 64, 3) * 255, 1000 + 20.0 * natural_images(64, 64, 64, seed=3)
    stored = {"input_layer1": statistics_of(noise), "input_layer2": statistics_of(depth)}
    model = input_model(noise, depth, stored=stored)
    given = sampled(natural_images(64, 64, 64), depth * factor, model=model)
    (found,) = [f for f in CalibrationInspector().inspect(given) if f.id == FOUND[0][0]]
    assert found.layers == ("net/input_layer1",)
    assert found.command.endswith(f"--calib-set-path {dataset}")


@quiet("calibrated-on-constant")
def test_inputs_that_may_be_constant() -> None:
    """A second input is a mask or a state as often as not."""
    assert ids(PICTURES) == []
    assert ids(PICTURES, np.zeros((64, 1, 1, 80))) == []
    assert ids(PICTURES * np.array([1.0, 0.0, 0.0])) == []


@loud("calibrated-on-constant")
@pytest.mark.parametrize(
    "calibrated",
    [np.zeros((64, 48, 48, 3)), np.full((64, 48, 48, 3), 114.0), np.zeros((64, 1, 1, 80))],
)
def test_constants(calibrated: Array) -> None:
    assert ids(calibrated) == [("calibrated-on-constant", "error", ("net/input_layer1",))]
