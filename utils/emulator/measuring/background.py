"""Work that is done beside what makes it, in the same order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import tensorflow as tf

Item = TypeVar("Item")
Result = TypeVar("Result")

# What may wait; every layer that does holds its tensors in memory.
WAITING = 4
# Less than two of the first layers of a network hold; so many others may wait up to that.
LITTLE, MOST_WAITING = 128 * 2**20, 64


def in_background(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    waiting: int = WAITING,
    held_bytes: Callable[[Item], int] | None = None,
) -> Iterator[Result]:
    """Results in the order of the items; one thread works while the next items are made.

    Parameters
    ----------
    waiting : how many items may wait for their turn; more where these hold little.
    held_bytes : what an item holds until it was worked on; by default too much for more to wait.
    """
    pending: deque[tuple[Future[Result], int]] = deque()
    placed = _where_it_is_asked(work)
    held = 0

    def is_due() -> bool:
        if held_bytes is None:
            return len(pending) > waiting
        if pending and pending[0][0].done():
            return True
        return len(pending) > (waiting if held >= LITTLE else MOST_WAITING)

    with _ending(items), ThreadPoolExecutor(max_workers=1) as worker:
        try:
            for item in items:
                size = 0 if held_bytes is None else held_bytes(item)
                held += size
                pending.append((worker.submit(placed, item), size))
                del item
                while is_due():
                    future, size = pending.popleft()
                    held -= size
                    yield future.result()
            while pending:
                yield pending.popleft()[0].result()
        finally:
            for future, _ in pending:  # nobody is going to ask for the results
                future.cancel()


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The same items; another thread makes the next one while one is used."""
    coming = iter(items)

    def following(_: object) -> tuple[Item, ...]:
        for item in coming:
            return (item,)
        return ()

    make = _where_it_is_asked(following)
    with _ending(coming), ThreadPoolExecutor(max_workers=1) as worker:
        future = worker.submit(make, None)
        while found := future.result():
            future = worker.submit(make, None)
            yield from found
            del found


@contextmanager
def _ending(items: Any) -> Iterator[None]:
    """Have what makes items end with the block, even if an error holds on to it."""
    try:
        yield
    finally:
        if hasattr(items, "close"):
            items.close()


def _where_it_is_asked(work: Callable[[Item], Result]) -> Callable[[Item], Result]:
    """The same work on the device of this thread; scopes hold in the thread that opened them."""
    place = tf.zeros(()).device if tf.config.get_visible_devices("GPU") else None

    def placed(item: Item) -> Result:
        with tf.device(place):
            return work(item)

    return placed
