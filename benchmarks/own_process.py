"""Work in a fresh interpreter: memory, threads and caches of other work are not in its way."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")

MIB = 2**20
# getrusage counts in KiB, except on macOS.
BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024


def in_own_process(
    function: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
) -> Result:
    """What a function of a module returns when a new interpreter runs it."""
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
