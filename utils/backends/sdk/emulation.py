"""A calibration set through the SDK's networks, with the embedded engine for what is left.

The SDK has no way to quantize a single layer, or to try a range, short of optimizing anew for an
hour. Sensitivity, the plan for 16 bit, trials of ranges and the test of the channels' order are
the embedded engine's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace

from utils.backends.comparison import ComparedRun
from utils.backends.embedded import Settings
from utils.backends.emulation import QUANTIZED_NEEDS, Emulation
from utils.backends.sdk.contexts import FLOAT, QUANTIZED, SdkContext
from utils.backends.sdk.graph_check import disagreements
from utils.backends.sdk.installation import Sdk
from utils.backends.sdk.networks import SdkFloats, SdkQuantized
from utils.dataset.calibration_set import Batch, CalibrationSet, finite_batches
from utils.emulator.measuring.data_pass import DataPass
from utils.errors import SdkError
from utils.har.model import Model
from utils.measurements import Measurements, Need
from utils.measurements.backend_comparison import BackendComparison
from utils.measurements.noise import NoiseMeasurements
from utils.recommendations.range_trial import RangeTrial
from utils.terminal.phases import timed

# All layers of both networks are alive at a time, where the embedded engine keeps few.
SMALLER_BATCHES = 4
LEFT_TO_THE_ENGINE = (
    "what single layers do to the outputs (sensitivity), the plan for 16 bit, trials of ranges and "
    "the test of the channels' order are the embedded engine's, not the SDK's"
)


class SdkEmulation(Emulation):
    """The SDK's networks with the samples that were run through them.

    Attributes
    ----------
    comparison : the embedded engine against the SDK; None unless asked for.
    doubts : sentences on what the SDK says that does not fit the archive, or is not known.
    way : how inner layers were captured.
    """

    def __init__(
        self,
        model: Model,
        calibration: CalibrationSet,
        need: Need,
        settings: Settings,
        show_progress: bool,
        on_read: Callable[[Batch], object],
        sdk: Sdk,
        compares: bool,
    ) -> None:
        """Measure what is needed.

        Parameters
        ----------
        compares : whether the embedded engine runs beside the SDK.

        Raises
        ------
        SdkError : the SDK does not load the archive, or fails to emulate it.
        DatasetError : samples are not finite, or the file is damaged.
        DiagnosticError : the memory does not suffice, or TensorFlow fails.
        """
        self._sdk = sdk
        self._compares = compares
        self.comparison: BackendComparison | None = None
        self.doubts: tuple[str, ...] = ()
        self.way = ""
        self._embedded_noise: NoiseMeasurements | None = None
        super().__init__(model, calibration, need, settings, show_progress, on_read)

    def _data_pass(self, need: Need) -> Measurements:
        if not self._settings.batch_size:
            self._batch_size = max(self._batch_size // SMALLER_BATCHES, 1)
        with ExitStack() as stack:
            float_context = stack.enter_context(closing(self._context(FLOAT)))
            wants_preactivation = Need.PREACTIVATION_STATISTICS in need
            floats = SdkFloats(self._model.float_network, float_context, wants_preactivation)
            quantized = None
            if need & QUANTIZED_NEEDS or self._compares:
                context = stack.enter_context(closing(self._context(QUANTIZED)))
                quantized = SdkQuantized(self._quantized, context)
            found = self._measured(need, floats, quantized)
            self.way = float_context.way
        return found

    def _look_closer(self, need: Need) -> None:
        super()._look_closer(need)
        noise = self.measurements.noise
        self._tell_if_left(noise is not None and noise.sensitivity is not None)

    def _swap_channels(self) -> None:
        super()._swap_channels()
        self._tell_if_left(self.measurements.channel_order is not None)

    def try_ranges(self, ranges: Mapping[str, tuple[float, float]]) -> dict[str, RangeTrial]:
        """See `Emulation`; that the embedded engine did it is then among the assumptions."""
        found = super().try_ranges(ranges)
        self._tell_if_left(bool(found))
        return found

    def _tell_if_left(self, has_run: bool) -> None:
        told = self.measurements.assumptions
        if has_run and LEFT_TO_THE_ENGINE not in told:
            self.measurements = replace(self.measurements, assumptions=(*told, LEFT_TO_THE_ENGINE))

    def _own_noise(self, measured: NoiseMeasurements) -> NoiseMeasurements:
        """A plan compares before with after, so both have to be of the engine that has both."""
        if self._embedded_noise is not None:
            return self._embedded_noise
        embedded = DataPass(self._floats, Need.NOISE, {}, self._quantized)
        total = self._calibration.used
        batches = self._calibration.batches(self._batch_size)
        with (
            timed("measuring the data with the embedded engine"),
            self._bar("Comparing", total, "samples") as bar,
        ):
            return embedded.run(batches, bar.update).noise or measured

    def _measured(
        self, need: Need, floats: SdkFloats, quantized: SdkQuantized | None
    ) -> Measurements:
        ranges = self._model.calibrated_ranges()
        data_pass = DataPass(floats, need, ranges, quantized)
        compared = self._compared_run(floats) if self._compares else None
        batches = self._kept.watched(
            finite_batches(self._calibration, self._batch_size, self._on_read)
        )
        with (
            timed("measuring the data with the SDK"),
            self._bar("Measuring", self._calibration.used, "samples") as bar,
        ):
            for batch in batches:
                data_pass.add(batch)
                if compared is not None:
                    compared.add(batch, quantized)
                bar.update(len(next(iter(batch.values()))))
        found = data_pass.measured()
        if compared is not None:
            self.comparison = compared.compared(found)
            self._embedded_noise = compared.embedded().noise
        return found

    def _compared_run(self, floats: SdkFloats) -> ComparedRun:
        embedded = DataPass(self._floats, Need.NOISE, {}, self._quantized)
        return ComparedRun(self._floats, floats, embedded)

    def _context(self, kind: str) -> SdkContext:
        context = SdkContext(self._sdk, self._model, kind)
        doubts = list(context.doubts)
        try:
            with self._sdk.calling("describe the network"):
                doubts += disagreements(context.runner, self._model)
        except SdkError as error:  # measuring does not depend on it
            doubts.append(str(error))
        self.doubts = tuple(dict.fromkeys((*self.doubts, *doubts)))
        return context
