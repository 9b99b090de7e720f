"""What is asked of a cluster before it is given anything to do."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from diagnosis.fleet import cluster
from diagnosis.fleet.cluster import (
    LEAST_BYTES,
    PATIENCE,
    SILENT,
    _check_count,
    _check_scheduler,
    _check_workers,
    _made,
)
from utils.errors import MachineError, UsageError
from utils.tool import ROOT, VERSION


class Answering:
    """In the place of a client: its scheduler answers, or raises."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def run_on_scheduler(self, asked: Callable[[], str]) -> object:
        assert asked() == VERSION
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def test_a_scheduler_that_has_the_tool_is_taken() -> None:
    _check_scheduler(Answering(VERSION))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (ModuleNotFoundError("No module named 'diagnosis'"), "No module named 'diagnosis'"),
        ("0.0.9", "'0.0.9'"),
    ],
)
def test_a_scheduler_without_the_tool_is_refused(answer: object, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        _check_scheduler(Answering(answer))
    assert said in str(caught.value)
    assert f"PYTHONPATH={ROOT}" in str(caught.value)


def test_a_connection_that_breaks_is_no_refusal() -> None:
    with pytest.raises(OSError, match="broken"):
        _check_scheduler(Answering(OSError("broken")))


class SlowWorkers:
    """In the place of a client whose scheduler a worker joins after some seconds."""

    scheduler = SimpleNamespace(address="tcp://10.0.0.1:8786")

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        self._joins, self._now = seconds, 0.0
        clock = SimpleNamespace(monotonic=lambda: self._now, sleep=self._sleep)
        monkeypatch.setattr(cluster, "time", clock)

    def _sleep(self, seconds: float) -> None:
        self._now += seconds

    def nthreads(self) -> dict[str, int]:
        return {"tcp://10.0.0.2:1": 1} if self._now >= self._joins else {}

    def run(self, asked: Callable[[], str], on_error: str) -> dict[str, str]:
        assert on_error == "return"
        return {"tcp://10.0.0.2:1": asked()}


START = "start one, as by `dask worker tcp://10.0.0.1:8786 --nthreads 1`, with the folder"


@pytest.mark.parametrize("seconds", [0.0, SILENT - 1.0])
def test_a_worker_that_joins_soon_is_waited_for_silently(
    seconds: float, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _check_workers(SlowWorkers(monkeypatch, seconds))
    assert caplog.text == ""


def test_that_no_worker_has_joined_is_said_once_while_one_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _check_workers(SlowWorkers(monkeypatch, PATIENCE - 1.0))
    (record,) = caplog.records
    assert record.getMessage().startswith(f"No worker has joined the scheduler for {SILENT} s")
    assert START in record.getMessage()


def test_without_a_worker_it_is_said_how_one_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError) as caught:
        _check_workers(SlowWorkers(monkeypatch, PATIENCE + 1.0))
    assert "no worker for" in str(caught.value)
    assert "`dask worker tcp://10.0.0.1:8786 --nthreads 1`" in str(caught.value)
    assert f"PYTHONPATH={ROOT}" in str(caught.value)


@pytest.mark.parametrize(("workers", "memory"), [(1, 1), (8, 8 * LEAST_BYTES), (10**12, 0)])
def test_workers_for_which_there_is_memory_are_made(workers: int, memory: int) -> None:
    """Where the memory is not known, nothing is refused."""
    _check_count(workers, memory)


def test_more_workers_than_can_begin_are_refused() -> None:
    """Dask would go on making them until the machine has no memory left for anybody."""
    with pytest.raises(UsageError) as caught:
        _check_count(9, 8 * LEAST_BYTES)
    assert "--workers 9: each takes half a GiB" in str(caught.value)
    assert "has 4 GiB, so 8 at most" in str(caught.value)


def dying(error: Exception) -> SimpleNamespace:
    """In the place of Dask: no worker can be started."""

    def refused(**settings: object) -> None:
        raise error

    return SimpleNamespace(LocalCluster=refused)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (RuntimeError("Nanny failed to start."), "mostly because memory ran out"),
        (RuntimeError("can't start new thread"), "no more threads"),
    ],
)
def test_a_worker_that_dies_at_its_start_is_no_fault_of_the_tool(
    error: Exception, why: str
) -> None:
    with pytest.raises(MachineError) as caught:
        _made(dying(error))
    assert str(caught.value).startswith("a worker died while it was started: ")
    assert why in str(caught.value)


def test_a_cluster_that_is_made_is_handed_on() -> None:
    assert _made(SimpleNamespace(LocalCluster=dict), n_workers=2)["n_workers"] == 2
