"""The machines: a cluster of Dask that exists, or one on this machine, made for the run."""

from __future__ import annotations

import logging
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any

from diagnosis.fleet.judging import UNFINISHED
from diagnosis.fleet.worker_setup import OF_TERMINALS
from utils.backends.tensorflow_runtime import processors
from utils.errors import MachineError, UsageError
from utils.errors.faults import machine_fault
from utils.files.typed import typed
from utils.terminal.interruptions import interruptions_held_back
from utils.terminal.logger import LOGGER
from utils.tool import ROOT, VERSION
from utils.wording import plural, short

LOOPBACK = "127.0.0.1"
SETUP = "diagnosis.fleet.worker_setup"
PATIENCE = 60  # seconds until a scheduler has to answer, and a worker to be there
SILENT = 5  # seconds until it is said that no worker has joined
POLL = 0.2
TRIES = 12  # at reaching the scheduler; between them it can be interrupted
_ROOT = typed(str(ROOT))
_WITH_TOOL = f"with the folder of version {VERSION} in PYTHONPATH, as in PYTHONPATH={_ROOT}"
WORKER_BYTES = 3 << 30  # TensorFlow, a traced network and a batch of it
FEWER = "try fewer --workers, or run the fleet again"
LEAST_BYTES = 1 << 29  # TensorFlow alone


@contextmanager
def connected(scheduler: str, workers: int | None, results: str, dashboard: bool) -> Iterator[Any]:
    """A client of the cluster at an address, or of one on this machine.

    Parameters
    ----------
    scheduler : address of a scheduler, such as ``tcp://10.0.0.1:8786``; "" makes a cluster.
    workers : processes of a cluster that is made; None for what suits this machine.
    results : folder of results; a cluster that is made keeps its temporary files there.
    dashboard : whether a cluster that is made shows Dask's dashboard.

    Raises
    ------
    UsageError : the scheduler does not answer, or it or its workers cannot run the tool.
    MachineError : a worker of this machine died while it was started.
    """
    import distributed

    if scheduler:
        LOGGER.info("Asking the scheduler %s, for %d s at most", short(scheduler, 200), PATIENCE)
        with _client(distributed, scheduler) as client:
            _check_scheduler(client)
            _check_workers(client)
            yield client
        return
    with (
        tempfile.TemporaryDirectory(dir=results, prefix=f"{UNFINISHED}dask-") as scratch,
        _local(distributed, workers, scratch, dashboard) as cluster,
        _client(distributed, cluster) as client,
    ):
        if dashboard:
            LOGGER.info("Dashboard: %s", client.dashboard_link)
        yield client


@contextmanager
def _local(distributed: Any, workers: int | None, scratch: str, dashboard: bool) -> Iterator[Any]:
    import dask

    memory = _memory()
    _check_count(workers or 1, memory)
    count = workers or default_workers(processors(), memory)
    threads = max(processors() // count, 1)
    dask.config.set(_OWN_SETTINGS)
    LOGGER.info("%s with %s each", plural(count, "worker"), plural(threads, "core"))
    cluster = None
    try:
        # Dask cannot end a cluster that is half made.
        with interruptions_held_back(), _children_deaf():
            cluster = _made(
                distributed,
                n_workers=count,
                threads_per_worker=threads,
                scheduler_kwargs={"dashboard": dashboard},
                local_directory=scratch,
            )
        yield cluster
    finally:
        if cluster is not None:
            cluster.close()


def _made(distributed: Any, **settings: Any) -> Any:
    """A cluster of processes of this machine.

    Raises
    ------
    MachineError : a worker died before it had begun.
    """
    try:
        return distributed.LocalCluster(
            processes=True,
            host=LOOPBACK,
            # There is an HTTP server in any case; None would let it look for a port everywhere.
            dashboard_address=f"{LOOPBACK}:0",
            preload=[SETUP],
            silence_logs=logging.CRITICAL,
            **settings,
        )
    except RuntimeError as error:
        why = machine_fault(error) or "mostly because memory ran out"
        raise MachineError(f"a worker died while it was started: {why}; {FEWER}") from error


@contextmanager
def _children_deaf() -> Iterator[None]:
    """Have processes that threads of the block start, now or later, never hear of a terminal.

    It sends Ctrl-C, and that it closes, to all processes at once, also to those that import their
    first modules and have not reached `SETUP`.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # started later, it would take the mask away
    before = signal.pthread_sigmask(signal.SIG_BLOCK, OF_TERMINALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# Results are names, so there is nothing to spill; and a worker that waits for memory which is its
# own networks' would wait for ever. One that takes too much is ended, and starts again.
_OWN_SETTINGS = {
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    # Dask's own also has memory handed back to the system at every turn, although a network takes
    # the same again for its next batch: time of the system was four times as much.
    "distributed.nanny.pre-spawn-environ": {
        "OMP_NUM_THREADS": 1,
        "MKL_NUM_THREADS": 1,
        "OPENBLAS_NUM_THREADS": 1,
    },
}


def default_workers(cores: int, memory: int) -> int:
    """How many processes suit a machine: one a core, as far as the memory goes.

    Parameters
    ----------
    memory : in bytes; 0 where it is not known.
    """
    return max(min(cores, memory // WORKER_BYTES if memory else cores), 1)


def _check_count(workers: int, memory: int) -> None:
    """Refuse more workers than can even begin: this machine would take them all down, and more."""
    most = max(memory // LEAST_BYTES, 1)
    if memory and workers > most:
        raise UsageError(
            f"--workers {workers}: each takes half a GiB to begin with, and this machine has "
            f"{memory / (1 << 30):.0f} GiB, so {most} at most"
        )


def _memory() -> int:
    from distributed.system import MEMORY_LIMIT

    return int(MEMORY_LIMIT)


@contextmanager
def _client(distributed: Any, where: Any) -> Iterator[Any]:
    client = None
    try:
        for tried in range(1, TRIES + 1):
            # A client that is interrupted while it connects would wait for minutes at its end.
            with interruptions_held_back():
                client = _connected(distributed, where, tried)
            if client is not None:
                break
        yield client
    finally:
        if client is not None:
            client.close(timeout=10)


def _connected(distributed: Any, where: Any, tried: int) -> Any:
    """A client; None where nobody answered, and it is worth another try."""
    try:
        return distributed.Client(where, set_as_default=False, timeout=PATIENCE / TRIES)
    except (OSError, TimeoutError, ValueError, ImportError) as error:
        if isinstance(error, (OSError, TimeoutError)) and tried < TRIES:
            return None
        said = short(str(error) or type(error).__name__, 200)
        times = plural(tried, "time")
        raise UsageError(f"the scheduler {where} does not answer, asked {times}: {said}") from error


def _check_scheduler(client: Any) -> None:
    # It reads the graph of the tasks, which refers to modules of the tool.
    try:
        found = client.run_on_scheduler(tool_version)
    except (OSError, TimeoutError):
        raise
    except Exception as error:
        found = error
    if found != VERSION:
        raise UsageError(
            f"the scheduler cannot run this tool ({short(repr(found), 200)}); start it {_WITH_TOOL}"
        )


def _check_workers(client: Any) -> None:
    try:
        wait_for_a_worker(client)
        found = client.run(tool_version, on_error="return")
    except (OSError, TimeoutError) as error:
        said = f"the scheduler has had no worker for {PATIENCE} s; {how_one_starts(client)}"
        raise UsageError(said) from error
    for worker, version in found.items():
        if version != VERSION:
            raise UsageError(
                f"the worker {worker} cannot run this tool ({short(repr(version), 200)}); start "
                f"workers {_WITH_TOOL}"
            )


def wait_for_a_worker(client: Any) -> None:
    """Wait until a worker has joined, and say that and how one is started if it takes long.

    Raises
    ------
    TimeoutError : none has.
    """
    begun, is_told = time.monotonic(), False
    while not client.nthreads():
        waited = time.monotonic() - begun
        if waited >= PATIENCE:
            raise TimeoutError
        if waited >= SILENT and not is_told:
            is_told = True
            LOGGER.warning(
                "No worker has joined the scheduler for %d s, and the fleet waits for one, up to "
                "%d s; %s",
                waited,
                PATIENCE,
                how_one_starts(client),
            )
        time.sleep(POLL)


def how_one_starts(client: Any) -> str:
    """What to do where there is no worker."""
    return f"start one, as by `dask worker {client.scheduler.address} --nthreads 1`, {_WITH_TOOL}"


def tool_version() -> str:
    """The version of the tool on the worker, or the scheduler, that runs this."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return VERSION
