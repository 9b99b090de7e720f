"""What a worker of a local cluster does first; Dask finds the function by its name."""

from __future__ import annotations

import signal

OF_TERMINALS = {signal.SIGINT, signal.SIGHUP}  # what they send to all processes at once


def dask_setup(worker: object) -> None:
    """Leave Ctrl-C, and the end of a terminal, to the process that handed out the work.

    That one then ends this one.
    """
    del worker
    for number in OF_TERMINALS:
        signal.signal(number, signal.SIG_IGN)
