"""The folder of results, and what is left in it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from diagnosis.fleet.results import LEFT_SECONDS, remove_leftovers, results_folder
from utils.errors import UsageError


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
