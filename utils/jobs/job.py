"""What is to be measured."""

from __future__ import annotations

from dataclasses import dataclass, field

from utils.dataset.read_as import ReadAs
from utils.jobs.backend_names import AUTO
from utils.jobs.settings import Settings
from utils.measurements import Need, device_names
from utils.stages import StageRequest


@dataclass(frozen=True)
class Job:
    """What is to be measured.

    Parameters
    ----------
    archive : path of the HAR.
    dataset : path of the calibration set, or pattern of its files.
    samples : how many samples to run at most, at least 1; None leaves it to who measures.
    need : what is to be measured.
    settings : what the user decides.
    backend : what is to run the networks, one of `backend_names.CHOICES`.
    device : where TensorFlow is to run, one of `device_names.CHOICES`.
    read_as : what the user decides about pictures and raw values.
    stages : what the user gives to be compared with the archive.
    """

    archive: str
    dataset: str
    samples: int | None
    need: Need = Need.NOTHING
    settings: Settings = field(default_factory=Settings)
    backend: str = AUTO
    device: str = device_names.AUTO
    read_as: ReadAs = field(default_factory=ReadAs)
    stages: StageRequest = field(default_factory=StageRequest)
