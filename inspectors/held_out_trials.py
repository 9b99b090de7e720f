"""Trials judged on held-out samples: why there is none, and how bad what one gives back."""

from __future__ import annotations

from inspectors.agreement.judgement import bounded
from inspectors.base_inspector import Context, NotChecked
from utils.findings import Severity
from utils.measurements.agreement.held_out import FEWEST_SAMPLES, HeldOutTrial
from utils.measurements.mixed_precision import DEFAULT_TARGET_DB

# Of an output that nobody knows the kind of: so noisy it may decide alike, but when so much comes
# back by one change alone, it is worth that. Each decibel more makes up for half a decibel of noise
# less, as far as to the target of 16-bit plans.
NOISY_DB, MUCH_DB, MAKES_UP = 15.0, 12.0, 0.5


def why_not_tried(context: Context, tried: str) -> NotChecked | str:
    """Why nothing can have been tried; "" where it can.

    Parameters
    ----------
    tried : what would be, with its verb: "a calibration is".
    """
    if context.measurements is None:
        return NotChecked("both networks have to be run on data", context.without_data)
    if context.measurements.samples < FEWEST_SAMPLES:
        return f"{tried} tried with {FEWEST_SAMPLES} samples or more"
    return ""


def severity_of(context: Context, trial: HeldOutTrial, highest: Severity) -> Severity:
    """That of the decisions lost at the outputs, and a warning where much noise goes away."""
    found = bounded(context, highest, trial.reached)
    is_plain = any(
        before.kind == "unknown" and _is_worth_it(before.snr_db, trial.after[name].snr_db)
        for name, before in trial.before.items()
    )
    return max(found, Severity.WARNING) if is_plain else found


def _is_worth_it(before_db: float, after_db: float) -> bool:
    """Whether so much comes back that it matters whatever an output stands for."""
    beyond_db = after_db - before_db - MUCH_DB
    return beyond_db >= 0 and before_db < min(NOISY_DB + MAKES_UP * beyond_db, DEFAULT_TARGET_DB)
