"""How bad it is what a trial of another quantization gives back."""

from __future__ import annotations

from inspectors.agreement.judgement import bounded
from inspectors.base_inspector import Context
from utils.findings import Severity
from utils.measurements.agreement.held_out import HeldOutTrial
from utils.measurements.mixed_precision import DEFAULT_TARGET_DB

# Of an output that nobody knows the kind of: so noisy it may decide alike, but when so much comes
# back by one change alone, it is worth that. Each decibel more makes up for half a decibel of noise
# less, as far as to the target of 16-bit plans.
NOISY_DB, MUCH_DB, MAKES_UP = 15.0, 12.0, 0.5


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
