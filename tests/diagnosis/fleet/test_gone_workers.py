"""All workers of a cluster go at the same time, and others come."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from diagnosis.fleet import rounds
from diagnosis.fleet.own_workers import NONE_LEFT
from diagnosis.fleet.running import run_cases
from diagnosis.fleet.tasks import Surveyed, Workplace
from tests.diagnosis.fleet.fleets import BY, cluster
from utils.fleet.plan import Case
from utils.fleet.rows import Row

pytest.importorskip("distributed")
PATIENCE = 60  # seconds
BEGUN, GO_ON = threading.Semaphore(0), threading.Event()


def survey(case: Case, place: Workplace) -> Surveyed:
    """In the place of the real one: it takes as long as the test wants."""
    del place
    BEGUN.release()
    GO_ON.wait(PATIENCE)
    return Surveyed(failure=f"{case.name} was seen")


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Row]:
    """Rows of a fleet of which nothing is done before the event."""
    monkeypatch.setattr("diagnosis.fleet.tasks.survey", survey)
    monkeypatch.setattr(rounds, "QUIET_SECONDS", 0.5)
    GO_ON.clear()
    while BEGUN.acquire(blocking=False):
        pass  # what an earlier test has begun
    return {}


def begun(client: Any, folder: Path, rows: dict[str, Row]) -> threading.Thread:
    """A fleet that runs until each of two workers has something in its hands."""
    cases = [Case(name, f"{name}.har") for name in "abcd"]
    place = Workplace(str(folder))
    args = (lambda: nullcontext(client), cases, place, BY, lambda row: rows.update({row.name: row}))
    fleet = threading.Thread(target=run_cases, args=args, daemon=True)
    fleet.start()
    for _ in range(2):
        assert BEGUN.acquire(timeout=PATIENCE)
    return fleet


def test_a_long_task_is_waited_for(
    tmp_path: Path, rows: dict[str, Row], caplog: pytest.LogCaptureFixture
) -> None:
    with cluster(2) as client:
        fleet = begun(client, tmp_path, rows)
        fleet.join(3 * rounds.QUIET_SECONDS)
        assert not rows
        GO_ON.set()
        fleet.join(PATIENCE)
    assert sorted(rows) == list("abcd")
    assert "others came" not in caplog.text


def test_what_waits_for_workers_that_are_gone_is_run_by_others(
    tmp_path: Path, rows: dict[str, Row], caplog: pytest.LogCaptureFixture
) -> None:
    with cluster(2) as client:
        fleet = begun(client, tmp_path, rows)
        before = set(client.nthreads())
        for each in before:
            client.run_on_scheduler(removed, each)
        assert not client.nthreads()
        GO_ON.set()
        said = wait_until_told(caplog, "The cluster has no workers any more")
        assert f"`dask worker {client.scheduler.address} --nthreads 1`" in said
        client.cluster.scale(2 + len(before))  # those that are gone are counted, too
        fleet.join(PATIENCE)
        assert not set(client.nthreads()) & before
    assert {name: row.failure for name, row in rows.items()} == {
        name: f"{name} was seen" for name in "abcd"
    }
    assert "others came" in caplog.text


def test_what_own_workers_died_of_is_run_again_alone(
    tmp_path: Path,
    rows: dict[str, Row],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rounds, "are_own", lambda client: True)
    with cluster(2) as client:
        fleet = begun(client, tmp_path, rows)
        before = set(client.nthreads())
        for each in before:
            client.run_on_scheduler(removed, each)
        GO_ON.set()
        client.cluster.scale(2 + len(before))
        fleet.join(PATIENCE)
    assert sorted(rows) == list("abcd")
    assert "All workers died, and others were started" in caplog.text
    assert "run again, alone" in caplog.text
    # Nobody has to start what the run itself starts.
    assert "dask worker" not in caplog.text


def test_where_own_workers_cannot_be_started_again_nobody_waits(
    tmp_path: Path, rows: dict[str, Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    with cluster(2) as client:
        fleet = begun(client, tmp_path, rows)
        monkeypatch.setattr(rounds, "is_none_left", lambda client: True)
        fleet.join(PATIENCE)
        GO_ON.set()
    assert {name: row.failure for name, row in rows.items()} == dict.fromkeys("abcd", NONE_LEFT)


def wait_until_told(caplog: pytest.LogCaptureFixture, begin: str) -> str:
    """The message that begins so, as soon as it is there."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for record in list(caplog.records):
            if record.getMessage().startswith(begin):
                return record.getMessage()
        time.sleep(0.1)
    raise AssertionError(caplog.text)


async def removed(address: str, dask_scheduler: Any = None) -> None:
    """Have a worker gone, as one that was killed."""
    await dask_scheduler.remove_worker(address, stimulus_id="test")
