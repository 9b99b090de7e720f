"""What a path may stand for, and what is said where it stands for nothing."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.dataset.refusals import refusal
from tests.fixtures.picture_folders import input_layer, photos, save_pictures
from utils.dataset.calibration_set import open_dataset
from utils.dataset.read_as import ReadAs
from utils.dataset.sources import listing
from utils.errors import DatasetError


def refused(path: Path | str) -> DatasetError:
    return refusal(path, input_layer())


def test_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "readme.md").write_text("hello")
    os.mkfifo(tmp_path / "pipe")
    for path, said in {
        "absent.npy": "The calibration set does not exist",
        "absent/*.jpg": "No file matches the pattern",
        "empty": "The data folder is empty",
        "other": "The data folder holds nothing that can be read as samples",
        "pipe": "The calibration set is not a regular file",
    }.items():
        error = refused(tmp_path / path)
        assert (error.finding_id, error.headline) == ("calibration-unreadable", said)
        assert str(tmp_path / path) in error.evidence
        assert error.remedy.startswith("Pass ")


def test_what_has_no_effect_is_said(tmp_path: Path) -> None:
    save_pictures(tmp_path / "pictures", photos())
    np.save(tmp_path / "x.npy", photos())
    photos().tofile(tmp_path / "x.bin")
    how = ReadAs("crop", "bgr", (24, 32, 3))
    for name, unused in {
        "pictures": "--raw-shape has",
        "x.npy": "--resize, --colour and --raw-shape have",
        "x.bin": "--resize and --colour have",
    }.items():
        path = str(tmp_path / name)
        assert open_dataset(path, [input_layer()], 64, read_as=how).notes[-1].startswith(unused)
    assert open_dataset(str(tmp_path / "x.npy"), [input_layer()], 64).notes == ()


def test_several_kinds_in_one_folder_are_left_to_the_user(tmp_path: Path) -> None:
    save_pictures(tmp_path, photos())
    np.save(tmp_path / "x.npy", photos())
    error = refused(tmp_path)
    assert error.headline == "The data folder holds samples of several kinds"
    assert "6 pictures and 1 npy file" in error.evidence
    assert f"-d '{tmp_path}/*.jpg'" in error.remedy
    assert open_dataset(f"{tmp_path}/*.png", [input_layer()], 64).samples == 6


def test_raw_files_beside_pictures_count_only_where_their_shape_is_given(tmp_path: Path) -> None:
    save_pictures(tmp_path, photos())
    photos()[0].tofile(tmp_path / "x.raw")
    assert open_dataset(str(tmp_path), [input_layer()], 64).kind == "pictures"
    given = ReadAs(raw_shape=(24, 32, 3))
    assert open_dataset(str(tmp_path), [input_layer()], 64, read_as=given).kind == "raw values"


def test_whoever_points_at_a_whole_disk_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_pictures(tmp_path / "a" / "b", photos())
    monkeypatch.setattr(listing, "MOST_FILES", 6)
    assert open_dataset(str(tmp_path), [input_layer()], 64).samples == 6
    monkeypatch.setattr(listing, "MOST_FILES", 5)
    assert refused(tmp_path).headline == "The data folder holds too many files"


def test_a_pattern_in_the_name_of_a_file_is_a_name(tmp_path: Path) -> None:
    np.save(tmp_path / "calib[1].npy", photos())
    assert open_dataset(str(tmp_path / "calib[1].npy"), [input_layer()], 64).samples == 6


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    save_pictures(tmp_path / "a", photos())
    (tmp_path / "a").chmod(0)
    try:
        with pytest.raises(DatasetError, match="cannot be read"):
            open_dataset(str(tmp_path), [input_layer()], 64)
    finally:
        (tmp_path / "a").chmod(0o755)


def test_links_to_nothing_are_no_empty_folder(tmp_path: Path) -> None:
    """As in a repository of git-annex or DVC of which the files were not fetched."""
    (tmp_path / "pics").mkdir()
    for index in range(3):
        os.symlink(f"../.git/annex/objects/{index}", tmp_path / "pics" / f"{index}.png")
    for path in ("pics", "pics/*.png"):
        error = refused(tmp_path / path)
        assert error.headline == "The files of the calibration set are links that lead nowhere"
        assert "3 links; " in error.evidence
        assert error.command.endswith("annex get .")
    error = refused(tmp_path / "pics" / "0.png")
    assert "it is a link to ../.git/annex/objects/0, which does not exist" in error.evidence


def test_links_to_nothing_among_pictures_are_left_out_and_told(tmp_path: Path) -> None:
    save_pictures(tmp_path, photos())
    os.symlink(tmp_path / "0000.png", tmp_path / "link.txt")
    found = open_dataset(str(tmp_path), [input_layer()], 64)
    assert not any("to nothing" in note for note in found.notes)
    os.symlink(tmp_path / "none.md", tmp_path / "readme.md")
    os.symlink(tmp_path / "none.png", tmp_path / "link.png")
    found = open_dataset(str(tmp_path), [input_layer()], 64)
    assert found.samples == 6
    assert f"left out 1 link to nothing, such as {tmp_path}/link.png" in found.notes[-1]
