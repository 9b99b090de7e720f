"""A job whose archive and data are open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from utils.backends.parts import Parts, PartsHere
from utils.dataset.calibration_set import Batch, CalibrationSet
from utils.har.model import Model
from utils.jobs.settings import Settings
from utils.measurements import Need
from utils.terminal.phases import Phases

if TYPE_CHECKING:
    from utils.backends.emulation import Emulated

OnRead = Callable[[Batch], object]
OnEmulated = Callable[["Emulated"], object]


def _unwatched(_: object) -> None:
    pass


@dataclass(frozen=True)
class OpenedJob:
    """A job whose archive and data are open; the backend is chosen already.

    Parameters
    ----------
    on_read : called with every batch of the data as it is read, in order and each sample once.
    phases : what is done is shown and timed there.
    on_emulated : called with all that is known so far before anything is measured that takes long,
        as if nothing came of that.
    parts : who runs what is measured behind the data pass.
    """

    model: Model
    calibration: CalibrationSet
    need: Need
    settings: Settings = field(default_factory=Settings)
    on_read: OnRead = _unwatched
    phases: Phases = field(default_factory=Phases)
    on_emulated: OnEmulated = _unwatched
    parts: Parts = field(default_factory=PartsHere)
