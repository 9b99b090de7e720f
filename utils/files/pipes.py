"""Named pipes: opened with a partner at the other end, or not at all.

The system has who opens such a pipe wait for its partner, for ever where there is none.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import time

PARTNER_S = 1.0  # that a partner may take that is started together with the command
_LOOKED_EVERY_S = 0.05
NOBODY_WRITES = "it is a pipe, and nobody writes to it"
NOBODY_READS = "it is a pipe, and nobody reads from it"


def is_named_pipe(path: str) -> bool:
    """Whether a path leads to a pipe in a folder; what a shell made has its partner already."""
    try:
        return stat.S_ISFIFO(os.stat(os.path.realpath(path)).st_mode)
    except (OSError, ValueError):
        return False


def opened_to_read(path: str, flags: int) -> int:
    """What `open` takes as its opener: a named pipe is opened once somebody writes to it.

    Raises
    ------
    OSError : nobody does, or it cannot be opened.
    """
    if not is_named_pipe(path):
        return os.open(path, flags)
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    if not _is_written(descriptor):
        os.close(descriptor)
        raise OSError(errno.ENXIO, NOBODY_WRITES)
    os.set_blocking(descriptor, True)
    return descriptor


def _is_written(descriptor: int) -> bool:
    pipe = select.poll()
    pipe.register(descriptor, select.POLLIN)
    if pipe.poll(PARTNER_S * 1000):
        return True
    try:
        os.read(descriptor, 1)  # the end of the file, as nobody writes
    except BlockingIOError:
        return True  # somebody has it open, and is slow
    return False


def opened_to_write(path: str) -> int:
    """A descriptor of a named pipe that somebody reads from.

    Raises
    ------
    OSError : nobody does, or it cannot be opened.
    """
    end = time.monotonic() + PARTNER_S
    while (descriptor := _opened_for_reader(path)) is None:
        if time.monotonic() > end:
            raise OSError(errno.ENXIO, NOBODY_READS)
        time.sleep(_LOOKED_EVERY_S)
    os.set_blocking(descriptor, True)
    return descriptor


def _opened_for_reader(path: str) -> int | None:
    try:
        return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        return None
