"""How often an output decides as in float, before and now, in words."""

from __future__ import annotations

from utils.baseline import DecisionChange
from utils.measurements.agreement.wording import figure, in_words


def decisions_in_words(change: DecisionChange) -> str:
    """``the same class as in float comes first in 64 of 64 samples, before 52 of 64``."""
    now, before = (figure(change.measure, each) for each in (change.now, change.before))
    earlier = "as before" if now == before else f"before {before}"
    return f"{in_words(change.measure, change.now)}, {earlier}"
