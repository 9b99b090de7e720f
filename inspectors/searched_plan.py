"""The plan for 16 bit, as far as one was searched."""

from __future__ import annotations

from inspectors.base_inspector import Context
from utils.measurements.mixed_precision import MixedPrecisionPlan

MOST = 0.5  # of the multiply-accumulates


def plan_of(context: Context) -> MixedPrecisionPlan | None:
    """The plan for 16 bit that was searched; None where none was."""
    return context.measurements.plan if context.measurements else None


def has_proven_plan(context: Context) -> bool:
    """Whether 16 bit at some layers was shown to keep decisions, or to take noise away."""
    plan = plan_of(context)
    return plan is not None and plan.is_proven


def is_for_most(plan: MixedPrecisionPlan) -> bool:
    """Whether a plan has 16 bit for more than half of what the network computes."""
    return plan.mac_share > MOST
