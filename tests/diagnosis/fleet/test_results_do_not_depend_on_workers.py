"""What a fleet finds is what the command for one archive finds, however it is cut and spread."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import main
from tests.diagnosis.fleet.fleets import (
    BATCH,
    OPTIONS,
    SAMPLES,
    archives,
    cluster,
    ran,
    report_of,
    timeless,
    workplace,
)
from tests.fixtures.documents import assert_close
from utils.fleet.plan import Case
from utils.fleet.rows import as_document


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    return archives(tmp_path_factory.mktemp("cases"), "a", "b")


@pytest.fixture(scope="module")
def single(cases: list[Case]) -> dict[str, Any]:
    """Reports of the command, by name of the archive."""
    found = {}
    for case in cases:
        folder = Path(case.archive).parent / f"single-{case.name}"
        folder.mkdir()
        argv = [case.archive, "-d", case.data, "--backend=embedded", *OPTIONS, "--no-interactive"]
        argv += [f"--json={folder / 'report.json'}", f"--html={folder / 'report.html'}"]
        assert main.main([*argv, f"--log-path={folder / 'log'}"]) == 0
        found[case.name] = timeless(json.loads((folder / "report.json").read_text("utf-8")))
    return found


@pytest.mark.parametrize(
    ("workers", "samples"),
    [
        (2, BATCH),
        pytest.param(1, 2 * SAMPLES, marks=pytest.mark.slow),
        pytest.param(3, 3 * BATCH, marks=pytest.mark.slow),
    ],
)
def test_the_report_is_that_of_a_single_run(
    workers: int, samples: int, cases: list[Case], single: dict[str, Any], tmp_path: Path
) -> None:
    place = workplace(tmp_path, cases[0], samples)
    with cluster(workers) as client:
        rows = ran(client, cases, place)
    for case in cases:
        assert rows[case.name].samples == SAMPLES
        assert_close(report_of(place, rows[case.name]), single[case.name])


@pytest.mark.slow
def test_what_lies_there_is_taken(cases: list[Case], tmp_path: Path) -> None:
    place = workplace(tmp_path, cases[0], BATCH)
    with cluster() as client:
        first = ran(client, cases, place)
        before = {path: path.stat().st_mtime_ns for path in Path(place.results).rglob("*.npz")}
        again = ran(client, cases, place)
        assert again == first  # the very seconds: nothing was judged again
        assert {p: p.stat().st_mtime_ns for p in Path(place.results).rglob("*.npz")} == before
        anew = ran(client, cases[:1], replace(place, resumes=False))
    assert anew["a"].seconds != first["a"].seconds
    assert timeless(as_document(anew["a"])) == timeless(as_document(first["a"]))
