"""How the command ends: with one of four exit statuses, and a sentence where it has to be another.

Nothing but the standard library is imported here, so that this holds for broken packages as well.
"""

from __future__ import annotations

import atexit
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from utils.errors.faults import fault_sentence, machine_fault
from utils.terminal.interruptions import INTERRUPTED

FAILED = 2
_STATUSES = (0, 1, FAILED, INTERRUPTED)


def keep_standard_descriptors() -> None:
    """Have what is opened later take no number of a standard stream that was closed.

    What is written to such a number fails, as it would without this.
    """
    while (number := os.open(os.devnull, os.O_RDONLY)) <= 2:
        pass  # it takes the lowest number that is free
    os.close(number)


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
        flush_all()  # all was said: nothing but the last steps of the process is interrupted so
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
        flush_all()
        os._exit(_last["status"])


def flush_all() -> None:
    """Write out what was printed so far."""
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
