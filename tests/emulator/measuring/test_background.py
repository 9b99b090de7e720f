from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from utils.emulator.measuring.background import in_background


def test_results_come_in_order_and_from_another_thread() -> None:
    here = threading.get_ident()
    found = list(in_background(lambda n: (n * n, threading.get_ident()), range(20)))
    assert [square for square, _ in found] == [n * n for n in range(20)]
    assert {thread for _, thread in found}.isdisjoint({here})


def test_few_items_wait() -> None:
    made: list[int] = []
    gate = threading.Event()

    def items() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number

    def work(number: int) -> int:
        gate.wait(5)
        return number

    results = in_background(work, items(), waiting=2)
    threading.Timer(0.2, gate.set).start()
    assert next(results) == 0
    assert len(made) == 3
    assert list(results) == list(range(1, 10))


def test_what_the_work_raises_ends_it() -> None:
    def work(number: int) -> float:
        return 1 / number

    with pytest.raises(ZeroDivisionError):
        list(in_background(work, [1, 0, 2]))
