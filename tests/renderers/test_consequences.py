"""A consequence that is shown by itself opens with its cause, and sends nobody around it."""

from __future__ import annotations

import pytest

from tests.fixtures.diagnosed import diagnosed
from tests.renderers.test_junit import report
from utils.causes.explanations import Where, explains
from utils.findings import Finding, InspectorResult, Severity
from utils.renderers.consequences import with_cause, without_detour
from utils.report import Report

REMEDY = "Give conv1 16 bit and quantize again."


def both(cause_id: str) -> tuple[Report, Finding, Finding]:
    cause = Finding(cause_id, Severity.ERROR, "Something is wrong", remedy="Mend it.")
    symptom = Finding("a-symptom", Severity.ERROR, "Nothing fires", remedy=REMEDY)
    own = (explains(cause_id, "a-symptom", Where.ANYWHERE, ""),)
    whole = diagnosed(report(InspectorResult("AInspector", (symptom, cause))), own)
    return whole, cause, symptom


def test_what_nothing_explains_is_told_as_it_is() -> None:
    whole, cause, symptom = both("data-normalized-twice")
    alone = report(InspectorResult("AInspector", (symptom,)))
    assert with_cause(alone, symptom) == f"Nothing fires. {REMEDY}"
    assert with_cause(whole, cause) == "Something is wrong. Mend it."


@pytest.mark.parametrize(
    ("cause_id", "remedy"), [("data-normalized-twice", ""), ("implicit-compression", f" {REMEDY}")]
)
def test_a_consequence_opens_with_its_cause(cause_id: str, remedy: str) -> None:
    whole, _, symptom = both(cause_id)
    assert without_detour(whole, symptom) == f"Nothing fires.{remedy}"
    said = f"Mend {cause_id} first, which explains this: Nothing fires.{remedy}"
    assert with_cause(whole, symptom) == said
