"""What goes wrong with one archive is told of it, and the others are diagnosed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diagnosis.fleet.tasks import Workplace
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


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with cluster() as found:
        yield found


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    (found,) = archives(tmp_path_factory.mktemp("case"), "good")
    return replace(found, arguments=(f"--batch-size={BATCH}", "--quick"))


@pytest.fixture(scope="module")
def place(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    return workplace(tmp_path_factory.mktemp("place"), case, 3 * BATCH)


@pytest.fixture(scope="module")
def rows(client: Any, case: Case, place: Workplace) -> dict[str, Row]:
    """Of a good archive among others with which something is wrong."""
    folder = Path(case.archive).parent
    broken = folder / "broken.har"
    broken.write_bytes(Path(case.archive).read_bytes()[:3000])
    np.save(folder / "shape.npy", np.zeros((4, 9, 9, 3), np.float32))
    images = small_images(samples=SAMPLES).astype(np.float32)
    images[[3, 17]] = np.nan
    np.save(folder / "nan.npy", images)
    others = [
        replace(case, name="broken", archive=str(broken)),
        replace(case, name="gone", archive=str(folder / "gone.har")),
        replace(case, name="shape", data=str(folder / "shape.npy")),
        replace(case, name="nan", data=str(folder / "nan.npy")),
        replace(case, name="bare", data="", arguments=()),
    ]
    return ran(client, [*others, case], place)


def test_a_good_archive_is_diagnosed_among_others(rows: dict[str, Row]) -> None:
    assert (rows["good"].code, rows["good"].failure, rows["good"].samples) == (0, "", SAMPLES)


@pytest.mark.parametrize("name", ["broken", "gone"])
def test_an_archive_that_cannot_be_read_is_named(name: str, rows: dict[str, Row]) -> None:
    assert rows[name].code == 2
    assert f"{name}.har" in rows[name].failure
    assert rows[name].folder == ""


def test_data_that_do_not_fit_are_told_as_by_the_command(
    rows: dict[str, Row], place: Workplace
) -> None:
    assert rows["shape"].code == 2
    assert rows["shape"].cause_id == "calibration-shape"
    assert rows["shape"].failure == f"{rows['shape'].cause}; the data were not measured"
    report = report_of(place, rows["shape"])
    assert report["dataset"] is None
    assert report["inspectors"]


def test_samples_that_are_not_finite_are_told_as_by_the_command(
    rows: dict[str, Row], place: Workplace
) -> None:
    found = [f for each in report_of(place, rows["nan"])["inspectors"] for f in each["findings"]]
    told = next(f for f in found if f["id"] == "calibration-not-finite")
    assert "samples 3 and 17" in told["message"]  # of both slices
    assert rows["nan"].code == 2


def test_an_archive_without_data_is_judged_by_itself(rows: dict[str, Row]) -> None:
    assert (rows["bare"].code, rows["bare"].samples) == (0, 0)
    assert "without data" in rows["bare"].verdict


def test_what_was_kept_and_is_damaged_is_measured_again(
    client: Any, case: Case, rows: dict[str, Row], place: Workplace
) -> None:
    kept = sorted(Path(place.results).rglob("*.npz"))
    sizes = [path.stat().st_size for path in kept]
    for path in kept:
        path.write_bytes(path.read_bytes()[:-200])
    (Path(place.results) / rows["good"].folder / "row.json").unlink()
    again = ran(client, [case], place)
    assert replace(again["good"], seconds=0) == replace(rows["good"], seconds=0)
    own = [path.stat().st_size for path in kept]
    assert own.count(0) == 0
    assert (
        sum(one == other for one, other in zip(own, sizes, strict=True)) == 5
    )  # 3 slices, a join, looks


def test_a_folder_of_results_that_goes_away_is_named(
    client: Any, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[str] = []

    def write(store: object, key: str, value: object) -> None:
        failures.append(type(value).__name__)
        raise OSError(116, "Stale file handle")

    place = workplace(tmp_path, case, 2 * SAMPLES)
    monkeypatch.setattr(Store, "write", write)
    rows = ran(client, [case], place)
    assert "the folder of results could not be used" in rows["good"].failure
    assert "Stale file handle" in rows["good"].failure
    assert (
        failures.count("Measurements") == 3
    )  # it was tried again, in case it was gone for a moment only
    monkeypatch.undo()
    assert ran(client, [case], place)["good"].code == 0
