"""What interrupts the command: Ctrl-C, what ends jobs and containers, and a terminal that closes.

Before anything could be kept it ends the process, later it raises KeyboardInterrupt, and around
steps that have to be finished it is held back. Nothing but the standard library is imported here,
so that this holds before packages are there.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

INTERRUPTED = 130  # the status of a process that ended so
# Ctrl-C, what ends jobs and containers, and what a terminal sends that is closed, or whose
# connection broke; all mean the same to who started the command.
_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Handler = Callable[[int, FrameType | None], object]


def end_on_interruption() -> None:
    """Have an interruption end the process at once, as long as nothing could be kept.

    Who starts the command with a signal ignored, as nohup does in scripts, goes on ignoring it.
    """
    _handle_interruptions(_ended)


def raise_on_interruption() -> None:
    """Have an interruption raise KeyboardInterrupt from now on, unless its signal is ignored."""
    _handle_interruptions(_interrupted)


# The signal that came last; a process is interrupted by one.
_came = {"signal": signal.SIGINT}


def _interrupted(number: int, frame: FrameType | None) -> None:
    _came["signal"] = signal.Signals(number)
    signal.default_int_handler(number, frame)


def interruption() -> str:
    """By what this process was interrupted, as a person would say it."""
    return "Ctrl-C" if _came["signal"] == signal.SIGINT else _came["signal"].name


def _handle_interruptions(handler: Handler) -> None:
    for number in _INTERRUPTIONS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


@contextmanager
def interruptions_held_back() -> Iterator[None]:
    """Have what interrupts the block come behind it, so that its steps are made all or none.

    Handlers belong to the main thread; blocks of other threads are not interrupted anyway.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.getsignal(number) for number in _INTERRUPTIONS}
    try:
        _handle_interruptions(lambda number, frame: came.append(number))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


class LateInterruption(KeyboardInterrupt):
    """It came while something was finished, and that is finished now."""


# Whether an interruption is held back now, and the one that was; a process has one main thread.
_first = {"is_held": False, "came": 0}


@contextmanager
def first_interruption_held_back() -> Iterator[None]:
    """Have the first interruption come behind the block, which takes a moment; the second ends it.

    What takes long in it is marked as `interruptible`.

    Raises
    ------
    LateInterruption : behind the block, where an interruption came.
    """
    handlers = {number: signal.getsignal(number) for number in _INTERRUPTIONS}
    # What ends the process by itself, or is ignored, goes on doing so.
    ours = {number: handler for number, handler in handlers.items() if callable(handler)}
    if threading.current_thread() is not threading.main_thread() or not ours:
        yield
        return
    _first.update(is_held=True, came=0)
    for number in ours:
        signal.signal(number, _noted)
    try:
        yield
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
        _first["is_held"] = False
        came, _first["came"] = _first["came"], 0
    if came:
        raise LateInterruption


def _noted(number: int, frame: FrameType | None) -> None:
    if not _first["is_held"] or _first["came"]:
        _interrupted(number, frame)
    _came["signal"] = signal.Signals(number)
    _first["came"] = number


def is_interruption_held_back() -> bool:
    """Whether an interruption came, and waits for the end of what is being finished."""
    return bool(_first["came"])


@contextmanager
def interruptible(*, begins_anyway: bool = False) -> Iterator[None]:
    """Within a block that holds the first interruption back, one that is interrupted at once.

    Parameters
    ----------
    begins_anyway : also where an interruption was held back before; the next one interrupts it.

    Raises
    ------
    KeyboardInterrupt : at its start, where an interruption was held back before.
    """
    if is_interruption_held_back() and not begins_anyway:
        raise KeyboardInterrupt
    before, _first["is_held"] = _first["is_held"], False
    try:
        yield
    finally:
        _first["is_held"] = before


def _ended(number: int, frame: FrameType | None) -> None:
    del number, frame
    with suppress(OSError):
        os.write(2, b"[error] Interrupted before anything was done\n")
    os._exit(INTERRUPTED)
