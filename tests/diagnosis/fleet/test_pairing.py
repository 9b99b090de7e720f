"""A plan names the data with which an archive was quantized, of those whose shapes fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from diagnosis.fleet.pairing import write_plan
from tests.fixtures.builders import build_network
from tests.har.archives import small_images, small_network, write_small
from utils.backends.opened_data import opened_data
from utils.dataset.calibration_set import CalibrationSet
from utils.fleet.plan import read_plan
from utils.jobs.job import Job

IMAGES = small_images().astype(np.float32)


def paired(folder: Path) -> dict[str, str]:
    """Name of the data by name of the archive, as a plan of the folder has them."""
    write_plan(str(folder))
    plan = read_plan(str(folder / "fleet.yaml"))
    return {Path(case.archive).name: Path(case.data).name for case in plan.cases}


def test_where_one_file_fits_nothing_is_to_be_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_small(tmp_path / "net.har")
    np.save(tmp_path / "x.npy", IMAGES)
    assert paired(tmp_path) == {"net.har": "x.npy"}
    assert "several" not in capsys.readouterr().out


def test_of_the_same_values_the_name_decides(tmp_path: Path) -> None:
    write_small(tmp_path / "net.har")
    for name in ("a", "net", "z"):
        np.save(tmp_path / f"{name}.npy", IMAGES)
    assert paired(tmp_path) == {"net.har": "net.npy"}


def test_the_name_of_the_archive_counts_more_than_the_values(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    write_small(tmp_path / "net.har")
    np.save(tmp_path / "net.npy", 255 * IMAGES)  # the owner's mistake, which is to be found
    np.save(tmp_path / "other" / "x.npy", IMAGES)
    assert paired(tmp_path) == {"net.har": "net.npy"}


def test_a_word_that_few_names_have_tells_more_than_one_that_all_have(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for network in ("c01", "c08", "pose2"):
        for state in ("bad", "mended"):
            write_small(tmp_path / f"{network}_{state}.har")
    for name in ("c01", "c08_bad", "data/pose2_images"):
        np.save(tmp_path / f"{name}.npy", IMAGES)
    assert paired(tmp_path) == {
        "c01_bad.har": "c01.npy",
        "c01_mended.har": "c01.npy",
        "c08_bad.har": "c08_bad.npy",
        "c08_mended.har": "c08_bad.npy",
        "pose2_bad.har": "pose2_images.npy",
        "pose2_mended.har": "pose2_images.npy",
    }


def test_a_namesake_counts_more_than_the_values_and_a_rare_word_together(tmp_path: Path) -> None:
    for name in ("c01_bad", "c01_mended", "c02_bad", "c03_bad", "c04_bad"):
        write_small(tmp_path / f"{name}.har")
    np.save(tmp_path / "c01_bad.npy", 20 * IMAGES)
    np.save(tmp_path / "c01_mended.npy", IMAGES)
    assert paired(tmp_path)["c01_bad.har"] == "c01_bad.npy"


@pytest.mark.parametrize("factor", [255.0, 1 / 255.0, 20.0])
def test_data_of_another_scale_are_left_to_others(
    tmp_path: Path, factor: float, capsys: pytest.CaptureFixture[str]
) -> None:
    write_small(tmp_path / "net.har")
    np.save(tmp_path / "netz_uint8.npy", factor * IMAGES)
    np.save(tmp_path / "data_z.npy", IMAGES)
    np.save(tmp_path / "net_a.npy", IMAGES[:, :4])  # another shape
    assert paired(tmp_path) == {"net.har": "data_z.npy"}
    assert "1 with data; at 1 several data fit, see the plan" in capsys.readouterr().out
    assert "# fits as well: netz_uint8.npy" in (tmp_path / "fleet.yaml").read_text()


def test_data_that_cannot_be_used_stay_with_their_archive(tmp_path: Path) -> None:
    write_small(tmp_path / "net.har")
    np.save(tmp_path / "net.npy", np.full_like(IMAGES, np.nan))
    assert paired(tmp_path) == {"net.har": "net.npy"}


def pictures(folder: Path, *sizes: tuple[int, int]) -> None:
    folder.mkdir()
    for number, size in enumerate(sizes):
        Image.new("RGB", size, (number, 100, 200)).save(folder / f"{number}.png")


def test_pictures_of_the_right_size_are_data(tmp_path: Path) -> None:
    write_small(tmp_path / "net.har")
    pictures(tmp_path / "images", (8, 8), (8, 8))
    assert paired(tmp_path) == {"net.har": "images"}
    assert "resize" not in (tmp_path / "fleet.yaml").read_text()


def test_pictures_of_other_sizes_are_proposed_with_a_resize(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_small(tmp_path / "net.har")
    pictures(tmp_path / "images", (16, 12), (9, 30))
    assert paired(tmp_path) == {"net.har": ""}  # nobody has said yet how they are resized
    assert "0 with data; at 1 pictures fit once they are resized" in capsys.readouterr().out
    plan = tmp_path / "fleet.yaml"
    plan.write_text(plan.read_text().replace("# data:", "data:").replace("# options:", "options:"))
    (case,) = read_plan(str(plan)).cases
    assert (Path(case.data).name, case.arguments) == ("images", ("--resize=letterbox",))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files of data that were opened."""
    found: list[str] = []
    open_data = opened_data

    def counted(job: Job, *others: Any) -> CalibrationSet:
        found.append(Path(job.dataset).name)
        return open_data(job, *others)

    monkeypatch.setattr("diagnosis.fleet.offered_data.opened_data", counted)
    return found


def test_inputs_of_other_names_are_looked_for_anew(tmp_path: Path, opened: list[str]) -> None:
    for name in ("one", "two"):
        layers = [
            replace(layer, original_names=(name,)) if layer.type == "input_layer" else layer
            for layer in small_network()
        ]
        write_small(tmp_path / f"{name}.har", network=build_network(layers, ["fc2"]))
    np.savez(tmp_path / "x.npz", one=IMAGES, two=255 * IMAGES)
    np.savez(tmp_path / "y.npz", one=255 * IMAGES, two=IMAGES)
    assert paired(tmp_path) == {"one.har": "x.npz", "two.har": "y.npz"}
    assert sorted(opened) == ["x.npz", "x.npz", "y.npz", "y.npz"]


def test_data_are_opened_once_for_all_archives_that_ask_the_same(
    tmp_path: Path, opened: list[str]
) -> None:
    for name in ("a", "b", "c"):
        write_small(tmp_path / f"{name}.har")
        np.save(tmp_path / f"{name}.npy", IMAGES)
    np.savez(tmp_path / "d.npz", image=IMAGES)
    assert paired(tmp_path) == {f"{name}.har": f"{name}.npy" for name in "abc"}
    assert sorted(opened) == ["a.npy", "b.npy", "c.npy", "d.npz"]
