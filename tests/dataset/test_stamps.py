"""Data that change while they are read end the pass; reading never maps a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.fixtures.builders import build_layer
from utils.dataset.calibration_set import CalibrationSet, open_dataset
from utils.errors import DatasetError

SAMPLES = np.arange(12 * 4 * 4 * 3, dtype=np.float32).reshape(12, 4, 4, 3)
INPUT = build_layer("input_layer1", shape=(4, 4, 3))
CHANGED = "The data changed while they were read"


def opened(path: Path) -> CalibrationSet:
    return open_dataset(str(path), [INPUT], 64)


def saved(path: Path, kind: str) -> Path:
    """The samples in one of the forms that are read by their places."""
    if kind == "folder":
        path.mkdir()
        for index, sample in enumerate(SAMPLES):
            np.save(path / f"{index:02}.npy", sample)
        return path
    if kind == "npz":
        path = path.with_suffix(".npz")
        np.savez(path, SAMPLES)
        return path
    path = path.with_suffix(".npy")
    np.save(path, np.asfortranarray(SAMPLES) if kind == "fortran" else SAMPLES)
    return path


KINDS = ["npy", "fortran", "npz", "folder"]


@pytest.mark.parametrize("kind", KINDS)
def test_data_that_stay_are_read_as_they_are(tmp_path: Path, kind: str) -> None:
    calibration = opened(saved(tmp_path / "data", kind))
    for _ in range(2):
        batches = [batch[INPUT.name] for batch in calibration.batches(5)]
        assert [len(batch) for batch in batches] == [5, 5, 2]
        np.testing.assert_array_equal(np.concatenate(batches), SAMPLES)
    chosen = np.array([1, 2, 7, 11])
    (batch,) = calibration.batches(8, chosen)
    np.testing.assert_array_equal(batch[INPUT.name], SAMPLES[chosen])
    assert batch[INPUT.name].flags.c_contiguous


def shorter(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def same_shape(path: Path) -> None:
    np.save(path, SAMPLES + 1)
    os.utime(path, ns=(1, 1))


def other_shape(path: Path) -> None:
    np.save(path, SAMPLES.reshape(4, 12, 4, 3))


def other_type(path: Path) -> None:
    np.save(path, SAMPLES.astype(complex))


def another_file(path: Path) -> None:
    np.save(path.with_name("other.npy"), SAMPLES)
    os.replace(path.with_name("other.npy"), path)


def gone(path: Path) -> None:
    path.unlink()


CHANGES = [shorter, same_shape, other_shape, other_type, another_file, gone]


@pytest.mark.parametrize("kind", ["npy", "fortran"])
@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_between_batches_ends_the_pass(
    tmp_path: Path, kind: str, change: Callable[[Path], None]
) -> None:
    path = saved(tmp_path / "data", kind)
    batches = opened(path).batches(4)
    next(batches)
    change(path)
    with pytest.raises(DatasetError, match=CHANGED):
        next(batches)


@pytest.mark.parametrize("kind", ["npz", "folder"])
def test_every_form_is_watched(tmp_path: Path, kind: str) -> None:
    path = saved(tmp_path / "data", kind)
    batches = opened(path).batches(4)
    next(batches)
    shorter(path if path.is_file() else path / "11.npy")
    with pytest.raises(DatasetError, match=CHANGED):
        list(batches)


def test_files_beside_the_samples_may_change(tmp_path: Path) -> None:
    path = saved(tmp_path / "data", "folder")
    batches = opened(path).batches(4)
    next(batches)
    (tmp_path / "notes.log").write_text("written meanwhile")
    (path / "notes.log").write_text("written meanwhile")
    assert len(list(batches)) == 2
