"""How the command ends: with one of four exit statuses, and a sentence where it has to be another.

Nothing but the standard library is imported here, so that this holds for broken packages as well.
"""

from __future__ import annotations

import atexit
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType

from utils.faults import fault_sentence, machine_fault

FAILED, INTERRUPTED = 2, 130
_STATUSES = (0, 1, FAILED, INTERRUPTED)
# Ctrl-C, and what ends jobs and containers; both mean the same to who started the command.
_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)
Handler = Callable[[int, FrameType | None], object]


def keep_standard_descriptors() -> None:
    """Have what is opened later take no number of a standard stream that was closed.

    What is written to such a number fails, as it would without this.
    """
    while (number := os.open(os.devnull, os.O_RDONLY)) <= 2:
        pass  # it takes the lowest number that is free
    os.close(number)


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
    _say("Interrupted before anything was done")
    os._exit(INTERRUPTED)


def end_on_the_unexpected() -> None:
    """Have what nobody catches end the process with a sentence instead of a traceback."""
    sys.excepthook = _unexpected
    sys.unraisablehook = _unraisable


def _unraisable(ignored: sys.UnraisableHookArgs) -> None:
    if not isinstance(ignored.exc_value, MemoryError):  # what is left of it is told elsewhere
        sys.__unraisablehook__(ignored)


def _unexpected(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    del kind, trace
    if isinstance(error, KeyboardInterrupt):
        _flush_all()  # all was said: nothing but the last steps of the process is interrupted so
        os._exit(INTERRUPTED)
    _say(fault_sentence(error))
    os._exit(FAILED)


@contextmanager
def promised_status() -> Iterator[None]:
    """Have a block that ends the process do so with a status that was promised."""
    try:
        yield
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else FAILED if end.code else 0
        raise SystemExit(status_of(status)) from end


def status_of(status: int) -> int:
    """The exit status of a process, after all that was printed has left it.

    What was printed and does not arrive is a failure, which is told on standard error. That a
    reader goes away, as in ``| head``, is none.
    """
    lost = _lost_output()
    if lost and status in (0, 1):
        _say(f"standard output cannot be written: {lost}")
        return FAILED
    return status if status in _STATUSES else FAILED


def last_status(status: int) -> int:
    """The same, for a process that ends with it whatever else is called at its end."""
    _last["status"] = status_of(status)
    return _last["status"]


_last: dict[str, int] = {}


def leave_things_where_they_are() -> None:
    """Have the process end without taking apart all that it holds, which the system does faster.

    What else is to be called at the end has to be registered later: it is called in front of this.
    """
    atexit.register(_leave)


def _leave() -> None:
    if "status" in _last:
        _flush_all()
        os._exit(_last["status"])


def _flush_all() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, or there is none
            stream.flush()


def printed(text: str) -> int:
    """Print a text; returns the exit status so far."""
    try:
        if sys.stdout is not None:
            sys.stdout.write(text)
            sys.stdout.flush()
    except OSError as error:
        output_lost(error)
    return 0


# Why standard output cannot be written; a process has one.
_lost = {"output": ""}


def output_lost(error: BaseException, descriptor: int = 1) -> None:
    """Note that a line did not arrive, and have the others go nowhere.

    Parameters
    ----------
    descriptor : what was written to.
    """
    if getattr(error, "errno", None) != errno.EPIPE and descriptor == 1:
        reason = machine_fault(error) or getattr(error, "strerror", None) or str(error)
        _lost["output"] = _lost["output"] or reason
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _lost_output() -> str:
    if sys.stdout is None:
        return "it is closed"
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        output_lost(error)
    return _lost["output"]


def _say(sentence: str) -> None:
    with suppress(OSError):
        os.write(2, f"[error] {sentence}\n".encode(errors="backslashreplace"))
