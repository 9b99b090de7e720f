"""Rows, their order, exit codes, and the runs before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from utils.errors import UsageError
from utils.fleet.history import add_to_history, trends
from utils.fleet.rows import AtOutput, Fleet, Row, worst_first

FINE = Row("fine", "f.har", "", 0, severity="info", worst=AtOutput("out", 31.5, "same_top1", 0.99))
LESS = replace(FINE, name="less", worst=AtOutput("out", 40.0, "same_top1", 0.9))
BAD = replace(FINE, name="bad", severity="error", code=1)
FAILED = Row("failed", "g.har", "", 2, failure="It is damaged")


def fleet(*rows: Row, finished: str = "2026-01-02T03:04:05+00:00") -> Fleet:
    return Fleet("fleet.yaml", "never", rows, finished, 1.0)


def test_the_worst_come_first() -> None:
    unknown = replace(FINE, name="unknown", worst=AtOutput())
    names = [row.name for row in worst_first([unknown, FINE, BAD, LESS, FAILED])]
    assert names == ["failed", "bad", "less", "fine", "unknown"]


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (fleet(FINE), 0),
        (fleet(FINE, BAD), 1),
        (fleet(BAD, FAILED), 2),
        (replace(fleet(FINE), failures=("the page was not written",)), 2),
        (replace(fleet(FAILED), is_interrupted=True), 130),
    ],
)
def test_the_exit_code_is_that_of_the_worst(found: Fleet, code: int) -> None:
    assert found.exit_code == code


def test_trends_are_those_of_the_last_runs(tmp_path: Path) -> None:
    for day in range(1, 35):
        worst = AtOutput("out", float(day))
        run = fleet(replace(FINE, worst=worst), finished=f"2026-01-{day:02}T00:00:00+00:00")
        add_to_history(str(tmp_path), run)
    (tmp_path / "fleet-0.json").write_text("[" * 100_000)
    (tmp_path / "fleet-20261.json").write_text('{"rows": 3}')
    (tmp_path / "notes.txt").write_text("mine")
    found = trends(str(tmp_path))
    assert [point.snr_db for point in found["fine"]] == [float(day) for day in range(6, 35)]
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_two_runs_that_end_in_the_same_second_are_both_kept(tmp_path: Path) -> None:
    paths = {add_to_history(str(tmp_path), fleet(FINE)) for _ in range(2)}
    assert len(paths) == 2
    assert len(trends(str(tmp_path))["fine"]) == 2


def test_a_history_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="history"):
        add_to_history(str(tmp_path / "file"), fleet(FINE))
    assert trends(str(tmp_path / "none")) == {}
