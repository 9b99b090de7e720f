"""The samples as a file for the compiler: `--save-dataset`."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import main
from diagnosis import saved_dataset
from diagnosis.inputs import Inputs
from diagnosis.saved_dataset import check_saved_path
from tests.command.running import logged
from tests.fixtures.builders import build_layer, build_model
from tests.fixtures.picture_folders import input_layer, save_pictures
from tests.har.archives import write_small
from utils.dataset.calibration_set import open_dataset
from utils.errors import UsageError
from utils.options.options import Options, parse_options

PICTURES = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_pictures(tmp_path / "calib", PICTURES)


def run(*argv: str) -> int:
    har = write_small(Path("small.har"))
    return main.main(["-d", "calib", "--quick", "--no-interactive", *argv, har])


def test_all_samples_are_written_as_one_array() -> None:
    assert run("--save-dataset", "calib.npy") == 0
    np.testing.assert_array_equal(np.load("calib.npy"), PICTURES)
    assert "Wrote 20 samples: calib.npy" in logged()
    assert sorted(path.name for path in Path().glob("*.npy")) == ["calib.npy"]
    assert list(Path().glob(".*.tmp")) == []


def test_as_many_as_asked_for_evenly_spread() -> None:
    assert run("--save-dataset", "calib.npy", "-c", "3") == 0
    np.testing.assert_array_equal(np.load("calib.npy"), PICTURES[[0, 10, 19]])


def test_no_more_than_the_compiler_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_dataset, "MOST_SAVED", 5)
    assert run("--save-dataset", "calib.npy") == 0
    np.testing.assert_array_equal(np.load("calib.npy"), PICTURES[[0, 5, 10, 14, 19]])


def test_what_exists_is_not_overwritten_unasked() -> None:
    Path("calib.npy").write_text("mine")
    assert run("--save-dataset", "calib.npy") == 0
    assert Path("calib.npy").read_text() == "mine"
    np.testing.assert_array_equal(np.load("calib_1.npy"), PICTURES)


def test_a_folder_that_does_not_exist_is_told_before_anything_is_measured() -> None:
    assert run("--save-dataset", "nowhere/calib.npy") == 2
    assert "there is no folder nowhere; create it first" in logged()


def test_data_that_are_refused_leave_no_file() -> None:
    assert run("--save-dataset", "calib.npy", "-d", "absent") == 2
    assert not Path("calib.npy").exists()


def test_data_that_turn_out_damaged_leave_no_half_file() -> None:
    broken = Path("calib/0011.png")
    broken.write_bytes(broken.read_bytes()[:-40])
    assert run("--save-dataset", "calib.npy") == 2
    assert not Path("calib.npy").exists()
    assert list(Path().glob(".*.tmp")) == []


def test_one_input_may_go_into_an_npz() -> None:
    assert run("--save-dataset", "calib.npz") == 0
    (array,) = np.load("calib.npz").values()
    np.testing.assert_array_equal(array, PICTURES)


def test_several_inputs_go_into_an_npz_and_are_read_back() -> None:
    layers = [input_layer((8, 8, 3)), input_layer((8, 8, 3), "net/input_layer2")]
    save_pictures(Path("both/input_layer1"), PICTURES)
    save_pictures(Path("both/input_layer2"), PICTURES[::-1])
    stream = io.BytesIO()
    saved_dataset._write_npz(stream, open_dataset("both", layers, 4))
    Path("both.npz").write_bytes(stream.getvalue())
    (batch,) = open_dataset("both.npz", layers, 4).batches(4)
    np.testing.assert_array_equal(batch["net/input_layer1"], PICTURES[[0, 6, 13, 19]])
    np.testing.assert_array_equal(batch["net/input_layer2"], PICTURES[[19, 13, 6, 0]])


def test_several_inputs_want_a_name_that_says_npz() -> None:
    def options(path: str) -> Options:
        return parse_options(["-d", "x", "--save-dataset", path, "m.har"], ())

    one = Inputs(build_model([build_layer("input_layer1")]))
    both = Inputs(build_model([build_layer("input_layer1"), build_layer("input_layer2")]))
    check_saved_path(options("x.npy"), one)
    check_saved_path(options("x.npz"), both)
    with pytest.raises(UsageError, match=r"has 2 inputs.*ends in \.npz"):
        check_saved_path(options("x.npy"), both)


def test_memory_holds_batches_not_the_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save("x.npy", np.zeros((400, 64, 64, 3), np.uint8))
    monkeypatch.setattr("utils.dataset.calibration_set.BATCH_BYTES", 50_000)
    samples = open_dataset("x.npy", [input_layer((64, 64, 3))], 400)
    tracemalloc.start()
    try:
        with open(tmp_path / "y.npy", "wb") as stream:
            saved_dataset._write_npy(stream, samples, "net/input_layer1")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert Path("y.npy").read_bytes() == Path("x.npy").read_bytes()
    assert peak < 1_000_000  # of 4.9 MB
