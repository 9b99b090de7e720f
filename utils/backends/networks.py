"""The archive's networks as the embedded engine runs them, and samples to run them on again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from functools import cached_property

from utils.backends.opened_job import OpenedJob
from utils.backends.parts import Answer, Part
from utils.backends.variants import Variants
from utils.dataset.calibration_set import Batch
from utils.dataset.finite import finite_batches
from utils.emulator.floats.batch_size import default_batch_size
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring.data_pass import DataPass
from utils.emulator.measuring.engine_pass import engine_pass
from utils.emulator.measuring.kept_samples import KeptSamples, samples_to_keep
from utils.emulator.measuring.trial import TrialRun
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.model import Model
from utils.measurements import Need
from utils.quantizer.integers import CodedLayer, coded_layers

# What asks for the quantized network to be run.
QUANTIZED_NEEDS = Need.NOISE | Need.SENSITIVITY | Need.PRECISION_PLAN


def both_read(
    model: Model, supplied: Mapping[str, float] | None = None
) -> tuple[FloatEmulator, dict[str, CodedLayer]]:
    """The float network, traced, and the integers of the archive, read beside that.

    Parameters
    ----------
    supplied : numbers of activations that the user gives.
    """
    with ThreadPoolExecutor(max_workers=1) as reader:
        stored = reader.submit(model.known, coded_layers)
        floats = FloatEmulator(model.float_network, model.float_parameters, supplied)
        return floats, stored.result()


class Networks:
    """The archive's float and quantized network, with the samples that are kept in passing.

    Attributes
    ----------
    stored : encodings and integers by layer, as the archive has them.
    floats, quantized : the networks.
    batch_size : samples at once.
    """

    def __init__(self, job: OpenedJob) -> None:
        """Take the archive of a job; nothing is run yet."""
        self.job = job
        self.model = job.model
        self.settings = job.settings
        network = job.model.float_network
        self.floats, self.stored = both_read(job.model, job.settings.activation_parameters)
        self.quantized = QuantizedEmulator(self.floats, job.model.network, self.stored)
        self.batch_size = job.settings.batch_size or default_batch_size(network)
        self._kept = KeptSamples(job.calibration.used, samples_to_keep(network))
        self._trial: TrialRun | None = None

    def on(self, job: OpenedJob) -> Networks:
        """The same networks, with all that was traced of them, for another job on the archive.

        Parameters
        ----------
        job : has the archive and the activation parameters of this one.
        """
        other = copy(self)
        other.__dict__.pop("kept", None)
        other.job, other.settings = job, job.settings
        other._kept = KeptSamples(job.calibration.used, samples_to_keep(job.model.float_network))
        other._trial = None
        return other

    def first_read(self, batch_size: int) -> Iterator[Batch]:
        """All samples for the first time: checked, watched, and some of them kept."""
        batches = finite_batches(self.job.calibration, batch_size, self.job.on_read)
        return self._kept.watched(batches)

    def read_again(self, largest: int | None = None) -> Iterator[Batch]:
        """All samples, once more from the file, in batches of at most `largest`."""
        return self.job.calibration.batches(min(self.batch_size, largest or self.batch_size))

    def read_some(self, positions: slice) -> Iterator[Batch]:
        """Some neighbouring ones of all samples, once more from the file, as one batch."""
        indices = self.job.calibration.indices[positions]
        return self.job.calibration.batches(len(indices), indices)

    def keep_samples(self) -> None:
        """Read the samples that `first_read` would keep, and no others, unless that was done."""
        self._kept.read(self.job.calibration, self.batch_size)

    def answers(self, parts: Sequence[Part[Answer]], work: float) -> Iterator[Answer]:
        """What comes of parts of what is measured, in their order; see `Parts`."""
        return self.job.parts.answers(parts, self, work)

    @cached_property
    def kept(self) -> list[Batch]:
        """The samples kept by `first_read`, evenly spread over the set."""
        return self._kept.batches(self.batch_size)

    def some_kept(self, samples: int) -> list[Batch]:
        """So many of the kept samples, evenly spread."""
        return self._kept.batches(self.batch_size, samples)

    def kept_halves(self, samples: int | None = None) -> Iterator[list[Batch]]:
        """Every other sample kept by `first_read`, and then those between; half a batch at once.

        Parameters
        ----------
        samples : how many of them at most, evenly spread; by default all.
        """
        return self._kept.halves(max(self.batch_size // 2, 1), samples)

    @property
    def kept_count(self) -> int:
        """How many samples are kept."""
        return self._kept.count

    def trial_on(self, samples: int) -> TrialRun:
        """Variants of the quantized network on so many of the kept samples, evenly spread.

        Only the last run is held: with it go the tensors of the archive's network.
        """
        if self._trial is None or self._trial.samples != min(samples, self.kept_count):
            batches = self._kept.batches(self.batch_size, samples)
            self._trial = TrialRun(self.floats, self.quantized, batches, self.settings.judged)
        return self._trial

    @cached_property
    def variants(self) -> Variants:
        """The quantized network with layers changed."""
        return Variants(self.model, self.stored)

    def data_pass(self, need: Need, first: int = 0) -> DataPass:
        """A pass of the embedded engine over data that are not read yet.

        Parameters
        ----------
        first : position of the first sample that it is given, among those that are used.
        """
        quantized = self.quantized if need & QUANTIZED_NEEDS else None
        ranges = self.model.calibrated_ranges()
        indices = self.job.calibration.indices
        return engine_pass(
            self.floats, need, ranges, quantized, self.settings.judged, indices, first
        )
