"""Work that is done beside what makes it, in the same order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import tensorflow as tf

Item = TypeVar("Item")
Result = TypeVar("Result")

# What may wait; every layer that does holds its tensors in memory.
WAITING = 4


def in_background(
    work: Callable[[Item], Result], items: Iterable[Item], waiting: int = WAITING
) -> Iterator[Result]:
    """Results in the order of the items; one thread works while the next items are made.

    Parameters
    ----------
    waiting : how many items may wait for their turn.
    """
    pending: deque[Future[Result]] = deque()
    # A device scope holds in the thread that opened it only.
    place = tf.zeros(()).device if tf.config.get_visible_devices("GPU") else None

    def placed(item: Item) -> Result:
        with tf.device(place):
            return work(item)

    with ThreadPoolExecutor(max_workers=1) as worker:
        for item in items:
            pending.append(worker.submit(placed, item))
            del item
            while len(pending) > waiting:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
