from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from utils.emulator.measuring.background import ahead, in_background


def test_results_come_in_order_and_from_another_thread() -> None:
    here = threading.get_ident()
    found = list(in_background(lambda n: (n * n, threading.get_ident()), range(20)))
    assert [square for square, _ in found] == [n * n for n in range(20)]
    assert {thread for _, thread in found}.isdisjoint({here})


def made_at_first(count: int, **how: Any) -> int:
    """How many of some items were made before the first was worked on; all have to come."""
    made: list[int] = []
    gate = threading.Event()

    def items() -> Iterator[int]:
        for number in range(count):
            made.append(number)
            yield number

    def work(number: int) -> int:
        gate.wait(5)
        return number

    results = in_background(work, items(), **how)
    threading.Timer(0.2, gate.set).start()
    assert next(results) == 0
    found = len(made)
    assert list(results) == list(range(1, count))
    return found


def test_few_items_wait() -> None:
    assert made_at_first(10, waiting=2) == 3


def test_what_the_work_raises_ends_it() -> None:
    def work(number: int) -> float:
        return 1 / number

    with pytest.raises(ZeroDivisionError):
        list(in_background(work, [1, 0, 2]))


def test_more_may_wait_where_they_hold_little() -> None:
    made: list[int] = []
    gate = threading.Event()

    def items() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number
        gate.set()

    def work(number: int) -> int:
        assert gate.wait(5)
        return number

    results = in_background(work, items(), waiting=2, held_bytes=lambda number: 1)
    assert list(results) == list(range(10))
    assert len(made) == 10


def test_few_may_wait_where_they_hold_much() -> None:
    assert made_at_first(10, waiting=2, held_bytes=lambda number: 2**30) == 3


def test_the_next_one_is_made_by_another_thread_while_one_is_used() -> None:
    here, made = threading.get_ident(), threading.Semaphore(0)

    def items() -> Iterator[int]:
        for _ in range(3):
            yield threading.get_ident()
            made.release()

    seen: list[int] = []
    for thread in ahead(items()):
        assert len(seen) == 2 or made.acquire(timeout=5)  # the one behind it
        seen.append(thread)
    assert len(seen) == 3
    assert here not in seen


def test_what_cannot_be_made_is_raised_behind_what_could() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("torn")

    coming = ahead(items())
    assert next(coming) == 1
    with pytest.raises(ValueError, match="torn"):
        next(coming)


def test_what_makes_items_ends_with_the_error_of_who_takes_them() -> None:
    ended = threading.Event()
    while_handled: list[bool] = []

    def items() -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            ended.set()

    def work(number: int) -> int:
        raise ValueError(f"cannot take {number}")

    def run() -> None:
        try:
            list(in_background(work, ahead(items())))
        except ValueError:
            while_handled.append(ended.is_set())
            raise

    with pytest.raises(ValueError, match="cannot take 0"):
        run()
    assert while_handled == [True]
