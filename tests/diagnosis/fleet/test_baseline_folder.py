"""With which folders a fleet can be compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnosis.fleet.baseline_folder import check_baseline
from utils.errors import UsageError


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """The folder of results of this run."""
    made = tmp_path / "results"
    made.mkdir()
    return made


@pytest.mark.parametrize("report", ["archives/net/report.json", "net.json"])
def test_a_folder_with_a_report_serves(report: str, results: Path, tmp_path: Path) -> None:
    path = tmp_path / "before" / report
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    check_baseline(str(tmp_path / "before"), str(results))


@pytest.mark.parametrize("file", ["letter.txt", "fleet.json", "archives/net/diagnosis.log"])
def test_a_folder_without_a_report_makes_nothing_new(
    file: str, results: Path, tmp_path: Path
) -> None:
    """A table alone is what a run leaves that was interrupted at once."""
    path = tmp_path / "before" / file
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    with pytest.raises(UsageError, match="holds no report of an earlier fleet"):
        check_baseline(str(tmp_path / "before"), str(results))


def test_nothing_is_compared_with_what_the_run_replaces(results: Path, tmp_path: Path) -> None:
    (results / "net.json").write_text("{}")
    (tmp_path / "link").symlink_to(results)
    for path in (results, tmp_path / "link"):
        with pytest.raises(UsageError, match="is the folder of results, whose reports"):
            check_baseline(str(path), str(results))


def test_a_folder_that_is_not_there_is_told(results: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        check_baseline(str(tmp_path / "before"), str(results))
