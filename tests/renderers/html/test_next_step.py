from __future__ import annotations

from dataclasses import replace

from tests.fixtures.builders import build_model
from utils.causes import Cause, Diagnosis, NextStep, Proof
from utils.findings import Finding, Severity
from utils.renderers.html.grouping import groups
from utils.renderers.html.layers import NumberedLayers
from utils.renderers.html.next_step import NextStepView, next_step
from utils.report import Report

FIRST = Finding("an-error", Severity.ERROR, "It is bad")
SEEN = Finding("a-plan", Severity.INFO, "16 bit helps")
CAUSES = (Cause(FIRST, Proof.FIT, (SEEN,)),)
EMPTY = Report(build_model(), "embedded", None, None, ())


def shown(step: NextStep | None) -> NextStepView | None:
    report = replace(EMPTY, diagnosis=Diagnosis(CAUSES, step))
    return next_step(NumberedLayers(report), groups(report))


def test_nothing_to_do_gives_no_step() -> None:
    assert shown(None) is None


def test_the_step_of_the_report_is_told_in_its_own_words() -> None:
    view = shown(NextStep("an-error", "Mend it.", ("mend -x",)))
    assert view == NextStepView("an-error", "Mend it.", ("mend -x",), 0, False, "", "")


def test_a_step_of_another_finding_leads_to_it() -> None:
    view = shown(NextStep("a-plan", "Add these lines.", ("x(1)",), is_script=True))
    assert view is not None
    assert (view.anchor, view.headline, view.is_script) == ("finding-a-plan", "16 bit helps", True)


def test_commands_for_which_there_is_no_room_are_counted() -> None:
    view = shown(NextStep("an-error", "Mend it.", ("x" * 30_000, "y(1)")))
    assert view is not None
    assert (view.commands, view.more_commands) == (("y(1)",), 1)
