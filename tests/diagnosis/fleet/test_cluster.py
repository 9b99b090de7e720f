"""What is asked of a cluster before it is given anything to do."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from diagnosis.fleet.cluster import _check_scheduler, _check_workers
from utils.errors import UsageError
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


class WithoutWorkers:
    """In the place of a client whose scheduler no worker has joined."""

    scheduler = SimpleNamespace(address="tcp://10.0.0.1:8786")

    def wait_for_workers(self, count: int, timeout: float) -> None:
        raise TimeoutError(f"{count} in {timeout}")


def test_without_a_worker_it_is_said_how_one_is_started() -> None:
    with pytest.raises(UsageError) as caught:
        _check_workers(WithoutWorkers())
    assert "no worker for" in str(caught.value)
    assert "`dask worker tcp://10.0.0.1:8786 --nthreads 1`" in str(caught.value)
    assert f"PYTHONPATH={ROOT}" in str(caught.value)
