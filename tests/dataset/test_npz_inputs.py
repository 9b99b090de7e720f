"""Which arrays of an npz file are taken for which inputs, and what is said of that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.dataset.recipes.examples import (
    LEFT,
    RIGHT,
    SERIES,
    VECTOR,
    layers,
    numbers,
)
from utils.dataset.calibration_set import CalibrationSet, open_dataset
from utils.dataset.input_names import match_names
from utils.errors import DatasetError

ROWS, TIMES = numbers(VECTOR), numbers(SERIES)


def opened(path: Path, count: int = 1, **arrays: Any) -> CalibrationSet:
    np.savez(path / "calib.npz", **arrays)
    return open_dataset(str(path / "calib.npz"), layers(VECTOR, SERIES)[:count], 64)


def read(calibration: CalibrationSet, name: str = LEFT) -> Any:
    return np.concatenate([batch[name] for batch in calibration.batches(4)])


def test_the_only_array_of_the_right_shape_is_taken_and_that_is_said(tmp_path: Path) -> None:
    calibration = opened(tmp_path, data=ROWS, label=np.zeros(6), names=np.array(["a"] * 6))
    np.testing.assert_array_equal(read(calibration), ROWS)
    path = tmp_path / "calib.npz"
    assert calibration.notes == (
        f"{path}: took data, the only array of the input's shape",
        f"{path}: ignored label and names, as no input takes it",
    )
    assert calibration.inputs[LEFT].array == "data"


def test_several_inputs_take_no_array_by_its_shape(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="Name the arrays after the inputs: a as input_layer1"):
        opened(tmp_path, 2, b=TIMES, a=ROWS)


def test_an_input_behind_a_conversion_is_right_beside_one_that_is_not(tmp_path: Path) -> None:
    np.savez(tmp_path / "calib.npz", input_layer1=ROWS[..., :9], input_layer2=TIMES[:, 0])
    with pytest.raises(DatasetError) as caught:
        open_dataset(str(tmp_path / "calib.npz"), layers(VECTOR, SERIES), 64, {LEFT: (1, 1, 9)})
    assert LEFT not in caught.value.evidence
    assert RIGHT in caught.value.evidence
    assert 'x = f["input_layer1"]; new["input_layer1"] = x; ' in caught.value.command


def test_names_under_another_scope_are_taken_and_that_is_said(tmp_path: Path) -> None:
    calibration = opened(tmp_path, 2, **{"old/input_layer1": ROWS, "input_layer2": TIMES})
    assert calibration.notes == (f"{tmp_path}/calib.npz: took old/input_layer1 for {LEFT}",)
    np.testing.assert_array_equal(read(calibration), ROWS)


def test_a_name_under_two_scopes_tells_nothing() -> None:
    names = ("a/input_layer1", "b/input_layer1", "c/input_layer2")
    assert match_names(names, layers(VECTOR, SERIES)) == {RIGHT: "c/input_layer2"}


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({}, "holds no arrays"),
        ({"train": ROWS, "test": ROWS[:3]}, "such as train"),
        ({"test": ROWS[:3], "train": ROWS}, "such as train"),
        (
            {"train": ROWS[..., :2], "test": ROWS[..., :1]},
            r"holds train \(6, 1, 1, 2\) and test \(6, 1, 1, 1\); missing: net/input_layer1",
        ),
    ],
)
def test_what_is_said_where_none_is_taken(
    tmp_path: Path, arrays: dict[str, Any], said: str
) -> None:
    with pytest.raises(DatasetError, match=said):
        opened(tmp_path, **arrays)
