"""Work on many files at once, with results in their order and memory for a few of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# Decoders hold whole pictures, of up to a few hundred MB each: more threads are not worth that.
THREADS = 8
AHEAD = 2  # results for each thread that may wait to be taken


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Generator[Result, None, None]:
    """Results in the order of the items, worked out by threads a little ahead of who takes them.

    Parameters
    ----------
    threads : how many, at least 1; what is done is worth more than one only where it lets others
        run, as decoders of pictures do.
    """
    rest = iter(items)
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Result]] = deque(
            pool.submit(work, item) for item in islice(rest, AHEAD * threads)
        )
        try:
            while waiting:
                result = waiting.popleft().result()
                waiting.extend(pool.submit(work, item) for item in islice(rest, 1))
                yield result
        finally:
            for future in waiting:
                future.cancel()
