from __future__ import annotations

import threading
import time
from itertools import count

import pytest

from utils.dataset.sources.in_order import AHEAD, in_order


def slower_first(item: int) -> int:
    time.sleep(0.002 * (5 - item % 5))
    return item * item


@pytest.mark.parametrize("threads", [1, 3])
def test_results_come_in_the_order_of_the_items(threads: int) -> None:
    assert list(in_order(slower_first, range(20), threads)) == [i * i for i in range(20)]


def test_nothing_comes_of_nothing() -> None:
    assert list(in_order(slower_first, [], 2)) == []


def test_work_runs_only_a_little_ahead_of_who_takes_it() -> None:
    done: list[int] = []

    def work(item: int) -> int:
        done.append(item)
        return item

    results = in_order(work, count(), 2)
    for expected in range(10):
        assert next(results) == expected
        assert len(done) <= expected + 1 + 2 * AHEAD + 1
    results.close()
    reached = len(done)
    time.sleep(0.02)
    assert len(done) == reached


def test_an_error_ends_it_where_it_happened_and_leaves_no_thread() -> None:
    def work(item: int) -> int:
        if item == 4:
            raise ValueError("the fifth")
        return item

    before = threading.active_count()
    results = in_order(work, range(100), 3)
    assert [next(results) for _ in range(4)] == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="the fifth"):
        next(results)
    assert threading.active_count() == before
