"""Folders of npy files and files of raw values as calibration sets."""

from __future__ import annotations

import subprocess
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.dataset.refusals import as_finding
from tests.fixtures.picture_folders import input_layer
from utils.dataset.calibration_set import CalibrationSet, open_dataset
from utils.dataset.read_as import ReadAs
from utils.errors import DatasetError
from utils.har.network import Layer, Shape

NAME = "net/input_layer1"
SHAPE: Shape = (2, 3, 3)
ROWS = np.arange(12 * 18, dtype=np.float32).reshape(12, *SHAPE)
LAYERS = [input_layer(SHAPE), input_layer(SHAPE, "net/input_layer2")]


def opened(path: Path, layer: Layer | None = None, **decided: Any) -> CalibrationSet:
    return open_dataset(str(path), [layer or input_layer(SHAPE)], 1000, read_as=ReadAs(**decided))


def values(calibration: CalibrationSet, batch_size: int = 5) -> NDArray[Any]:
    return np.concatenate([batch[NAME] for batch in calibration.batches(batch_size)])


def save_all(folder: Path, arrays: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for index, array in enumerate(arrays):
        np.save(folder / f"{index:03d}.npy", array)
    return folder


@pytest.mark.parametrize(
    "arrays",
    [list(ROWS), list(ROWS[:, None]), [ROWS[:5], ROWS[5:6], ROWS[6:]], [ROWS]],
    ids=["one sample a file", "batches of one", "batches", "one file"],
)
def test_a_folder_of_npy_files_is_their_samples_by_name(tmp_path: Path, arrays: Any) -> None:
    calibration = opened(save_all(tmp_path / "calib", arrays))
    assert (calibration.samples, calibration.kind) == (12, "folder of npy files")
    assert calibration.for_compiler == str(tmp_path / "calib")
    np.testing.assert_array_equal(values(calibration), ROWS)
    chosen = np.array([1, 4, 5, 6, 11])
    read = [batch[NAME] for batch in calibration.batches(2, chosen)]
    assert [len(batch) for batch in read] == [2, 2, 1]
    np.testing.assert_array_equal(np.concatenate(read), ROWS[chosen])


def test_samples_are_named_by_file_and_place(tmp_path: Path) -> None:
    calibration = opened(save_all(tmp_path / "calib", [ROWS[:2], ROWS[2:3]]))
    assert calibration.names == ("000.npy[0]", "000.npy[1]", "001.npy")
    assert opened(save_all(tmp_path / "one", [ROWS])).named(3) == "3"


@pytest.mark.parametrize("dtype", ["u1", ">i2", "<f2", "<f8"])
def test_types_come_native_and_mixed_ones_lose_nothing(tmp_path: Path, dtype: str) -> None:
    calibration = opened(save_all(tmp_path, [ROWS[0].astype(dtype), ROWS[1].astype("u1")]))
    read = values(calibration)
    assert read.dtype == np.result_type(np.dtype(dtype).newbyteorder("="), np.uint8)
    np.testing.assert_array_equal(read, ROWS[:2])


def test_arrays_of_different_shapes_are_told_with_their_files(tmp_path: Path) -> None:
    folder = save_all(tmp_path, [ROWS[0], ROWS[1, :1], ROWS[2]])
    with pytest.raises(DatasetError, match="different shapes") as caught:
        opened(folder)
    as_finding(caught.value)
    assert caught.value.finding_id == "calibration-shape"
    assert "000.npy (2, 3, 3); 001.npy (1, 3, 3)" in caught.value.evidence


def test_axes_that_do_not_fit_are_told_as_those_of_one_file(tmp_path: Path) -> None:
    folder = save_all(tmp_path, list(ROWS.transpose(0, 3, 1, 2)))
    with pytest.raises(DatasetError, match=r"transpose\(0, 2, 3, 1\)"):
        opened(folder)


def test_a_file_that_is_damaged_is_named(tmp_path: Path) -> None:
    folder = save_all(tmp_path, list(ROWS))
    (folder / "003.npy").write_bytes((folder / "003.npy").read_bytes()[:-3])
    with pytest.raises(DatasetError, match="is truncated") as caught:
        opened(folder)
    assert str(folder / "003.npy") in str(caught.value)


@pytest.mark.parametrize("layout", ["folders", "files"])
def test_several_inputs_have_folders_or_files_of_their_names(tmp_path: Path, layout: str) -> None:
    if layout == "folders":
        save_all(tmp_path / "input_layer1", list(ROWS))
        save_all(tmp_path / "input_layer2", [-ROWS])
    else:
        np.save(tmp_path / "input_layer1.npy", ROWS)
        np.save(tmp_path / "input_layer2.npy", -ROWS)
    batch = next(open_dataset(str(tmp_path), LAYERS, 64).batches(12))
    np.testing.assert_array_equal(batch[NAME], ROWS)
    np.testing.assert_array_equal(batch["net/input_layer2"], -ROWS)


def test_files_that_are_not_named_after_inputs_are_refused_with_their_names(tmp_path: Path) -> None:
    np.save(tmp_path / "left.npy", ROWS)
    np.save(tmp_path / "right.npy", -ROWS)
    with pytest.raises(DatasetError) as caught:
        open_dataset(str(tmp_path), LAYERS, 64)
    as_finding(caught.value)
    assert caught.value.finding_id == "calibration-input-names"
    assert "left.npy and right.npy" in caught.value.evidence
    subprocess.run(caught.value.command, shell=True, check=True)
    batch = next(open_dataset(str(tmp_path), LAYERS, 64).batches(12))
    np.testing.assert_array_equal(batch["net/input_layer2"], -ROWS)
    np.save(tmp_path / "third.npy", ROWS)
    (tmp_path / "input_layer1.npy").unlink()
    (tmp_path / "input_layer2.npy").rename(tmp_path / "second.npy")
    (tmp_path / "folder").mkdir()
    with pytest.raises(DatasetError) as caught:
        open_dataset(str(tmp_path), LAYERS, 64)
    assert "input_layer1 and input_layer2" in caught.value.remedy
    assert caught.value.command == ""


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
def test_raw_values_with_their_shape_and_type(tmp_path: Path, dtype: str) -> None:
    rows = ROWS.astype(dtype)
    rows.tofile(tmp_path / "x.bin")
    (tmp_path / "calib").mkdir()
    for index, sample in enumerate(rows):
        sample.tofile(tmp_path / "calib" / f"{index:02d}.raw")
    for path in (tmp_path / "x.bin", tmp_path / "calib"):
        calibration = opened(path, raw_shape=SHAPE, raw_type=dtype)
        assert (calibration.samples, calibration.kind) == (12, "raw values")
        read = values(calibration)
        assert read.dtype == dtype
        np.testing.assert_array_equal(read, rows)


@pytest.mark.parametrize("size", [0, 17, 19])
def test_raw_values_that_are_no_whole_samples_are_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "x.bin"
    path.write_bytes(bytes(size))
    with pytest.raises(DatasetError) as caught:
        opened(path, raw_shape=SHAPE)
    as_finding(caught.value)
    assert caught.value.finding_id == "calibration-shape"
    assert f"{size} bytes, a sample of 2 x 3 x 3 uint8 has 18" in caught.value.evidence


@pytest.mark.parametrize("name", ["x.bin", "calib/0.raw"])
def test_raw_values_without_a_shape_are_told_which_to_give(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes([255, 128, 0] * 6))
    with pytest.raises(DatasetError, match="stored nowhere") as caught:
        opened(path if name == "x.bin" else path.parent)
    assert "`--raw-shape 2,3,3 --raw-type uint8`" in caught.value.remedy


def test_memory_holds_batches_not_the_set(tmp_path: Path) -> None:
    shape = (64, 64, 3)
    np.zeros((400, *shape), np.uint8).tofile(tmp_path / "x.bin")
    calibration = opened(tmp_path / "x.bin", input_layer(shape), raw_shape=shape)
    tracemalloc.start()
    try:
        seen = sum(len(batch[NAME]) for batch in calibration.batches(4))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen == 400
    assert peak < 10 * 4 * 64 * 64 * 3 + 200_000  # of 4.9 MB
