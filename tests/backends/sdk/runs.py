"""Small archives for every version of the stand-in, and runs of them by a backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.har.archives import small_images
from tests.sdk_standin.archives import small_archive
from tests.sdk_standin.installation import installed
from utils.backends.choice import run_by_backend
from utils.backends.emulation import Emulated
from utils.backends.opened_job import OpenedJob
from utils.dataset.calibration_set import Batch, open_dataset
from utils.har.model import Model, load_model
from utils.jobs.settings import Settings
from utils.measurements import Need

Faults = Mapping[str, bool | str]
SAMPLES, BATCH_SIZE = 10, 4
INPUT = "net/input_layer1"
NEED = Need.NOISE | Need.PREACTIVATION_STATISTICS
# Layers of the small network that compute something.
INNER = tuple(f"net/{name}" for name in ("conv1", "maxpool1", "conv2", "fc1", "fc2"))


@dataclass(frozen=True)
class Case:
    """An archive with data for it.

    Parameters
    ----------
    flavour : version of the stand-in that serves the archive's chip.
    har, data : both files.
    model : the archive, loaded.
    """

    flavour: str
    har: str
    data: str
    model: Model

    def job(
        self,
        need: Need = NEED,
        batch_size: int = BATCH_SIZE,
        on_read: Callable[[Batch], object] = lambda batch: None,
        har: str = "",
    ) -> OpenedJob:
        calibration = open_dataset(self.data, self.model.float_network.input_layers, 64)
        model = load_model(har) if har else self.model
        return OpenedJob(model, calibration, need, Settings(batch_size=batch_size), on_read)

    def ran(self, backend: str = "sdk", wrong: Faults | None = None, need: Need = NEED) -> Emulated:
        """The data through a backend, with faults of the SDK by name."""
        with installed(self.flavour, **(wrong or {})):
            return run_by_backend(self.job(need), backend)


def small_case(flavour: str, folder: Path) -> Case:
    har, data = small_archive(flavour, folder), str(folder / "calibset.npy")
    np.save(data, small_images(seed=9, samples=SAMPLES).astype(np.float32))
    return Case(flavour, har, data, load_model(har))
