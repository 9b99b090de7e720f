"""Where a user who reads of a noisy output should look next."""

from __future__ import annotations

from collections.abc import Sequence

from inspectors.base_inspector import Context
from inspectors.noise.origins import with_upstream
from utils.findings import Finding, Severity

# Of causes that are no more than an info, the one that leads farthest comes first.
_INFO_ORDER = ("noise-concentrated", "noise-diffuse", "noise-born-here")


def where_to_look(context: Context, output: str, causes: Sequence[Finding]) -> str:
    """The end of a sentence: the cause to look at first, and the plan if there is one.

    Parameters
    ----------
    output : name of the output layer.
    causes : findings about causes, in the order in which they are to be considered.
    """
    upstream = with_upstream(context.model.network, [output])
    possible = [cause for cause in causes if not upstream.isdisjoint(cause.layers)]
    ranked = sorted(possible, key=_rank)
    advice = []
    if ranked and _rank(ranked[0]) < len(_INFO_ORDER):
        advice.append(f"look at {ranked[0].id} for the cause")
    if context.measurements is not None and context.measurements.plan is not None:
        advice.append("at mixed-precision-plan for what 16 bit gains")
    return f"; {' and '.join(advice)}".replace("; at", "; look at") if advice else ""


def _rank(cause: Finding) -> int:
    if cause.severity > Severity.INFO:
        return -int(cause.severity)
    return _INFO_ORDER.index(cause.id) if cause.id in _INFO_ORDER else len(_INFO_ORDER)
