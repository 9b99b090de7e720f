"""Calibration on the data given, tried: the ranges are those of all samples, some of them judge.

The network is quantized anew by the compiler's rules, once from the ranges of the samples and once
from those that the archive stores, so that what the ranges gain is told from what else differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from utils.backends import workload
from utils.backends.closer_look.plan_goal import Goal
from utils.backends.closer_look.step import Step
from utils.backends.networks import Networks
from utils.backends.parts import Part
from utils.dataset.calibration_set import Batch
from utils.emulator.measuring.bias_correction import corrected
from utils.emulator.measuring.ranges_seen import ranges_seen
from utils.emulator.measuring.trial import TrialRun
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.errors import ArchiveError, UnsupportedLayerError
from utils.har.algorithms_run import lacks_bias_correction
from utils.har.statistics import ChannelStatistics
from utils.measurements import Measurements, Need
from utils.measurements.agreement.held_out import FEWEST_SAMPLES
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.left_out import RECALIBRATION
from utils.measurements.merging import merged_or_none
from utils.measurements.recalibration import RecalibrationTrial, ends_elsewhere
from utils.quantizer.calibration import LayerStatistics
from utils.quantizer.integers import CodedLayer
from utils.quantizer.recalibrated import recalibrated, stored_statistics

_ASSUMED = (
    "calibration is taken to give every layer the range that the samples span, without what a "
    "script clips and without finetuning"
)
# Passes of the quantized network: two anew and one of the archive, on half of the samples, and as
# many where biases are corrected on the other half.
_PASSES = 2.5


@dataclass(frozen=True)
class RangesSeen:
    """Statistics over all samples, of outputs and of what lies before the activation, by layer."""

    outputs: Mapping[str, ChannelStatistics]
    preactivations: Mapping[str, ChannelStatistics]

    @classmethod
    def of(cls, measured: Measurements) -> RangesSeen:
        """As the data pass measured them."""
        layers = measured.layers.items()
        return cls(
            {name: layer.output for name, layer in layers},
            {n: layer.preactivation for n, layer in layers if layer.preactivation is not None},
        )

    def joined(self, others: Mapping[str, LayerStatistics]) -> dict[str, LayerStatistics]:
        """Statistics over these and other samples of every layer that the others have."""
        return {
            name: LayerStatistics(
                other.output.merged(self.outputs.get(name, other.output)),
                merged_or_none(other.preact, self.preactivations.get(name, other.preact)),
            )
            for name, other in others.items()
        }


def _is_worth_trying(networks: Networks, goal: Goal, measured: Measurements) -> bool:
    """Whether something is lost that other ranges might bring back.

    Parameters
    ----------
    goal : what a 16-bit plan would have to reach.
    """
    if networks.kept_count < FEWEST_SAMPLES or goal.is_reached_already:
        return False
    stored = stored_statistics(networks.model)
    return any(
        ends_elsewhere(layer.output, stored[name].output)
        for name, layer in measured.layers.items()
        if name in stored
    )


def tried_recalibration(
    networks: Networks, samples: int, seen: RangesSeen
) -> RecalibrationTrial | None:
    """What ranges of the data do to the outputs; None where the rules do not suffice for it.

    Parameters
    ----------
    samples : how many of the kept ones are run, at least two; half of them judge. The others have
        what the data pass did not measure, and biases are corrected on them.
    seen : what the data pass measured on all samples.

    Raises
    ------
    DiagnosticError : the memory does not suffice, or TensorFlow fails.
    """
    measuring, judging = networks.kept_halves(samples)
    model = networks.model
    try:
        given = recalibrated(model, seen.joined(ranges_seen(networks.floats, measuring)))
        stored = recalibrated(model, stored_statistics(model))
    except (ArchiveError, UnsupportedLayerError):
        return None
    run = TrialRun(networks.floats, networks.quantized, judging, networks.settings.judged)
    before = run.outcomes(model.network, networks.stored, ())
    after, as_stored = (_outcomes(networks, run, made, measuring) for made in (given, stored))
    used = networks.job.calibration.used
    return RecalibrationTrial(used, run.samples, before, after, as_stored)


def _outcomes(
    networks: Networks,
    run: TrialRun,
    made: Mapping[str, CodedLayer],
    measuring: Sequence[Batch],
) -> dict[str, Outcome]:
    """What becomes of outputs of layers made anew, with corrected biases where the archive has."""
    network = networks.model.network
    if not lacks_bias_correction(networks.model):
        emulator = QuantizedEmulator(networks.floats, network, made)
        made = corrected(networks.floats, emulator, measuring).coded_layers
    return run.outcomes(network, made)


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


class Recalibration(Step):
    """What a calibration on these data does to the outputs."""

    WHAT = RECALIBRATION
    FAILED = "no calibration on these data was tried"

    @property
    def is_needed(self) -> bool:
        """See `Step`."""
        look, measured = self.look, self.look.measured
        if Need.RECALIBRATION not in self.networks.job.need or not look.searched_outputs:
            return False
        if measured.bias_trial is not None and measured.bias_trial.suffices:
            return False
        if measured.untuned_trial is not None and measured.untuned_trial.takes_half_back:
            return False  # ranges of the trained weights would be others
        return _is_worth_trying(self.networks, look.goal, measured)

    def run(self) -> None:
        """See `Step`."""
        look = self.look
        part = partial(RecalibrationPart, seen=RangesSeen.of(look.measured))
        found = self.answered_by_halves(part, workload.CALIBRATING, _PASSES)
        if found.trial is not None:
            look.assume_and_add([_ASSUMED], recalibration=found.trial)
