"""Which findings share a card, in which order, and what is folded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fixtures.builders import build_layer, build_model
from utils import tool
from utils.causes import Cause, Diagnosis, Proof
from utils.findings import Finding, InspectorResult, Recommendation, Severity
from utils.findings.documentation import Documentation, FindingDoc, InspectorDoc
from utils.renderers.html.cards import MAX_FINDINGS, Cards, cards
from utils.renderers.html.grouping import groups
from utils.renderers.html.layers import NumberedLayers
from utils.report import Report

DOC = FindingDoc("low-snr", ("warning",), "noise; more bits.", "AInspector")
PAGE = "docs/inspectors/a-inspector.md"
DOCUMENTATION = Documentation((InspectorDoc("AInspector", "Is it noisy?", "", (DOC,), PAGE),))
ROOT = Finding("bad-data", Severity.WARNING, "The data are bad", ("net/conv1",))
NOISY = Finding("low-snr", Severity.ERROR, "It is noisy", ("net/conv1",))
QUIET = Finding("a-fact", Severity.INFO, "It is so")


def report(*causes: Cause) -> Report:
    told = [finding for cause in causes for finding in (cause.finding, *cause.explains)]
    model = build_model([build_layer("input_layer1"), build_layer("conv1")])
    results = (InspectorResult("AInspector", tuple(told)),)
    return Report(model, "embedded", None, None, results, diagnosis=Diagnosis(causes))


def shown(*causes: Cause) -> Cards:
    made = report(*causes)
    return cards(NumberedLayers(made), groups(made), DOCUMENTATION)


def alone(finding: Finding) -> Cause:
    return Cause(finding, Proof.RULE)


def test_nothing_found_gives_no_card() -> None:
    assert shown() == Cards()


def test_consequences_stand_in_the_card_of_their_cause_at_the_severity_told() -> None:
    found = shown(Cause(ROOT, Proof.FIT, (NOISY, replace(NOISY))))
    (card,) = found.causes
    assert (card.group.severity, card.group.explained) == (Severity.ERROR, 2)
    assert card.group.proof == "the finding is likely: the statistics of the values point to it"
    (inner,) = card.consequences
    assert (inner.group.id, inner.count) == ("low-snr", 2)
    assert (found.alone, found.quiet) == ((), ())


def test_what_stands_alone_and_what_asks_for_nothing_come_apart() -> None:
    asking = replace(QUIET, recommendation=Recommendation(("x(1)",)))
    found = shown(alone(NOISY), alone(asking), alone(QUIET), alone(replace(QUIET)))
    assert [(card.group.id, card.count) for card in found.alone] == [("low-snr", 1), ("a-fact", 1)]
    assert [(card.group.id, card.count) for card in found.quiet] == [("a-fact", 2)]
    assert found.quiet_count == 2
    assert all(card.group.proof == "" for card in (*found.alone, *found.quiet))


def test_the_place_in_the_network_is_drawn_once_a_card() -> None:
    found = shown(Cause(ROOT, Proof.FIT, (NOISY,)), alone(NOISY), alone(replace(NOISY)))
    (cause,), (card,) = found.causes, found.alone
    assert [len(view.graphs) for view in cause.findings] == [1]
    assert cause.consequences[0].findings[0].graphs == ()
    assert [len(view.graphs) for view in card.findings] == [1, 0]


def test_many_findings_of_a_kind_are_counted() -> None:
    (card,) = shown(*(alone(replace(NOISY)) for _ in range(80))).alone
    assert (len(card.findings), card.more_findings) == (MAX_FINDINGS, 20)


def test_links_tell_places_of_one_kind_apart() -> None:
    causes = (Cause(ROOT, Proof.FIT, (NOISY,)), alone(replace(NOISY)), alone(QUIET))
    found = groups(report(*causes))
    anchors = [(top.anchor, *(below.anchor for below in top.consequences)) for top in found]
    assert anchors[:2] == [("finding-bad-data", "finding-low-snr"), ("finding-low-snr--2",)]
    assert len({anchor for each in anchors for anchor in each}) == 4


@pytest.mark.parametrize(
    ("address", "expected"),
    [("", ""), ("https://e.invalid/", "https://e.invalid/inspectors/a-inspector.html#low-snr")],
)
def test_a_card_leads_to_the_documentation(
    address: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "DOCUMENTATION_URL", address)
    (card,) = shown(alone(NOISY)).alone
    assert card.reference is not None
    assert card.reference.address == expected
    assert card.reference.command == "./main.py --explain low-snr"


def test_what_the_documentation_does_not_know_has_no_reference() -> None:
    (card,) = shown(alone(ROOT)).alone
    assert card.reference is None


def test_an_info_that_explains_infos_is_no_cause() -> None:
    detail = replace(NOISY, severity=Severity.INFO)
    (quiet,) = (found := shown(Cause(QUIET, Proof.RULE, (detail,)))).quiet
    assert quiet.group.explained == 1
    assert (found.causes, found.alone, found.quiet_count) == ((), (), 2)
    (alone_,) = (
        found := shown(Cause(replace(detail, remedy="Mend it."), Proof.RULE, (detail,)))
    ).alone
    assert alone_.group.explained == 1
    assert (found.causes, found.quiet) == ((), ())
    assert shown(Cause(QUIET, Proof.RULE, (NOISY,))).causes
