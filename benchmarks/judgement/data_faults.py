"""Faults of samples: how they were prepared, and where: for all, for calibration, or as given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.judgement.situation import CALIBRATED, Expected, Samples, Situation, expected
from benchmarks.judgement.tasks import Task

Array = NDArray[Any]
Change = Callable[[Array], Array]

# What follows from ranges that do not fit the samples.
RANGES = "values-beyond-range range-saturates accumulator-saturates dead-channels unused-range"
OUTCOMES = "output-snr-low decisions-change output-constant nothing-decided"
SEEN = f"{RANGES} {OUTCOMES} abnormal-preactivation"


def of_all(situation: Situation, change: Change) -> None:
    """Prepare all samples so: those of the calibration, those given, those on the chip."""
    _change_calibration(situation, change)
    if situation.given is not None:
        situation.given = _first_changed(situation.given, change)
    situation.deployed = lambda samples: _first_changed(samples, change)


def of_calibration(situation: Situation, change: Change) -> None:
    """Prepare the samples of the calibration so; what is given and deployed is right."""
    situation.given = situation.data
    _change_calibration(situation, change)


def of_given(situation: Situation, change: Change) -> None:
    """Prepare what is given and deployed so; the archive is right."""
    situation.given = _first_changed(situation.data, change)
    situation.deployed = lambda samples: _first_changed(samples, change)


def _change_calibration(situation: Situation, change: Change) -> None:
    situation.calibration = _first_changed(situation.calibration, change)


def _first_changed(samples: Samples, change: Change) -> Samples:
    return [np.ascontiguousarray(change(samples[0])), *samples[1:]]


def of_set(situation: Situation, change: Change) -> None:
    """Change what calibration saw, which is given as well; what is deployed is right."""
    _change_calibration(situation, change)
    situation.given = None


PLACES = {"all": of_all, "set": of_set, "calibration": of_calibration, "given": of_given}


def is_pictures(task: Task) -> bool:
    """Whether the first input takes pictures that the chip normalizes."""
    return task.is_pictures and bool(task.graph.on_chip_normalizations)


def is_values(task: Task) -> bool:
    """Whether the inputs take prepared values."""
    return not task.is_pictures


def is_flows(task: Task) -> bool:
    """Whether the columns have ranges of their own; standardized ones cannot be told apart."""
    return task.graph.name == "flows"


def normalized(situation: Situation) -> Change:
    """The normalization of the chip, done on the host."""
    (name, *_) = situation.graph.on_chip_normalizations
    arrays = situation.graph.arrays[name]
    kernel, bias = arrays["kernel"].reshape(-1).copy(), arrays["bias"].copy()
    return lambda x: (x * kernel + bias).astype(np.float32)


def divided(situation: Situation) -> Change:
    """From 0..255 to 0..1."""
    return lambda x: (x / np.float32(255)).astype(np.float32)


def symmetric(situation: Situation) -> Change:
    """From 0..255 to -1..1."""
    return lambda x: (x / np.float32(127.5) - 1).astype(np.float32)


def reversed_colours(situation: Situation) -> Change:
    """BGR for RGB, or the reverse."""
    return lambda x: x[..., ::-1]


def scrambled(situation: Situation) -> Change:
    """Channels first, reshaped into the shape of channels last."""
    return lambda x: np.ascontiguousarray(x.transpose(0, 3, 1, 2)).reshape(x.shape)


def cast(situation: Situation) -> Change:
    """Normalized on the host, then cast to bytes."""
    prepare = normalized(situation)
    return lambda x: prepare(x).astype(np.int32).astype(np.uint8)


def dark(situation: Situation) -> Change:
    """As at night."""
    factor = situation.random.uniform(0.1, 0.6)
    return lambda x: (x * factor).round().astype(x.dtype)


def boxed(situation: Situation) -> Change:
    """Shrunk in one direction, with grey bars beside."""
    return _letterboxed


def _letterboxed(x: Array) -> Array:
    side = x.shape[1]
    small, around = x[:, ::2], side // 4
    bars = np.full((len(x), around, *x.shape[2:]), 114, x.dtype)
    return np.concatenate([bars, small, bars], 1)


def noise(situation: Situation) -> Change:
    """Random numbers of the range of pixels, or from 0 to 1, or normal ones."""
    seed = int(situation.random.integers(1 << 30))
    # Normal numbers have the moments of standardized values, so nobody could tell them apart.
    kind = situation.one_of("pixels", "unit", "normal") if situation.task.is_pictures else "unit"

    def made(x: Array) -> Array:
        random = np.random.default_rng(seed)
        if kind == "pixels":
            return random.integers(0, 256, x.shape).astype(np.uint8)
        if kind == "unit":
            return random.random(x.shape).astype(np.float32)
        return random.standard_normal(x.shape).astype(np.float32)

    return made


def zeros(situation: Situation) -> Change:
    """Nothing but zeros."""
    return np.zeros_like


def in_other_units(situation: Situation) -> Change:
    """All values times one factor, as in another unit."""
    factor = np.float32(situation.one_of(100.0, 10.0, 1000.0, 0.1, 0.01, 1 / 255, 255.0))
    return lambda x: x * factor


def other_columns(situation: Situation) -> Change:
    """The columns of a table in another order."""
    channels = situation.calibration[0].shape[-1]
    order = situation.random.permutation(channels)
    return lambda x: x[..., order]


def mixed_scales(situation: Situation) -> Change:
    """Every second sample from 0 to 1, the others from 0 to 255."""

    def changed(x: Array) -> Array:
        made = x.astype(np.float32)
        made[::2] /= 255
        return made

    return changed


def with_extremes(situation: Situation) -> Change:
    """A few samples far larger than all others."""
    factor = np.float32(situation.random.uniform(6, 60))
    count = int(situation.random.integers(1, 4))

    def changed(x: Array) -> Array:
        made = x.astype(np.float32)
        made[:count] *= factor
        return made

    return changed


def few(situation: Situation) -> Change:
    """A handful of samples instead of many."""
    count = int(situation.random.integers(1, 9))
    return lambda x: x[:count]


def copies(situation: Situation) -> Change:
    """A handful of samples, again and again."""
    count = int(situation.random.integers(1, 9))
    return lambda x: np.concatenate([x[:count]] * (CALIBRATED // count + 1))[: len(x)]


def without_normalization(situation: Situation) -> None:
    """Leave the normalization out of the script, and prepare nothing on the host."""
    for name in situation.graph.on_chip_normalizations:
        situation.graph.without(name)


def in_unit_range(situation: Situation) -> None:
    """State mean and deviation for 0..1, where pixels are 0..255."""
    (name, *_) = situation.graph.on_chip_normalizations
    kernel = situation.graph.arrays[name]["kernel"].reshape(-1)
    mean = -situation.graph.arrays[name]["bias"] / kernel / 255
    situation.graph.set_normalization(name, mean.tolist(), (1 / kernel / 255).tolist())


def _prepared(make: Callable[[Situation], Change], place: str, situation: Situation) -> None:
    PLACES[place](situation, make(situation))


DIFFERS = "dataset-differs calibration-costs"
TWICE = "data-normalized-twice calibration-dtype"
NOT_SO = "data-not-normalized calibration-narrow-range normalization-unusual"
Makes = Callable[[Situation], Change]

_PICTURES: Sequence[tuple[str, Makes, str, str, str]] = (
    # kind, what makes the samples, where, true ids, partly true ids
    ("divided", divided, "all", TWICE, f"{NOT_SO} {SEEN}"),
    ("divided", divided, "calibration", f"{TWICE} {DIFFERS}", f"{NOT_SO} {SEEN}"),
    ("divided", divided, "given", f"{TWICE} dataset-differs", f"{NOT_SO} {SEEN}"),
    ("normalized", normalized, "all", TWICE, f"{NOT_SO} {SEEN}"),
    ("normalized", normalized, "calibration", f"{TWICE} {DIFFERS}", f"{NOT_SO} {SEEN}"),
    ("normalized", normalized, "given", f"{TWICE} dataset-differs", f"{NOT_SO} {SEEN}"),
    ("symmetric", symmetric, "all", TWICE, f"{NOT_SO} {SEEN}"),
    ("symmetric", symmetric, "given", f"{TWICE} dataset-differs", f"{NOT_SO} {SEEN}"),
    ("bgr", reversed_colours, "all", "channels-look-swapped", SEEN),
    ("bgr", reversed_colours, "given", "channels-look-swapped dataset-differs", SEEN),
    ("bgr", reversed_colours, "calibration", f"channels-look-swapped {DIFFERS}", SEEN),
    ("scrambled", scrambled, "all", "calibration-scrambled", f"calibration-noise {SEEN}"),
    ("scrambled", scrambled, "given", "calibration-scrambled", f"dataset-differs {SEEN}"),
    ("cast", cast, "all", "calibration-dtype", f"{TWICE} {NOT_SO} {SEEN}"),
    ("dark", dark, "calibration", DIFFERS, f"calibration-narrow-range {SEEN}"),
    ("dark", dark, "given", "dataset-differs", f"calibration-narrow-range {SEEN}"),
    ("letterbox", boxed, "given", "dataset-differs", SEEN),
    ("noise", noise, "all", "calibrated-on-noise calibration-noise", f"{TWICE} {SEEN}"),
    ("noise", noise, "given", "calibration-noise dataset-differs", f"{TWICE} {SEEN}"),
    ("mixed scales", mixed_scales, "set", "calibration-mixed-scales", f"{DIFFERS} {SEEN}"),
)
_VALUES: Sequence[tuple[str, Makes, str, str, str]] = (
    ("other units", in_other_units, "calibration", DIFFERS, f"{TWICE} {SEEN}"),
    ("other units", in_other_units, "given", "dataset-differs", f"{TWICE} {SEEN}"),
    ("noise", noise, "given", f"dataset-differs calibration-noise {TWICE}", SEEN),
)
_FLOWS: Sequence[tuple[str, Makes, str, str, str]] = (
    ("other columns", other_columns, "given", "dataset-differs", SEEN),
    ("other columns", other_columns, "calibration", DIFFERS, SEEN),
)
_ANY: Sequence[tuple[str, Makes, str, str, str]] = (
    ("noise", noise, "calibration", f"calibrated-on-noise {DIFFERS}", SEEN),
    ("zeros", zeros, "calibration", f"calibrated-on-constant {DIFFERS}", SEEN),
    (
        "zeros",
        zeros,
        "given",
        "calibration-constant-sample calibration-constant-input dataset-differs",
        SEEN,
    ),
    # Its step asks for a calibration on more samples.
    ("few", few, "calibration", f"{DIFFERS} calibration-too-few values-beyond-range", SEEN),
    ("copies", copies, "set", f"calibration-duplicates {DIFFERS}", SEEN),
    (
        "extremes",
        with_extremes,
        "calibration",
        f"few-samples-decide calibration-sentinel {DIFFERS}",
        f"coarse-channels noise-diffuse low-snr {SEEN}",
    ),
)
Fault = tuple[str, Callable[[Task], bool], Callable[[Situation], Expected]]


def _fault(row: tuple[str, Makes, str, str, str], fits: Callable[[Task], bool]) -> Fault:
    kind, make, place, true, part = row

    def apply(situation: Situation) -> Expected:
        _prepared(make, place, situation)
        return expected(true, part)

    return (f"{kind}/{place}", fits, apply)


def _scripted(
    change: Callable[[Situation], None], true: str, part: str, situation: Situation
) -> Expected:
    change(situation)
    return expected(true, part)


_ABSENT = "normalization-missing data-not-normalized"
DATA_FAULTS: Mapping[str, Fault] = {
    name: (name, fits, apply)
    for name, fits, apply in (
        *(_fault(row, is_pictures) for row in _PICTURES),
        *(_fault(row, is_values) for row in _VALUES),
        *(_fault(row, is_flows) for row in _FLOWS),
        *(_fault(row, lambda task: True) for row in _ANY),
        (
            "normalization/missing",
            is_pictures,
            partial(_scripted, without_normalization, _ABSENT, f"dead-channels {SEEN}"),
        ),
        (
            "normalization/unit range",
            is_pictures,
            partial(
                _scripted,
                in_unit_range,
                "normalization-in-unit-range",
                f"{_ABSENT} {NOT_SO} {SEEN}",
            ),
        ),
    )
}
