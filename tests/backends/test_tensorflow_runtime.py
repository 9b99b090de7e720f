"""How many threads TensorFlow is given."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from utils.backends import tensorflow_runtime
from utils.backends.tensorflow_runtime import limit_threads, processors


@pytest.fixture(autouse=True)
def limit(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tensorflow_runtime, "_most_threads", [])
    yield


@pytest.mark.parametrize(("cores", "most", "threads"), [(4, None, 4), (4, 2, 2), (1, 8, 1)])
def test_threads_are_as_many_as_processors_unless_fewer_are_wanted(
    cores: int, most: int | None, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(cores)), raising=False)
    if most is not None:
        limit_threads(most)
    assert processors() == threads
