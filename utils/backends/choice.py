"""Which backend runs the data, and what happens where the SDK fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from utils.backends import embedded
from utils.backends.opened_job import OnRead, OpenedJob
from utils.backends.sdk.installation import imported_version, opened_sdk
from utils.backends.sdk.presence import is_installed
from utils.dataset.calibration_set import Batch, sample_count
from utils.errors import SdkError
from utils.jobs.backend_names import AUTO, BOTH, EMBEDDED, SDK
from utils.jobs.sdk_part import SdkPart
from utils.terminal.logger import LOGGER

if TYPE_CHECKING:
    from utils.backends.emulation import Emulated


def run_by_backend(job: OpenedJob, backend: str) -> Emulated:
    """Run the data by the SDK or by the embedded engine.

    Parameters
    ----------
    backend : one of `backend_names.CHOICES`. ``auto`` takes the SDK where it can be imported and
        falls back to the embedded engine, with a warning, where it fails; ``both`` falls back as
        well, as findings can be had without the comparison.

    Raises
    ------
    SdkError : the SDK fails, and nothing else was allowed to run.
    DatasetError : samples are not finite, or the file is damaged.
    DiagnosticError : TensorFlow is missing, or the memory does not suffice.
    """
    if backend == EMBEDDED or (backend == AUTO and not is_installed()):
        return embedded.measure(job)
    once = OnceEach(job.on_read)
    job = replace(job, on_read=once)
    try:
        return _by_sdk(job, backend == BOTH)
    except SdkError as error:
        if backend == SDK:
            raise SdkError(f"{error}; --backend embedded does without the SDK") from error
        LOGGER.warning("The embedded engine runs instead of the SDK: %s", error)
        failed = SdkPart(imported_version(), str(error))
    once.start_again()
    found = embedded.measure(job)
    return replace(found, passed=replace(found.passed, sdk=failed))


class OnceEach:
    """Hands on every sample once, although a run that failed is followed by another."""

    def __init__(self, on_read: OnRead) -> None:
        self._on_read = on_read
        self._handed_on = 0
        self._position = 0

    def start_again(self) -> None:
        """The data are read from their beginning."""
        self._position = 0

    def __call__(self, batch: Batch) -> None:
        """Hand on what is new in a batch."""
        size = sample_count(batch)
        known = min(max(self._handed_on - self._position, 0), size)
        if known < size:
            self._on_read({name: array[known:] for name, array in batch.items()})
        self._position += size
        self._handed_on = max(self._handed_on, self._position)


def _by_sdk(job: OpenedJob, compares: bool) -> Emulated:
    with opened_sdk() as sdk:
        if sdk.doubt:
            LOGGER.warning("%s", sdk.doubt)
        # Not before the SDK is imported, which then finds no GPU.
        embedded.load_tensorflow(job.phases)
        from utils.backends.emulation import emulated
        from utils.backends.networks import Networks
        from utils.backends.sdk.data_pass import sdk_data_pass

        networks = Networks(job)
        passed = sdk_data_pass(networks, sdk, compares=compares)
        found = emulated(networks, passed)
        for doubt in passed.sdk.doubts if passed.sdk else ():
            LOGGER.warning("%s", doubt)
    return found
