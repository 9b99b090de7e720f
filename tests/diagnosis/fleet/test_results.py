"""The folder of results, and what is left in it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from diagnosis.fleet import pairing
from diagnosis.fleet.results import LEFT_SECONDS, FleetFiles, remove_leftovers, results_folder
from diagnosis.output_files import ANOTHER_PATH
from utils.errors import UsageError
from utils.fleet.rows import Fleet, Row
from utils.options.fleet_options import FleetOptions


def test_what_was_left_unfinished_goes_after_a_day(tmp_path: Path) -> None:
    old = time.time() - 2 * LEFT_SECONDS
    for name in (".unfinished-dask-1", "archives/.unfinished-2", "archives/net", ".unfinished-new"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "file").write_text("")
        if not name.endswith("new"):
            os.utime(folder, (old, old))
    remove_leftovers(str(tmp_path))
    left = sorted(path.name for path in tmp_path.rglob("*") if path.is_dir())
    assert left == [".unfinished-new", "archives", "net"]


def test_results_lie_beside_the_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    plan = tmp_path / "nets" / "fleet.yaml"
    plan.parent.mkdir()
    plan.write_text("")
    assert results_folder(str(plan), None) == str(plan.parent / "fleet-results")
    assert results_folder("nets/*.har", None) == str(tmp_path / "fleet-results")
    assert results_folder("x", "here") == str(tmp_path / "here")
    (tmp_path / "here" / "fleet.json").write_text("")
    assert results_folder("x", "here") == str(tmp_path / "here")


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(UsageError, match="holds something else"):
        results_folder("x", str(tmp_path))
    with pytest.raises(UsageError, match="cannot be used"):
        results_folder("x", str(tmp_path / "thesis.tex" / "results"))


DONE = Row("a", "a.har", "", 0, folder="archives/a")
NOT_REACHED = Row("b", "b.har", "", 2, failure="interrupted before it was diagnosed")


@pytest.mark.parametrize(
    ("rows", "is_interrupted", "kept"),
    [
        ((DONE, NOT_REACHED), False, 1),
        ((DONE, NOT_REACHED), True, 1),
        ((NOT_REACHED,), False, 1),
        ((NOT_REACHED,), True, 0),
    ],
)
def test_the_history_keeps_no_run_that_ended_before_it_began(
    rows: tuple[Row, ...], is_interrupted: bool, kept: int, tmp_path: Path
) -> None:
    runs, results = tmp_path / "runs", tmp_path / "results"
    runs.mkdir()
    results.mkdir()
    options = FleetOptions("fleet.yaml", history=str(runs))
    found = Fleet("fleet.yaml", "never", rows, "2026-01-02T03:04:05+00:00", 1.0, is_interrupted)
    assert FleetFiles(options, str(results)).write(found).failures == ()
    assert len(list(runs.iterdir())) == kept


def test_a_folder_that_cannot_be_written_takes_no_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: str, *_: object) -> str:
        raise UsageError(f"{path} cannot be written: Permission denied{ANOTHER_PATH}")

    (tmp_path / "a.har").write_bytes(b"damaged")
    monkeypatch.setattr(pairing, "write_file", refused)
    with pytest.raises(UsageError, match="Permission denied; allow writing there, as --init"):
        pairing.write_plan(str(tmp_path))
