"""A worker that takes more memory than it may have is ended, and what it ran is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from diagnosis.fleet.cluster import connected
from diagnosis.fleet.judging import ROW
from diagnosis.fleet.rounds import OUT_OF_MEMORY
from diagnosis.fleet.running import run_cases
from diagnosis.fleet.tasks import Workplace
from tests.diagnosis.fleet.fleets import BATCH, BY, SAMPLES, archives, workplace
from utils.fleet.plan import Case
from utils.fleet.rows import Row

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

LIMIT = 2 << 30  # bytes: TensorFlow and small archives take less than half of that
# Takes memory step by step, so that the limit is seen before the machine has none left.
HUNGRY = """
import time
from inspectors.base_inspector import BaseInspector

class HungryInspector(BaseInspector):
    \"\"\"Takes memory.\"\"\"

    def inspect(self, context):
        taken = []
        for _ in range(30):
            taken.append(bytearray(b"x") * (100 << 20))
            time.sleep(0.1)
        return iter(())
"""


@contextmanager
def small_cluster(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The cluster that the command makes, with one worker of little memory."""
    small = partial(distributed.LocalCluster, memory_limit=LIMIT)
    few = dask.config.set({"distributed.scheduler.allowed-failures": 1})
    with few, monkeypatch.context() as patched:
        patched.setattr(distributed, "LocalCluster", small)
        with connected("", 1, str(folder), False) as client:
            yield client


def ran(cases: list[Case], place: Workplace, monkeypatch: pytest.MonkeyPatch) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    connect = partial(small_cluster, Path(place.results), monkeypatch)
    run_cases(connect, cases, place, BY, lambda row: rows.update({row.name: row}))
    return rows


def test_an_archive_that_takes_too_much_is_named_and_others_are_diagnosed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = (f"--batch-size={BATCH}", "--quick")
    good, bad = (replace(case, arguments=arguments) for case in archives(tmp_path, "good", "bad"))
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "hungry.py").write_text(HUNGRY)
    bad = replace(bad, arguments=(*arguments, f"--inspectors={folder}"))
    place = workplace(tmp_path, good)
    rows = ran([bad, good], place, monkeypatch)
    assert (rows["good"].code, rows["good"].samples) == (0, SAMPLES)
    assert (rows["bad"].code, rows["bad"].failure) == (2, OUT_OF_MEMORY)
    kept = {path: path.stat().st_mtime_ns for path in Path(place.results).rglob("*.npz")}
    judged = Path(place.results) / rows["good"].folder / ROW
    before = judged.stat().st_mtime_ns
    # Once there is enough memory, the same command goes on where it was.
    (folder / "hungry.py").write_text(HUNGRY.replace("range(30)", "range(1)"))
    again = ran([bad, good], place, monkeypatch)
    assert (again["bad"].code, again["bad"].failure) == (0, "")
    assert again["good"] == rows["good"]
    assert judged.stat().st_mtime_ns == before
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
