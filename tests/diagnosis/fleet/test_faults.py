"""What goes wrong with one archive is told of it, and the others are diagnosed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.diagnosis.fleet.fleets import (
    BATCH,
    SAMPLES,
    archives,
    cluster,
    ran,
    report_of,
    workplace,
)
from tests.har.archives import small_images
from utils.fleet.plan import Case
from utils.fleet.rows import Row
from utils.fleet.store import Store


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return archives(tmp_path, "good")[0]


def run(tmp_path: Path, case: Case, *others: Case) -> dict[str, Row]:
    with cluster() as client:
        rows = ran(client, [*others, case], workplace(tmp_path, case, BATCH))
    assert rows["good"].code == 0
    assert rows["good"].failure == ""
    return rows


def test_a_damaged_archive_and_one_that_is_gone(tmp_path: Path, case: Case) -> None:
    broken = tmp_path / "broken.har"
    broken.write_bytes(Path(case.archive).read_bytes()[:3000])
    rows = run(
        tmp_path,
        case,
        replace(case, name="broken", archive=str(broken)),
        replace(case, name="gone", archive=str(tmp_path / "gone.har")),
    )
    for name in ("broken", "gone"):
        assert rows[name].code == 2
        assert f"{name}.har" in rows[name].failure
        assert rows[name].folder == ""


def test_data_that_do_not_fit_are_told_as_by_the_command(tmp_path: Path, case: Case) -> None:
    np.save(tmp_path / "y.npy", np.zeros((4, 9, 9, 3), np.float32))
    rows = run(tmp_path, case, replace(case, name="other", data=str(tmp_path / "y.npy")))
    assert rows["other"].code == 2
    assert rows["other"].cause_id
    report = report_of(workplace(tmp_path, case), rows["other"])
    assert report["dataset"] is None
    assert report["inspectors"]


def test_samples_that_are_not_finite_are_told_as_by_the_command(tmp_path: Path, case: Case) -> None:
    images = small_images(samples=26).astype(np.float32)
    images[[3, 17]] = np.nan
    np.save(tmp_path / "y.npy", images)
    rows = run(tmp_path, case, replace(case, name="other", data=str(tmp_path / "y.npy")))
    report = report_of(workplace(tmp_path, case), rows["other"])
    found = [f for each in report["inspectors"] for f in each["findings"]]
    told = next(f for f in found if f["id"] == "calibration-not-finite")
    assert "samples 3 and 17" in told["message"]  # of both slices
    assert rows["other"].code == 2


def test_an_archive_without_data_is_judged_by_itself(tmp_path: Path, case: Case) -> None:
    rows = run(tmp_path, case, replace(case, name="bare", data="", arguments=()))
    assert rows["bare"].code == 0
    assert rows["bare"].samples == 0
    assert "without data" in rows["bare"].verdict


def test_what_was_kept_and_is_damaged_is_measured_again(tmp_path: Path, case: Case) -> None:
    rows = run(tmp_path, case)
    kept = sorted((tmp_path / "results" / "slices").rglob("*.npz"))
    sizes = [path.stat().st_size for path in kept]
    for path in kept:
        path.write_bytes(path.read_bytes()[:-200])
    (tmp_path / "results" / rows["good"].folder / "row.json").unlink()
    again = run(tmp_path, case)
    assert replace(again["good"], seconds=0) == replace(rows["good"], seconds=0)
    assert [path.stat().st_size for path in kept] == sizes


def test_a_folder_of_results_that_goes_away_is_named(
    tmp_path: Path, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[int] = []

    def write(store: object, key: str, value: object) -> None:
        failures.append(1)
        raise OSError(116, "Stale file handle")

    monkeypatch.setattr(Store, "write", write)
    with cluster() as client:
        rows = ran(client, [case], workplace(tmp_path, case, 2 * SAMPLES))
    assert "the folder of results could not be used" in rows["good"].failure
    assert "Stale file handle" in rows["good"].failure
    assert len(failures) == 3  # it was tried again, in case it was gone for a moment only
    monkeypatch.undo()
    run(tmp_path, case)
