"""The weights as they were trained, tried in place of those that the optimizer made of them.

The ranges stay those of the archive, so that only what happened to the weights is judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from utils.backends import workload
from utils.backends.closer_look.step import Step
from utils.backends.networks import Networks
from utils.backends.parts import Part
from utils.emulator.measuring.bias_correction import corrected
from utils.emulator.measuring.trial import TrialRun
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.errors import ArchiveError, UnsupportedLayerError
from utils.har.moved_weights import moved_layers
from utils.measurements import Need
from utils.measurements.agreement.held_out import FEWEST_SAMPLES, HeldOutTrial
from utils.measurements.left_out import UNTUNED_TRIAL
from utils.quantizer.recalibrated import recalibrated, within_ranges

_ASSUMED = (
    "what the optimizer made of the weights is read from the archive; the trained weights are "
    "taken to be quantized with the stored ranges and corrected biases"
)
# Passes of the quantized network, each on half of the samples: one that measures biases, one of
# the archive and one of what is made anew.
_PASSES = 1.5


def tried_trained_weights(networks: Networks, samples: int) -> HeldOutTrial | None:
    """What the trained weights do to the outputs; None where the rules do not suffice for it.

    Parameters
    ----------
    samples : how many of the kept ones are used, at least two.

    Raises
    ------
    DiagnosticError : the memory does not suffice, or TensorFlow fails.
    """
    measuring, judging = networks.kept_halves(samples)
    model, network = networks.model, networks.model.network
    try:
        made = recalibrated(model, within_ranges(model))
    except (ArchiveError, UnsupportedLayerError):
        return None
    emulator = QuantizedEmulator(networks.floats, network, made)
    mended = corrected(networks.floats, emulator, measuring).coded_layers
    run = TrialRun(networks.floats, networks.quantized, judging, networks.settings.judged)
    before = run.outcomes(network, networks.stored, ())
    return HeldOutTrial(samples - run.samples, run.samples, before, run.outcomes(network, mended))


@dataclass(frozen=True)
class Untuned:
    """A trial of the trained weights; None where it could not be made."""

    trial: HeldOutTrial | None


@dataclass(frozen=True)
class UntunedPart(Part[Untuned]):
    """The trained weights, on so many of the kept samples, evenly spread."""

    samples: int
    ANSWER: ClassVar[type] = Untuned

    def run(self, networks: Networks) -> Untuned:
        """See `Part`."""
        return Untuned(tried_trained_weights(networks, self.samples))


class TrainedWeights(Step):
    """What the trained weights do to the outputs, where the optimizer moved them."""

    WHAT = UNTUNED_TRIAL
    FAILED = "the weights as they were trained were not tried"

    @property
    def is_needed(self) -> bool:
        """See `Step`."""
        networks, look = self.networks, self.look
        if Need.UNTUNED_TRIAL not in networks.job.need or not look.searched_outputs:
            return False
        return networks.kept_count >= FEWEST_SAMPLES and bool(networks.model.known(moved_layers))

    def run(self) -> None:
        """See `Step`."""
        found = self.answered_by_halves(UntunedPart, workload.UNTUNED, _PASSES)
        if found.trial is not None:
            self.look.assume_and_add([_ASSUMED], untuned_trial=found.trial)
