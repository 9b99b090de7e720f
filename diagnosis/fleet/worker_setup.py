"""What a worker of a local cluster does first; Dask finds the function by its name."""

from __future__ import annotations

import signal


def dask_setup(worker: object) -> None:
    """Leave Ctrl-C to the process that handed out the work, which then ends this one.

    A terminal sends it to all processes at once.
    """
    del worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
