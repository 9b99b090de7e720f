"""Faults of samples: how they were prepared, and where: for all, for calibration, or as given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from benchmarks.judgement import preparations as made
from benchmarks.judgement.preparations import Change
from benchmarks.judgement.situation import Expected, Samples, Situation, expected
from benchmarks.judgement.tasks import Task

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
    """Another first input, and the others for as many samples as it still has."""
    first = np.ascontiguousarray(change(samples[0]))
    return [first, *(other[: len(first)] for other in samples[1:])]


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


def is_normalized_values(task: Task) -> bool:
    """Whether the chip normalizes values that are no pictures."""
    return is_values(task) and bool(task.graph.on_chip_normalizations)


def is_flows(task: Task) -> bool:
    """Whether the columns have ranges of their own; standardized ones cannot be told apart."""
    return task.graph.name == "flows"


def _prepared(make: Callable[[Situation], Change], place: str, situation: Situation) -> None:
    PLACES[place](situation, make(situation))


DIFFERS = "dataset-differs calibration-costs"
EMPTY = "calibration-constant-sample"
TWICE = "data-normalized-twice calibration-dtype"
NOT_SO = "data-not-normalized calibration-narrow-range normalization-unusual"
Makes = Callable[[Situation], Change]

_PICTURES: Sequence[tuple[str, Makes, str, str, str]] = (
    # kind, what makes the samples, where, true ids, partly true ids
    ("divided", made.divided, "all", TWICE, f"{NOT_SO} {SEEN}"),
    ("divided", made.divided, "calibration", f"{TWICE} {DIFFERS}", f"{NOT_SO} {SEEN}"),
    ("divided", made.divided, "given", f"{TWICE} dataset-differs", f"{NOT_SO} {SEEN}"),
    ("normalized", made.normalized, "all", TWICE, f"{NOT_SO} {SEEN}"),
    ("normalized", made.normalized, "calibration", f"{TWICE} {DIFFERS}", f"{NOT_SO} {SEEN}"),
    ("normalized", made.normalized, "given", f"{TWICE} dataset-differs", f"{NOT_SO} {SEEN}"),
    ("symmetric", made.symmetric, "all", TWICE, f"{NOT_SO} {SEEN}"),
    ("symmetric", made.symmetric, "given", f"{TWICE} dataset-differs", f"{NOT_SO} {SEEN}"),
    ("bgr", made.reversed_colours, "all", "channels-look-swapped", SEEN),
    ("bgr", made.reversed_colours, "given", "channels-look-swapped dataset-differs", SEEN),
    ("bgr", made.reversed_colours, "calibration", f"channels-look-swapped {DIFFERS}", SEEN),
    ("scrambled", made.scrambled, "all", "calibration-scrambled", f"calibration-noise {SEEN}"),
    ("scrambled", made.scrambled, "given", "calibration-scrambled", f"dataset-differs {SEEN}"),
    ("cast", made.cast, "all", "calibration-dtype", f"{TWICE} {NOT_SO} {EMPTY} {SEEN}"),
    ("dark", made.dark, "calibration", DIFFERS, f"calibration-narrow-range {SEEN}"),
    ("dark", made.dark, "given", "dataset-differs", f"calibration-narrow-range {SEEN}"),
    ("grey", made.grey, "given", "dataset-differs", SEEN),
    ("grey", made.grey, "calibration", DIFFERS, SEEN),
    ("16 bit", made.deep, "all", "calibration-dtype data-not-normalized", f"{NOT_SO} {SEEN}"),
    ("16 bit", made.deep, "given", "calibration-dtype dataset-differs", f"{NOT_SO} {SEEN}"),
    ("signed", made.signed, "all", f"{TWICE} {NOT_SO}", SEEN),
    ("signed", made.signed, "given", f"{TWICE} {NOT_SO} dataset-differs", SEEN),
    ("luma", made.luma, "all", "calibration-colour-space", SEEN),
    ("luma", made.luma, "given", "calibration-colour-space dataset-differs", SEEN),
    ("luma", made.luma, "calibration", f"calibration-colour-space {DIFFERS}", SEEN),
    ("coarse", made.coarse, "given", "dataset-differs", SEEN),
    ("letterbox", made.boxed, "given", "dataset-differs", SEEN),
    ("noise", made.noise, "all", "calibrated-on-noise calibration-noise", f"{TWICE} {SEEN}"),
    ("noise", made.noise, "given", "calibration-noise dataset-differs", f"{TWICE} {SEEN}"),
    ("mixed scales", made.mixed_scales, "set", "calibration-mixed-scales", f"{DIFFERS} {SEEN}"),
)
_VALUES: Sequence[tuple[str, Makes, str, str, str]] = (
    ("other units", made.in_other_units, "calibration", DIFFERS, f"{TWICE} {SEEN}"),
    ("other units", made.in_other_units, "given", "dataset-differs", f"{TWICE} {SEEN}"),
    ("noise", made.noise, "given", f"dataset-differs calibration-noise {TWICE}", SEEN),
)
_FLOWS: Sequence[tuple[str, Makes, str, str, str]] = (
    ("other columns", made.other_columns, "given", "dataset-differs", SEEN),
    ("other columns", made.other_columns, "calibration", DIFFERS, SEEN),
)
_ANY: Sequence[tuple[str, Makes, str, str, str]] = (
    ("noise", made.noise, "calibration", f"calibrated-on-noise {DIFFERS}", SEEN),
    ("zeros", made.zeros, "calibration", f"calibrated-on-constant {DIFFERS}", SEEN),
    (
        "zeros",
        made.zeros,
        "given",
        "calibration-constant-sample calibration-constant-input dataset-differs",
        SEEN,
    ),
    # Its step asks for a calibration on more samples.
    ("few", made.few, "calibration", f"{DIFFERS} calibration-too-few values-beyond-range", SEEN),
    ("copies", made.copies, "set", f"calibration-duplicates {DIFFERS}", SEEN),
    (
        "extremes",
        made.with_extremes,
        "calibration",
        f"few-samples-decide calibration-sentinel range-out-of-reach {DIFFERS}",
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
_FAULTS: Sequence[Fault] = (
    *(_fault(row, is_pictures) for row in _PICTURES),
    *(_fault(row, is_values) for row in _VALUES),
    *(_fault(row, is_flows) for row in _FLOWS),
    *(_fault(row, lambda task: True) for row in _ANY),
    (
        "normalization/missing",
        is_pictures,
        partial(_scripted, made.without_normalization, _ABSENT, f"dead-channels {SEEN}"),
    ),
    (
        "far from 0",
        is_normalized_values,
        partial(_scripted, made.far_from_zero, "channel-without-codes", f"{TWICE} {NOT_SO} {SEEN}"),
    ),
    (
        "normalization/unit range",
        is_pictures,
        partial(
            _scripted,
            made.in_unit_range,
            "normalization-in-unit-range",
            f"{_ABSENT} {NOT_SO} {SEEN}",
        ),
    ),
)
DATA_FAULTS: Mapping[str, Fault] = {fault[0]: fault for fault in _FAULTS}
