"""What the command says of the options that a plan gives to its archives, before anything runs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stderr

from utils.fleet.plan import Case, Plan, plan_error
from utils.fleet.plan_text import PlanFault
from utils.options.configuration import NO_CONFIGURATION
from utils.options.options import parse_options


def check_arguments(plan: Plan) -> None:
    """Refuse options that exclude each other, or that the command does not take.

    Raises
    ------
    UsageError : there are some; it names the places of their archives.
    """
    if faults := list(_faults(plan)):
        raise plan_error(plan.path, faults)


def _faults(plan: Plan) -> Iterator[PlanFault]:
    known: dict[tuple[object, ...], str] = {}
    for case in plan.cases:
        about = (case.arguments, bool(case.data))
        if about not in known:
            known[about] = _complaint(case)
        if known[about]:
            yield PlanFault(case.place, f"the options of {case.name}: {known[about]}")


def _complaint(case: Case) -> str:
    """What is wrong with the options of one archive; "" if nothing is."""
    data = ["-d", "data"] if case.data else []
    with redirect_stderr(io.StringIO()) as said:
        try:
            parse_options(["model.har", *data, *case.arguments, *NO_CONFIGURATION], ())
        except SystemExit:
            told = " ".join(said.getvalue().rpartition("[error] ")[2].split())
            return told or "they do not fit together"
    return ""
