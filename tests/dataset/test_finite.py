"""Samples that cannot be computed with end the measurement, and are named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.dataset.test_calibration_set import (
    input_layer,
    npy,
    npz,
    samples,
    spoiled,
    two_inputs,
)
from utils.dataset.calibration_set import open_dataset
from utils.dataset.finite import finite_batches
from utils.errors import DatasetError


@pytest.mark.parametrize("dtype", ["u1", "<i4", "<f2", "<f4"])
def test_finite_data_pass_unchanged(tmp_path: Path, dtype: str) -> None:
    data = samples(10, dtype=dtype)
    calibration = open_dataset(npy(tmp_path, data), [input_layer()], 64)
    batches = [batch["net/input_layer1"] for batch in finite_batches(calibration, 4)]
    np.testing.assert_array_equal(np.concatenate(batches), data)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_bad_samples_end_the_measuring_and_are_all_named(tmp_path: Path, value: float) -> None:
    path = npy(tmp_path, spoiled((5, value), (6, value), (19, value)))
    calibration = open_dataset(path, [input_layer()], 64)
    yielded: list[object] = []
    with pytest.raises(DatasetError) as caught:
        yielded.extend(finite_batches(calibration, 4))
    assert len(yielded) == 1
    assert "3 of 20 samples" in caught.value.evidence
    assert "net/input_layer1: samples 5, 6 and 19, counted from 0" in str(caught.value)


@pytest.mark.parametrize("bad", [19, 20])
def test_samples_are_left_out_only_where_some_are_left(tmp_path: Path, bad: int) -> None:
    path = npy(tmp_path, spoiled(*[(index, np.nan) for index in range(bad)]))
    calibration = open_dataset(path, [input_layer()], 64)
    with pytest.raises(DatasetError) as caught:
        list(finite_batches(calibration, 8))
    assert ("leave out" in caught.value.remedy, bool(caught.value.command)) == (bad < 20,) * 2


def test_only_ten_are_listed(tmp_path: Path) -> None:
    path = npy(tmp_path, spoiled(*[(index, np.nan) for index in range(2, 15)]))
    calibration = open_dataset(path, [input_layer()], 64)
    with pytest.raises(DatasetError) as caught:
        list(finite_batches(calibration, 8))
    assert "13 of 20 samples" in str(caught.value)
    assert "samples 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more" in str(caught.value)


def test_samples_are_named_as_in_the_file(tmp_path: Path) -> None:
    calibration = open_dataset(npy(tmp_path, spoiled((10, np.nan))), [input_layer()], 5)
    with pytest.raises(DatasetError, match=r"in 1 of 5 samples; .*samples 10, counted from 0"):
        list(finite_batches(calibration, 2))


def test_samples_that_are_not_used_do_not_count(tmp_path: Path) -> None:
    calibration = open_dataset(npy(tmp_path, spoiled((4, np.nan))), [input_layer()], 5)
    assert sum(len(b["net/input_layer1"]) for b in finite_batches(calibration, 2)) == 5


def test_inputs_are_told_apart(tmp_path: Path) -> None:
    state = samples(20, (1, 1, 4))
    state[3] = np.inf
    path = npz(tmp_path, image=spoiled((3, np.nan), (7, np.nan)), state=state)
    calibration = open_dataset(path, two_inputs(), 64)
    with pytest.raises(DatasetError) as caught:
        list(finite_batches(calibration, 6))
    assert "2 of 20 samples" in caught.value.evidence
    assert "input_layer1: samples 3 and 7; net/input_layer2: samples 3," in str(caught.value)
