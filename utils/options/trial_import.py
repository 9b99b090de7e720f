"""Whether limits of this process leave room for numpy: tried where a failure can be survived.

Libraries below numpy end the process, with a status that means something else here, or interrupt
it, where memory or threads are refused. Nothing but the standard library is imported here.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from contextlib import suppress

from utils.errors.faults import MEMORY, machine_fault

MEMORY_LIMITS = (resource.RLIMIT_AS, resource.RLIMIT_DATA)
# Systems grant a user thousands of processes and threads; fewer were chosen by somebody.
FEW_THREADS = 4096
_LAST_WORDS = 4096  # bytes
# Of a processor, many times what it takes. Some libraries ask for refused memory again and again.
ENOUGH_SECONDS = 5


def ensure_numpy_loads() -> None:
    """End the process with code 2 and a sentence if numpy would end it otherwise.

    A process without such limits is not kept waiting.
    """
    if not _is_limited():
        return
    if fault := import_fault():
        sys.stderr.write(f"[error] {fault}: numpy cannot be loaded; raise the limit (ulimit -a)\n")
        sys.exit(2)
    with suppress(Exception):
        _use_numpy()  # before others take the memory that was found to suffice


def import_fault() -> str:
    """Of what the process would die that imports numpy, as a clause; "" if of nothing.

    What Python can raise is none of it: that is told where it is met.
    """
    reading, writing = os.pipe()
    try:
        child = os.fork()
    except OSError as error:
        return machine_fault(error)
    if not child:
        _import(writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read(_LAST_WORDS).decode(errors="replace")
        while stream.read(_LAST_WORDS):
            pass  # it must not wait for a reader
    _, status = os.waitpid(child, 0)
    if status == 0:
        return ""
    return machine_fault(RuntimeError(said)) or MEMORY


def _import(errors: int) -> None:
    """End this process with status 0, unless a library ends it otherwise."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CPU, (ENOUGH_SECONDS, ENOUGH_SECONDS))
        os.dup2(errors, 2)
        _use_numpy()
    finally:
        os._exit(0)


def _use_numpy() -> None:
    """Import numpy and multiply, which takes memory of its own."""
    import numpy as np

    matrix = np.ones((64, 64))
    matrix @ matrix


def _is_limited() -> bool:
    limits = [resource.getrlimit(kind)[0] for kind in MEMORY_LIMITS]
    if any(limit != resource.RLIM_INFINITY for limit in limits):
        return True
    threads = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    return threads != resource.RLIM_INFINITY and threads < FEW_THREADS
