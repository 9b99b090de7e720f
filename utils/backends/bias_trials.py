"""Bias correction, tried on the samples that were kept: half of them measure, the others judge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from utils.backends.networks import Networks
from utils.backends.plan_goal import Goal
from utils.emulator.measuring.bias_correction import correctable, corrected
from utils.emulator.measuring.trial import TrialRun
from utils.har.algorithms_run import lacks_bias_correction
from utils.measurements.agreement.held_out import FEWEST_SAMPLES
from utils.measurements.bias_trial import BiasTrial
from utils.measurements.noise import MOSTLY_BIAS, TensorNoise

ASSUMED = (
    "bias correction is taken to bring the sums of every layer to the mean that they have in "
    "float, one layer after the other"
)
# Passes of the quantized network: one where biases are measured, and where they are judged one
# more, of the archive as it is; each on half of the samples.
PASSES = 1.5


def is_worth_trying(networks: Networks, goal: Goal, outputs: Iterable[TensorNoise]) -> bool:
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


def held_against(goal: Goal, trial: BiasTrial) -> BiasTrial:
    """The trial with the answer whether it makes a 16-bit plan needless that would be needed."""
    is_enough = trial.mends and not goal.is_reached_already and goal.is_met(trial.after)
    return replace(trial, suffices=is_enough)
