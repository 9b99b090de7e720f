"""Processes that stand in for the one that runs the networks, and end or misbehave as told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from utils.backends.process import engine
from utils.backends.process.engine import EngineProcess

_READY = """
import os, signal, sys, time
from utils.backends.process.messages import Kind, Message, read_message, write_message
from utils.backends.process.told import Doing, Refused, Said
from utils.jobs.bundle import bundled
from utils.jobs.measured import Measured
from io import FileIO
requests, answers = FileIO(0), FileIO(1, "w")
def tell(kind, value):
    write_message(answers, Message(kind, bundled(value)))
while read_message(requests).kind is Kind.COMING:
    pass
"""


@contextmanager
def impostor(monkeypatch: pytest.MonkeyPatch, then: str) -> Iterator[EngineProcess]:
    """A process that waits for the first request, and then runs some lines."""
    start = f"import sys; sys.path[:] = sys.argv[2:]\n{_READY}{then}"
    monkeypatch.setattr(engine, "_START", start)
    process = EngineProcess("embedded")
    try:
        yield process
    finally:
        process.close()
