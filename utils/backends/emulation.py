"""One calibration set through one archive: the data pass, and the trials that follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from utils.backends.embedded import Settings
from utils.backends.planning import Planner
from utils.dataset.calibration_set import Batch, CalibrationSet, finite_batches
from utils.emulator.floats.batch_size import default_batch_size
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring.channel_swap import measured_channel_order
from utils.emulator.measuring.data_pass import DataPass
from utils.emulator.measuring.kept_samples import KeptSamples, samples_to_keep
from utils.emulator.measuring.sensitivity import EXACT_LAYERS, measured_sensitivity, noise_sources
from utils.emulator.measuring.trial import TrialRun
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.errors import DiagnosticError
from utils.har.model import Model
from utils.measurements import Measurements, Need
from utils.measurements.channel_order import holds_colour_images
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import NoiseMeasurements, Sensitivity
from utils.quantizer.integers import changed_layers, coded_layers
from utils.quantizer.requantizer import Requantizer
from utils.recommendations.range_trial import RangeTrial, tried_first
from utils.terminal.phases import timed
from utils.terminal.progress import progress_bar

if TYPE_CHECKING:
    from tqdm import tqdm

QUANTIZED_NEEDS = Need.NOISE | Need.SENSITIVITY | Need.PRECISION_PLAN


class Emulation:
    """The archive's networks with the samples that were run through them.

    Attributes
    ----------
    measurements : of the data pass, with sensitivity and plan where they were needed.
    failures : sentences on what could not be measured behind the data pass.
    """

    def __init__(
        self,
        model: Model,
        calibration: CalibrationSet,
        need: Need,
        settings: Settings,
        show_progress: bool,
        on_read: Callable[[Batch], object] = lambda batch: None,
    ) -> None:
        """Measure what is needed.

        Parameters
        ----------
        on_read : called with every batch of the data pass as it is read from the file.

        Raises
        ------
        DatasetError : samples are not finite, or the file is damaged.
        DiagnosticError : the memory does not suffice, or TensorFlow fails.
        """
        self._model = model
        self._calibration = calibration
        self._settings = settings
        self._show_progress = show_progress
        self._on_read = on_read
        self._floats = FloatEmulator(
            model.float_network, model.float_parameters, settings.activation_parameters
        )
        self._stored = coded_layers(model)
        self._quantized = QuantizedEmulator(self._floats, model.network, self._stored)
        self._kept = KeptSamples(calibration.used, samples_to_keep(model.float_network))
        self._batch_size = settings.batch_size or default_batch_size(model.float_network)
        self.measurements = self._data_pass(need)
        self.failures: list[str] = []
        self._trial = TrialRun(self._floats, self._kept.batches(self._batch_size))
        try:
            self._look_closer(need)
        except DiagnosticError as error:  # what the data pass found stands
            self.failures.append(f"what single layers do was not measured: {error}")
        if Need.CHANNEL_SWAPPED in need:
            self._swap_channels()

    def _data_pass(self, need: Need) -> Measurements:
        quantized = self._quantized if need & QUANTIZED_NEEDS else None
        data_pass = DataPass(self._floats, need, self._model.calibrated_ranges(), quantized)
        batches = finite_batches(self._calibration, self._batch_size, self._on_read)
        with (
            timed("measuring the data"),
            self._bar("Measuring", self._calibration.used, "samples") as bar,
        ):
            return data_pass.run(self._kept.watched(batches), bar.update)

    def _swap_channels(self) -> None:
        """Add to the measurements how sure the network is with the channels reversed."""
        measured = self.measurements.layers
        images = [
            name
            for name, shape in self._floats.input_shapes.items()
            if name in measured and holds_colour_images(shape, measured[name].output)
        ]
        if not images:
            return
        batches = self._kept.batches(self._batch_size)
        try:
            total = _sample_count(batches)
            with timed("swapping channels"), self._bar("Swapping", total, "samples") as bar:
                order = measured_channel_order(self._floats, batches, images, bar.update)
            self.measurements = replace(self.measurements, channel_order=order)
        except DiagnosticError as error:
            self.failures.append(f"the order of the channels was not measured: {error}")

    def _look_closer(self, need: Need) -> None:
        """Add sensitivity and plan to the measurements, as far as they are needed."""
        noise = self.measurements.noise
        if noise is None or not need & (Need.SENSITIVITY | Need.PRECISION_PLAN):
            return
        batches = self._kept.batches(self._batch_size)
        exact = self._settings.exact_sensitivity
        sources = len(noise_sources(self._floats, self._quantized))
        total = sources if exact else min(sources, EXACT_LAYERS)
        with timed("measuring single layers"), self._bar("Probing", total, "layers") as bar:
            sensitivity = measured_sensitivity(
                self._floats, self._quantized, batches, exact, bar.update
            )
        noise = replace(noise, sensitivity=sensitivity)
        self.measurements = replace(self.measurements, noise=noise)
        if Need.PRECISION_PLAN in need:
            plan = self._plan(self._own_noise(noise), sensitivity)
            self.measurements = replace(self.measurements, plan=plan)

    def _own_noise(self, measured: NoiseMeasurements) -> NoiseMeasurements:
        """Noise as the embedded engine sees it, from `measured` of the data pass."""
        return measured

    def _plan(
        self, noise: NoiseMeasurements, sensitivity: Sensitivity
    ) -> MixedPrecisionPlan | None:
        with timed("planning 16 bit"), self._bar("Planning", None, "trials") as bar:
            return Planner(
                self._model,
                noise,
                sensitivity,
                self._settings,
                self._stored,
                self._trial,
                self._floats,
                lambda: self._calibration.batches(self._batch_size),
                bar.update,
            ).plan()

    def try_ranges(self, ranges: Mapping[str, tuple[float, float]]) -> dict[str, RangeTrial]:
        """Try output ranges, one layer at a time, with the whole network quantized.

        Parameters
        ----------
        ranges : recommended (low, high) by layer. Those that narrow a range most are tried;
            layers without a stored encoding are left out.

        Raises
        ------
        DiagnosticError : the memory does not suffice, or TensorFlow fails.
        """
        encodings = {name: self._stored[name].output for name in ranges if name in self._stored}
        chosen = tried_first(encodings, ranges)
        if not chosen:
            return {}
        requantizer = Requantizer(self._model)
        before = self._trial.snr_db(self._model.network, self._stored)
        found = {}
        with timed("trying ranges"), self._bar("Trying", len(chosen), "ranges") as bar:
            for name in chosen:
                changed = requantizer.apply(ranges={name: ranges[name]})
                layers = changed_layers(self._stored, changed.layers)
                found[name] = RangeTrial(before, self._trial.snr_db(changed.network, layers))
                bar.update(1)
        return found

    def _bar(self, what: str, total: int | None, unit: str) -> tqdm[Any]:
        return progress_bar(what, unit, total, self._show_progress)


def _sample_count(batches: Iterable[Mapping[str, NDArray[Any]]]) -> int:
    return sum(len(next(iter(batch.values()))) for batch in batches)
