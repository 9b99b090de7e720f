"""A job whose archive and data are open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from utils.dataset.calibration_set import Batch, CalibrationSet
from utils.har.model import Model
from utils.jobs.settings import Settings
from utils.measurements import Need
from utils.terminal.phases import Phases

OnRead = Callable[[Batch], object]


def _unwatched(batch: Batch) -> None:
    del batch


@dataclass(frozen=True)
class OpenedJob:
    """A job whose archive and data are open; the backend is chosen already.

    Parameters
    ----------
    on_read : called with every batch of the data as it is read, in order and each sample once.
    phases : what is done is shown and timed there.
    """

    model: Model
    calibration: CalibrationSet
    need: Need
    settings: Settings = field(default_factory=Settings)
    on_read: OnRead = _unwatched
    phases: Phases = field(default_factory=Phases)
