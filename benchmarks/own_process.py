"""Work in a fresh interpreter: memory, threads and caches of other work are not in its way."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")

ROOT = Path(__file__).resolve().parent.parent
MIB = 2**20
# getrusage counts in KiB, except on macOS.
BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024


def in_own_process(
    function: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
) -> Result:
    """What a function of a module returns when a new interpreter runs it."""
    # A process starts with the peak of the one that started it; who only starts some stays lean.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *args, **kwargs).result()


def peak_memory_mib(maximum: int | None = None) -> float:
    """The most memory that this process used so far, or `maximum` as the system counts it.

    A process starts with the peak of the one that started it, so a lean one has to.
    """
    if maximum is None:
        maximum = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return maximum * BYTES_PER_UNIT / MIB


def seconds_of(run: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def run_interpreter(*arguments: str) -> tuple[float, float]:
    """Peak of the memory in MiB, and seconds, of an interpreter in a process of its own.

    Raises
    ------
    RuntimeError : it did not end well.
    """
    started = time.perf_counter()
    child = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{arguments} ended with {child.returncode}")
    return peak_memory_mib(usage.ru_maxrss), time.perf_counter() - started
