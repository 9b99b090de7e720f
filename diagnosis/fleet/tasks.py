"""What workers do, one function a task: plain data in, plain data out, results in a folder.

A worker may die in any of them; whoever runs the same task again finds what is done already.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from diagnosis.fleet.at_hand import AtHand, at_hand
from utils.backends import slices
from utils.backends.bench import PASSES
from utils.backends.looking import Looked
from utils.backends.slices import Slice, slices_of
from utils.backends.tensorflow_runtime import limit_threads
from utils.dataset.calibration_set import CalibrationSet
from utils.emulator.floats.batch_size import default_batch_size
from utils.emulator.measuring.work import total_work
from utils.errors import DiagnosticError
from utils.fleet.plan import Case
from utils.fleet.storage import on_disk
from utils.fleet.store import Store, key_of
from utils.jobs.backend_names import EMBEDDED
from utils.jobs.plain import packed
from utils.measurements import Measurements
from utils.options.configuration import NO_CONFIGURATION
from utils.options.inspector_names import inspector_names
from utils.options.options import Options, parse_options

# Multiply-accumulates that take a core some twenty seconds: enough to make tracing and handing out
# small, and little enough to lose with a worker.
SLICE_WORK = 5e11
# Batches of a slice, at most: what a network spends on its values, and not on products, is bounded
# by these, as a batch is bounded by its largest tensor.
MOST_BATCHES = 16
FETCHED = "fetched"
# Tasks of one process wait for each other: TensorFlow has its threads once, and networks their
# memory.
_TURN = threading.RLock()


@dataclass(frozen=True)
class Workplace:
    """Where a fleet works.

    Parameters
    ----------
    results : folder of its results, under the same path on every worker.
    slice_work : multiply-accumulates of a slice.
    resumes : whether results that lie there are used.
    """

    results: str
    slice_work: float = SLICE_WORK
    resumes: bool = True


@dataclass(frozen=True)
class Surveyed:
    """What there is to do for an archive.

    Parameters
    ----------
    used : samples that are to be measured; 0 where nothing can be.
    parts : their slices; none where nothing can be measured, which judging will tell.
    work : multiply-accumulates of measuring a sample.
    failure : why the archive cannot be judged at all; "" if it can.
    """

    used: int = 0
    parts: tuple[Slice, ...] = ()
    work: float = 0.0
    failure: str = ""


@dataclass(frozen=True)
class Done:
    """A result that is kept.

    Parameters
    ----------
    key : its name in the store.
    failure : why there is none; "" if there is.
    """

    key: str = ""
    failure: str = ""


def options_of(case: Case, place: Workplace, *more: str) -> Options:
    """The options with which the command would diagnose an archive alone: those of the plan.

    A configuration in the folder of this process does not count: each worker has another folder.

    Raises
    ------
    UsageError : the archive or its data cannot be fetched.
    """
    folder = os.path.join(place.results, FETCHED)
    data = ["-d", on_disk(case.data, folder), "--backend", EMBEDDED] if case.data else []
    archive = on_disk(case.archive, folder)
    argv = [archive, *data, *case.arguments, "--no-interactive", *NO_CONFIGURATION, *more]
    return replace(parse_options(argv, inspector_names()), ignored=case.ignored)


@contextmanager
def turn() -> Iterator[None]:
    """One task of this process at a time, with as many threads as the worker is to use."""
    with _TURN:
        limit_threads(_threads())
        yield


def _threads() -> int:
    from distributed import get_worker

    try:
        return max(int(get_worker().state.nthreads), 1)
    except ValueError:  # no worker: somebody runs a task by hand
        return os.cpu_count() or 1


def survey(case: Case, place: Workplace) -> Surveyed:
    """Read an archive, find its data, and cut these into slices."""
    with turn():
        try:
            found = at_hand(options_of(case, place))
        except DiagnosticError as error:
            return Surveyed(failure=error.whole)
        if found.job is None:
            return Surveyed()
        try:
            used = found.bench().open_data().used
            found.check_format()
        except DiagnosticError:
            return Surveyed()
        network = found.inputs.model.float_network
        work = PASSES * total_work(network)
        batch = found.job.settings.batch_size or default_batch_size(network)
        largest = min(int(place.slice_work / max(work, 1.0)), MOST_BATCHES * batch)
        return Surveyed(used, slices_of(used, batch, largest), work)


def measure(case: Case, place: Workplace, used: int, part: Slice) -> Done:
    """Run a slice of the data through the networks, unless that was done before."""
    with turn():
        try:
            found = at_hand(options_of(case, place))
            key = _slice_key(found, used, part)
            store = Store(place.results)
            if place.resumes and store.read(Measurements, key) is not None:
                return Done(key)
            store.write(key, slices.measured_slice(found.networks(used), part))
        except DiagnosticError as error:
            return Done(failure=error.whole)
        return Done(key)


def look(case: Case, place: Workplace, used: int) -> Done:
    """Look at the samples one by one, unless that was done before; no network is run."""
    with turn():
        try:
            found = at_hand(options_of(case, place))
            key = _look_key(found, used)
            store = Store(place.results)
            if not place.resumes or store.read(Looked, key) is None:
                store.write(key, found.bench().look())
        except DiagnosticError as error:
            return Done(failure=error.whole)
        return Done(key)


def _look_key(found: AtHand, used: int) -> str:
    """What the looks of samples depend on; to hash all of them takes as long as to look."""
    assert found.job is not None
    job, _ = packed(replace(found.job, archive=""))
    files = sorted((path, *stamp) for path, stamp in found.data(used).stamps.items())
    return key_of("look", found.inputs.model.archive.sha256, job, used, files)


def _slice_key(found: AtHand, used: int, part: Slice) -> str:
    """What the measurements of a slice depend on: all of it, and nothing else."""
    job = found.job
    assert job is not None
    settings, _ = packed(job.settings)
    need, _ = packed(replace(job, archive="", dataset=""))
    calibration = found.data(used)
    return key_of(
        "slice",
        found.inputs.model.archive.sha256,
        _digest(calibration, part),
        [used, part.first, part.samples],
        settings,
        need["need"],
    )


def _digest(calibration: CalibrationSet, part: Slice) -> str:
    """Of the samples of a slice, and of their places."""
    digest, indices = hashlib.sha256(), calibration.indices[part.positions]
    digest.update(np.ascontiguousarray(indices, np.int64).tobytes())
    for batch in calibration.batches(calibration.bounded_batch_size, indices):
        for name, array in batch.items():
            digest.update(f"{name} {array.dtype} {array.shape[1:]}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def join(place: Workplace, parts: Sequence[Done]) -> Done:
    """Join what slices yielded, in the order of their samples."""
    failed = next((part for part in parts if part.failure), None)
    if failed is not None:
        return failed
    key = key_of("join", [part.key for part in parts])
    store = Store(place.results)
    if place.resumes and store.read(Measurements, key) is not None:
        return Done(key)
    found = []
    for part in parts:
        measured = store.read(Measurements, part.key)
        if measured is None:
            return Done(failure=f"what was kept of a slice is gone: {store.path(part.key)}")
        found.append(measured)
    store.write(key, slices.joined(found))
    return Done(key)
