"""What a library below numpy does to the process is told, and not taken for something else."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

import pytest

from utils.options import trial_import
from utils.options.trial_import import ensure_numpy_loads, import_fault

THREADS = "blas_thread_init: pthread_create failed: Resource temporarily unavailable\n"
MEMORY = "the memory does not suffice"


def dying(said: str, end: Callable[[], object]) -> Callable[[], None]:
    def use() -> None:
        os.write(2, said.encode())
        end()

    return use


def interrupted_by_itself() -> None:
    signal.raise_signal(signal.SIGINT)


def test_numpy_that_loads_is_no_fault() -> None:
    assert import_fault() == ""


def test_what_python_raises_is_met_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ImportError("numpy")

    monkeypatch.setattr(trial_import, "_use_numpy", broken)
    assert import_fault() == ""


@pytest.mark.parametrize(
    ("use", "fault"),
    [
        (dying("giving up", lambda: os._exit(1)), MEMORY),
        (dying("x" * 200_000, lambda: os._exit(1)), MEMORY),
        (dying(THREADS, interrupted_by_itself), "the system grants no more threads"),
    ],
    ids=["status", "talkative", "interruption"],
)
def test_a_library_that_ends_the_process_is_survived(
    use: Callable[[], None], fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_import, "_use_numpy", use)
    assert import_fault().startswith(fault)


def test_nothing_is_tried_where_nothing_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_import, "_is_limited", lambda: False)
    monkeypatch.setattr(trial_import, "import_fault", lambda: "never asked")
    ensure_numpy_loads()


def test_a_limited_process_says_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trial_import, "_is_limited", lambda: True)
    ensure_numpy_loads()
    monkeypatch.setattr(trial_import, "import_fault", lambda: MEMORY)
    with pytest.raises(SystemExit) as stop:
        ensure_numpy_loads()
    assert stop.value.code == 2
    assert capsys.readouterr().err.startswith(f"[error] {MEMORY}: numpy cannot be loaded")
    assert "numpy" in sys.modules


def test_a_library_that_asks_again_and_again_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def asking() -> None:
        while True:
            pass

    monkeypatch.setattr(trial_import, "_use_numpy", asking)
    monkeypatch.setattr(trial_import, "ENOUGH_SECONDS", 1)
    assert import_fault() == MEMORY
