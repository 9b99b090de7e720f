"""The command on data that are no npy or npz file: taken as these, or refused by what they are."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.command.running import ids, logged, report_of, run
from tests.fixtures.picture_folders import save_pictures
from tests.har.archives import write_small
from tests.house.evidence import loud, quiet

PICTURES = np.random.default_rng(0).integers(0, 256, (12, 8, 8, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def har(tmp_path: Path) -> str:
    return write_small(tmp_path / "small.har")


def measured(report: dict[str, Any]) -> Any:
    return report["layers"], report["outputs"]


def finding(report: dict[str, Any], finding_id: str) -> Any:
    (found,) = [
        found
        for entry in report["inspectors"]
        for found in entry["findings"]
        if found["id"] == finding_id
    ]
    return found


@quiet("calibration-unreadable", "calibration-file-kind")
def test_every_form_gives_what_the_npy_gives(har: str) -> None:
    np.save("x.npy", PICTURES)
    save_pictures(Path("pictures"), PICTURES)
    Path("arrays").mkdir()
    for index, picture in enumerate(PICTURES):
        np.save(f"arrays/{index:02d}.npy", picture)
    PICTURES.tofile("x.bin")
    raw = ("--raw-shape", "8,8,3", "--raw-type", "uint8")
    expected = report_of("-d", "x.npy", "--quick", har)
    Path("report.json").unlink()
    for form, kind in {
        ("-d", "pictures"): "pictures",
        ("-d", "pictures/*.png"): "pictures",
        ("-d", "arrays"): "folder of npy files",
        ("-d", "x.bin", *raw): "raw values",
    }.items():
        report = report_of(*form, "--quick", har)
        Path("report.json").unlink()
        assert measured(report) == measured(expected)
        assert report["failures"] == []
        assert ids(report) == ids(expected)
        assert {**report["dataset"], "path": "x.npy", "kind": "array file"} == expected["dataset"]
        assert report["dataset"]["kind"] == kind
        assert f"Data {form[1]} ({kind}): 12 of 12 samples" in logged()


def test_findings_name_files(har: str) -> None:
    copies = PICTURES.copy()
    copies[[3, 6, 9]] = copies[0]
    save_pictures(Path("pictures"), copies)
    report = report_of("-d", "pictures", "--quick", har)
    found = finding(report, "calibration-duplicates")
    assert "sample 3 (0003.png) repeats 0 (0000.png)" in found["evidence"]


def test_samples_that_are_no_numbers_are_named_by_their_files(har: str) -> None:
    Path("arrays").mkdir()
    for index, picture in enumerate((PICTURES / 255).astype(np.float32)):
        picture[0] = np.nan if index == 5 else picture[0]
        np.save(f"arrays/{index:02d}.npy", picture)
    report = report_of("-d", "arrays", har)
    assert report["next"]["id"] == "calibration-not-finite"
    found = finding(report, "calibration-not-finite")
    assert "samples 5 (05.npy), counted from 0" in found["evidence"]


def test_blank_pictures_are_named_by_their_files(har: str) -> None:
    blank = PICTURES.copy()
    blank[[2, 7]] = 9
    save_pictures(Path("pictures"), blank)
    report = report_of("-d", "pictures", "--quick", har)
    found = finding(report, "calibration-constant-sample")
    assert "(index 2 (0002.png) and 7 (0007.png))" in found["evidence"]


def pickled() -> None:
    Path("x.pkl").write_bytes(pickle.dumps(PICTURES))


def empty() -> None:
    Path("folder").mkdir()


def damaged() -> None:
    save_pictures(Path("folder"), PICTURES)
    content = Path("folder/0005.png").read_bytes()
    Path("folder/0005.png").write_bytes(content[: len(content) // 2])


@loud("calibration-unreadable", "calibration-file-kind")
@pytest.mark.parametrize(
    ("make", "path", "finding_id", "remedy"),
    [
        (lambda: None, "absent.npy", "calibration-unreadable", "Pass an npy or npz file"),
        (empty, "folder", "calibration-unreadable", "Pass an npy or npz file"),
        (damaged, "folder", "calibration-unreadable", "Replace folder/0005.png by"),
        (pickled, "x.pkl", "calibration-file-kind", "Save its arrays, if you trust"),
    ],
)
def test_what_cannot_be_read_is_the_first_error_and_its_cure_is_next(
    har: str, make: Any, path: str, finding_id: str, remedy: str
) -> None:
    make()
    report = report_of("-d", path, har)
    first = report["causes"][0]
    assert (first["id"], first["severity"]) == (finding_id, "error")
    assert report["next"]["id"] == finding_id
    assert report["next"]["text"].startswith(remedy)
    assert bool(report["next"]["commands"]) == (finding_id == "calibration-file-kind")
    assert run("-d", path, har) == 2


def test_sizes_that_do_not_fit_are_next(har: str) -> None:
    save_pictures(Path("pictures"), np.zeros((3, 9, 8, 3), np.uint8))
    report = report_of("-d", "pictures", har)
    assert report["next"]["id"] == "calibration-shape"
    assert "`--resize letterbox`" in report["next"]["text"]
    assert run("-d", "pictures", "--resize", "crop", "--quick", har) == 0
    assert "3 of another size, resized by crop" in logged()


def test_data_that_the_compiler_cannot_take_are_not_put_into_its_command(har: str) -> None:
    save_pictures(Path("pictures"), PICTURES % 3)
    np.save("x.npy", PICTURES % 3)
    commands = {}
    for path in ("pictures", "x.npy"):
        report = report_of("-d", path, "--quick", har)
        Path("report.json").unlink()
        found = finding(report, "dataset-differs")
        commands[path] = str(found)
    assert "--calib-set-path x.npy" in commands["x.npy"]
    assert "--calib-set-path CALIBSET.npy" in commands["pictures"]
