"""Bias correction where it did not run: what a trial shows, and what makes the compiler do it."""

from __future__ import annotations

from inspectors.base_inspector import Context
from inspectors.searched_plan import has_proven_plan, is_for_most, plan_of
from utils.facts.optimization_levels import BIAS_CORRECTION, WITHOUT_GPU, Algorithm
from utils.findings import Recommendation
from utils.measurements.bias_trial import BiasTrial
from utils.model_script.optimization_requests import requested_algorithm, requested_flavor

SWITCHED_ON = BIAS_CORRECTION.line("enabled")


def bias_trial(context: Context) -> BiasTrial | None:
    """What a trial showed; None without one."""
    return context.measurements.bias_trial if context.measurements else None


def helps_in_trial(context: Context) -> bool:
    """Whether a trial has shown that it takes errors back."""
    trial = bias_trial(context)
    return trial is not None and trial.helps


def is_in_vain(context: Context) -> bool:
    """Whether a trial has shown that it gains nothing."""
    trial = bias_trial(context)
    return trial is not None and not trial.helps


def is_worth_it(context: Context) -> bool:
    """Whether it mends the outputs, or takes half of their loss back where no 16 bit do better.

    Where 16 bit would have to be almost everywhere, whatever helps and costs nothing comes first.
    """
    trial, plan = bias_trial(context), plan_of(context)
    if trial is None or trial.suffices:
        return trial is not None
    if plan is not None and has_proven_plan(context):
        return trial.helps and is_for_most(plan)
    return trial.takes_half_back


def by_bias_correction(context: Context) -> str:
    """To have biases corrected, where a trial has shown that it is worth it; "" elsewhere."""
    return how_to_correct(context) if is_worth_it(context) else ""


def why_skipped(algorithm: Algorithm) -> str:
    """To look for the reason why an algorithm did not run that the script asks for."""
    line = f"{algorithm.log_names[0]} skipped"
    return f'Look in the log of the run why it says "{line}", then optimize again.'


def lines(context: Context) -> tuple[str, ...]:
    """Lines that make the compiler correct biases; none where the script asks for it already."""
    asked, level = requested_algorithm(context.script, BIAS_CORRECTION.feature), _level(context)
    if asked:
        return ()
    if level is None or level > 0:
        return (SWITCHED_ON,)
    is_level_asked = requested_flavor(context.script, "optimization_level") == 1
    own = () if is_level_asked else (WITHOUT_GPU,)
    return (*own, SWITCHED_ON) if asked is False else own


def how_to_correct(context: Context) -> str:
    """What the lines are for, in one sentence; where there are none, where to look."""
    own, level = lines(context), _level(context)
    if not own:
        return why_skipped(BIAS_CORRECTION)
    these = "this line" if len(own) == 1 else "these lines"
    need = "needs" if len(own) == 1 else "need"
    if level is None or level > 0:
        return f"Switch {BIAS_CORRECTION.words} on with {these} and quantize again."
    return f"Quantize again at level 1 with {these}, which {need} no GPU, and compare the accuracy."


def tried_lines(context: Context) -> Recommendation | None:
    """The lines, where a trial has shown a gain; None where it did not, or where there are none.

    Where that is not worth it by itself, they have to be asked for.
    """
    trial, own = bias_trial(context), lines(context)
    if trial is None or not trial.helps or not own:
        return None
    if not is_worth_it(context):
        question = "Have biases corrected? In emulation that takes only a part of the noise away."
        return Recommendation(own, question, default=False, gain=trial.gain)
    return Recommendation(own, proven=True, gain=trial.gain)


def _level(context: Context) -> int | None:
    return context.model.optimization_level
