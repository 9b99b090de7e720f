"""The parts of what is measured behind the data pass: sweeps, trials, proofs, single looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from utils.backends import workload
from utils.backends.bias_trials import tried_correction
from utils.backends.networks import Networks
from utils.backends.parts import Part
from utils.backends.recalibration_trials import RangesSeen, tried_recalibration
from utils.backends.table_trials import tried_outputs
from utils.backends.variants import Variant
from utils.emulator.measuring.channel_swap import measured_channel_order
from utils.emulator.measuring.sweeps import Sweep, Swept, run_sweep
from utils.emulator.measuring.trial import compared
from utils.emulator.measuring.work import total_work
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.bias_trial import BiasTrial
from utils.measurements.channel_order import ChannelOrder
from utils.measurements.recalibration import RecalibrationTrial
from utils.measurements.scale_trial import Change
from utils.measurements.table_noise import TableTrial


@dataclass(frozen=True)
class SweepPart(Part[Swept]):
    """Layers by themselves, on kept samples."""

    sweep: Sweep
    ANSWER: ClassVar[type] = Swept

    def run(self, networks: Networks) -> Swept:
        """See `Part`."""
        return run_sweep(networks.floats, networks.quantized, networks.kept, self.sweep)


@dataclass(frozen=True)
class Outcomes:
    """What becomes of outputs, by output layer."""

    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True)
class VariantPart(Part[Outcomes]):
    """The quantized network with something changed, on kept samples.

    Parameters
    ----------
    samples : how many of them, evenly spread.
    modes, ranges : precision mode, and output range, by layer that is changed.
    change : what is changed beside these, as of trials of finer codes; "" for nothing.
    """

    samples: int
    modes: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    change: Literal["", Change] = ""
    ANSWER: ClassVar[type] = Outcomes

    def run(self, networks: Networks) -> Outcomes:
        """See `Part`."""
        run = networks.trial_on(self.samples)
        variant = self._variant(networks)
        if variant is None:
            return Outcomes(run.outcomes(networks.model.network, networks.stored, ()))
        return Outcomes(run.outcomes(variant.network, variant.coded_layers, variant.changed))

    def _variant(self, networks: Networks) -> Variant | None:
        """None stands for the archive as it is."""
        if self.change == "equalization":
            return networks.variants.equalized()
        if self.change == "output_scales":
            return networks.variants.with_output_scales()
        if not (self.modes or self.ranges):
            return None
        return networks.variants.of(self.modes, self.ranges)


@dataclass(frozen=True, eq=False)
class Compared:
    """What outputs of a changed network say, and of the archive's; None where it was not run."""

    after: AgreementMeasurements
    archived: AgreementMeasurements | None


@dataclass(frozen=True)
class ProofPart(Part[Compared]):
    """The quantized network with other precision modes, on a batch of all samples.

    Parameters
    ----------
    first, stop : the samples, counted over those that are used.
    with_archived : whether the archive's own network is run beside it.
    """

    modes: Mapping[str, str]
    first: int
    stop: int
    with_archived: bool
    ANSWER: ClassVar[type] = Compared

    def run(self, networks: Networks) -> Compared:
        """See `Part`."""
        variant = networks.variants.of(self.modes)
        runs = [QuantizedEmulator(networks.floats, variant.network, variant.coded_layers)]
        runs += [networks.quantized] * self.with_archived
        (batch,) = networks.read_some(slice(self.first, self.stop))
        after, *archived = compared(
            networks.floats,
            runs,
            batch,
            networks.model.network,
            networks.settings.judged,
            self.first,
        )
        return Compared(after, archived[0] if archived else None)


@dataclass(frozen=True)
class TablesTried:
    """Trials of activations on the host, by output layer."""

    trials: Mapping[str, TableTrial]


@dataclass(frozen=True)
class TablesPart(Part[TablesTried]):
    """Activations on the host, on kept samples.

    Parameters
    ----------
    layers : output layer by layer whose activation is to leave the chip.
    samples : how many of them, evenly spread.
    """

    layers: Mapping[str, str]
    samples: int
    ANSWER: ClassVar[type] = TablesTried

    def run(self, networks: Networks) -> TablesTried:
        """See `Part`."""
        batches = networks.some_kept(self.samples)
        return TablesTried(tried_outputs(networks, self.layers, batches))


@dataclass(frozen=True)
class BiasTried:
    """A trial of bias correction; None where no layer could be corrected."""

    trial: BiasTrial | None


@dataclass(frozen=True)
class BiasPart(Part[BiasTried]):
    """Bias correction, on so many of the kept samples, evenly spread."""

    samples: int
    ANSWER: ClassVar[type] = BiasTried

    def run(self, networks: Networks) -> BiasTried:
        """See `Part`."""
        return BiasTried(tried_correction(networks, self.samples))


@dataclass(frozen=True)
class Recalibrated:
    """A trial of calibration on the data given; None where it could not be made."""

    trial: RecalibrationTrial | None


@dataclass(frozen=True)
class RecalibrationPart(Part[Recalibrated]):
    """Calibration on the data given, on so many of the kept samples, evenly spread.

    Parameters
    ----------
    seen : what the data pass measured on all samples.
    """

    samples: int
    seen: RangesSeen
    ANSWER: ClassVar[type] = Recalibrated

    def run(self, networks: Networks) -> Recalibrated:
        """See `Part`."""
        return Recalibrated(tried_recalibration(networks, self.samples, self.seen))


@dataclass(frozen=True)
class OrderPart(Part[ChannelOrder]):
    """Images with their channels as they are, and reversed, on all kept samples.

    Parameters
    ----------
    inputs : names of the inputs that hold colour images.
    """

    inputs: tuple[str, ...]
    ANSWER: ClassVar[type] = ChannelOrder

    def run(self, networks: Networks) -> ChannelOrder:
        """See `Part`."""
        each = workload.SWAPPING * total_work(networks.floats.network)
        advance = networks.job.phases.advance
        return measured_channel_order(
            networks.floats,
            networks.kept_halves(),
            self.inputs,
            lambda count: advance(each * count),
        )
