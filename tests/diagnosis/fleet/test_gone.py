"""What became of the archives of an earlier fleet: gone, or there under another name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import main
from diagnosis.fleet.gone import BYTES, WEIGHTS, Renamed, gone_archives
from diagnosis.fleet.judging import ARCHIVES, REPORT
from diagnosis.fleet.results import TABLE
from tests.har.archives import small_weights, write_small
from utils.fleet.plan import Case
from utils.har.model import load_model

QUANTIZED_AGAIN: dict[str, Any] = {"precision_modes": {"conv2": "a8_w4"}}
OTHER: dict[str, Any] = {"weights": {name: 2.0 * each for name, each in small_weights().items()}}


@pytest.fixture
def baseline(tmp_path: Path) -> Path:
    """A fleet of two networks, `old` and `kept`, of other weights."""
    before = tmp_path / "before"
    rows = []
    for name, changes in (("old", {}), ("kept", OTHER)):
        har = write_small(tmp_path / f"{name}.har", **changes)
        reports = before / ARCHIVES / name
        reports.mkdir(parents=True)
        assert main.main([har, "--no-interactive", f"--json={reports / REPORT}"]) == 0
        rows.append({"name": name, "sha256": load_model(har).archive.sha256})
    (before / TABLE).write_text(json.dumps({"rows": rows}))
    return before


def became(baseline: Path, **plan: str) -> tuple[tuple[str, ...], list[Renamed]]:
    """Names that are gone and those that are renamed, of a plan of names and their archives."""
    cases = [Case(name, path) for name, path in plan.items()]
    found = gone_archives(str(baseline), cases, str(baseline.parent / "results"))
    return found.names, list(found.renamed)


def test_the_same_archives_are_neither_gone_nor_renamed(baseline: Path, tmp_path: Path) -> None:
    again = write_small(tmp_path / "old.har", **QUANTIZED_AGAIN)
    assert became(baseline, old=again, kept=str(tmp_path / "kept.har")) == ((), [])


def test_what_is_new_beside_all_others_was_not_renamed(baseline: Path, tmp_path: Path) -> None:
    old, kept = (str(tmp_path / f"{name}.har") for name in ("old", "kept"))
    assert became(baseline, old=old, kept=kept, copy=old) == ((), [])


@pytest.mark.parametrize(
    "weights", [{name: 3.0 * each for name, each in small_weights().items()}, None]
)
def test_another_network_or_none_is_no_renamed_one(
    weights: Any, baseline: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new.har"
    new.write_bytes(b"damaged")
    if weights:
        write_small(new, weights=weights)
    assert became(baseline, new=str(new), kept=str(tmp_path / "kept.har")) == (("old",), [])


def test_nobody_guesses_which_of_two_it_is(baseline: Path, tmp_path: Path) -> None:
    old = str(tmp_path / "old.har")
    assert became(baseline, one=old, two=old) == (("old", "kept"), [])
    again = write_small(tmp_path / "again.har", **QUANTIZED_AGAIN, **OTHER)
    assert became(baseline, kept=str(tmp_path / "kept.har"), new=again) == (("old",), [])


def test_the_same_bytes_and_the_same_weights_are_known(baseline: Path, tmp_path: Path) -> None:
    moved = shutil.copy(tmp_path / "old.har", tmp_path / "moved.har")
    again = write_small(tmp_path / "again.har", **QUANTIZED_AGAIN, **OTHER)
    gone, renamed = became(baseline, again=again, moved=str(moved))
    assert gone == ()
    assert renamed == [Renamed("moved", "old", BYTES), Renamed("again", "kept", WEIGHTS)]


def test_without_a_table_or_reports_nothing_is_told(baseline: Path, tmp_path: Path) -> None:
    again = write_small(tmp_path / "again.har", **QUANTIZED_AGAIN)
    shutil.rmtree(baseline / ARCHIVES)
    assert became(baseline, new=again) == (("old", "kept"), [])
    (baseline / TABLE).write_text('{"rows": 7}')
    assert became(baseline, new=again) == ((), [])
