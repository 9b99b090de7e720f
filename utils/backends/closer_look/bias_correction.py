"""Bias correction, tried on the samples that were kept: half of them measure, the others judge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from utils.backends import workload
from utils.backends.closer_look.plan_goal import Goal
from utils.backends.closer_look.step import Step
from utils.backends.networks import Networks
from utils.backends.parts import Part
from utils.emulator.measuring.bias_correction import correctable, corrected
from utils.emulator.measuring.trial import TrialRun
from utils.har.algorithms_run import lacks_bias_correction
from utils.measurements import Need
from utils.measurements.agreement.held_out import FEWEST_SAMPLES
from utils.measurements.bias_trial import BiasTrial
from utils.measurements.left_out import BIAS_TRIAL
from utils.measurements.noise import MOSTLY_BIAS, TensorNoise

_ASSUMED = (
    "bias correction is taken to bring the sums of every layer to the mean that they have in "
    "float, one layer after the other"
)
# Passes of the quantized network: one where biases are measured, and where they are judged one
# more, of the archive as it is; each on half of the samples.
_PASSES = 1.5


def _is_worth_trying(networks: Networks, goal: Goal, outputs: Iterable[TensorNoise]) -> bool:
    """Whether the compiler left out bias correction, which might take back what is lost.

    Parameters
    ----------
    goal : what a 16-bit plan would have to reach.
    outputs : noise of those that are not clean.
    """
    # Of fewer samples neither a mean is known, nor whether it holds for others.
    if networks.kept_count < FEWEST_SAMPLES or not lacks_bias_correction(networks.model):
        return False
    if goal.is_reached_already and not any(noise.bias_share > MOSTLY_BIAS for noise in outputs):
        return False
    return bool(correctable(networks.model.network, networks.stored))


def tried_correction(networks: Networks, samples: int) -> BiasTrial | None:
    """What corrected biases do to the outputs; None where no layer could be corrected.

    Parameters
    ----------
    samples : how many of the kept ones are used, at least two.

    Raises
    ------
    DiagnosticError : the memory does not suffice, or TensorFlow fails.
    """
    measuring, judging = networks.kept_halves(samples)
    found = corrected(networks.floats, networks.quantized, measuring)
    if not found.changed:
        return None
    network = networks.model.network
    run = TrialRun(networks.floats, networks.quantized, judging, networks.settings.judged)
    before = run.outcomes(network, networks.stored, ())
    after = run.outcomes(network, found.coded_layers, found.changed)
    return BiasTrial(samples - run.samples, run.samples, before, after)


def _held_against(goal: Goal, trial: BiasTrial) -> BiasTrial:
    """The trial with the answer whether it makes a 16-bit plan needless that would be needed."""
    is_enough = trial.mends and not goal.is_reached_already and goal.is_met(trial.after)
    return replace(trial, suffices=is_enough)


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


class BiasCorrection(Step):
    """What bias correction does to the outputs, where the compiler left it out."""

    WHAT = BIAS_TRIAL
    FAILED = "bias correction was not tried"

    @cached_property
    def is_needed(self) -> bool:
        """See `Step`."""
        look, noise, outputs = self.look, self.look.measured.noise, self.look.searched_outputs
        if noise is None or not outputs or Need.BIAS_TRIAL not in self.networks.job.need:
            return False
        noisy = [noise.layers[name].output for name in outputs if name in noise.layers]
        return _is_worth_trying(self.networks, look.goal, noisy)

    def run(self) -> None:
        """See `Step`."""
        look = self.look
        found = self.answered_by_halves(BiasPart, workload.BIASES, _PASSES)
        if found.trial is not None:
            look.assume_and_add([_ASSUMED], bias_trial=_held_against(look.goal, found.trial))
