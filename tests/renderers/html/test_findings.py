from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.builders import build_layer, build_model
from utils.baseline import BaselineComparison, ChangedFinding
from utils.finding_docs import Documentation, FindingDoc, InspectorDoc
from utils.findings import Artifact, Finding, InspectorResult, Recommendation, Severity
from utils.recommendations import RecommendedScript
from utils.renderers.html import findings
from utils.renderers.html.findings import FindingView, SeverityGroup, severity_groups
from utils.renderers.html.layers import NumberedLayers
from utils.report import Report

DOC = FindingDoc("low-snr", ("warning",), "noise; more bits.", "AInspector")
DOCUMENTATION = Documentation((InspectorDoc("AInspector", "Is it noisy?", "", (DOC,)),))
JPEG, PNG = b"\xff\xd8\xff jpeg", b"\x89PNG png"


def finding(id: str = "low-snr", severity: Severity = Severity.WARNING, **parts: Any) -> Finding:
    return Finding(id=id, severity=severity, message=parts.pop("message", "It is noisy"), **parts)


def groups(found: Sequence[Finding], **report: Any) -> list[SeverityGroup]:
    results = (InspectorResult("AInspector", tuple(found)),)
    model = build_model([build_layer("input_layer1"), build_layer("conv1", original_names=["/c"])])
    whole = Report(model, "embedded", None, None, results, **report)
    return severity_groups(NumberedLayers(whole), DOCUMENTATION)


def only(found: Finding, **report: Any) -> FindingView:
    ((group,),) = [groups([found], **report)]
    return group.cards[0].findings[0]


def test_nothing_found_gives_no_group() -> None:
    assert groups([]) == []


def test_the_worst_come_first_and_one_kind_shares_a_card() -> None:
    found = [
        finding("b-kind", Severity.INFO),
        finding("low-snr"),
        finding("a-kind", Severity.ERROR),
        finding("low-snr", message="here, too"),
    ]
    shown = groups(found)
    assert [(g.severity, g.count) for g in shown] == [
        (Severity.ERROR, 1),
        (Severity.WARNING, 2),
        (Severity.INFO, 1),
    ]
    (card,) = shown[1].cards
    assert [each.message for each in card.findings] == ["It is noisy", "here, too"]
    assert (card.doc, card.inspector) == (DOC, DOCUMENTATION.inspectors[0])
    assert shown[0].cards[0].doc is None


def test_layers_come_with_their_numbers_and_other_numbers_apart() -> None:
    view = only(
        finding(
            layers=("net/conv1", "gone"), measured={"net/conv1": 3.0, "share": 0.25, "gone": 1.5}
        )
    )
    conv, gone = view.layers
    assert conv.layer is not None
    assert (conv.layer.original, conv.measured) == ("/c", "3")
    assert (gone.name, gone.layer, gone.measured) == ("gone", None, "1.5")
    assert view.numbers == (("share", "0.25"),)


def test_long_lists_of_layers_are_counted() -> None:
    view = only(finding(layers=tuple(f"net/x{i}" for i in range(130))))
    assert (len(view.layers), view.more_layers) == (findings.MAX_ROWS, 30)


@pytest.mark.parametrize(
    ("recommendation", "script", "status"),
    [
        (Recommendation(("x(1)",)), None, ""),
        (Recommendation(("x(1)",), proven=True), None, "proven by emulation"),
        (Recommendation(("x(1)",), ranges={"a": (0, 1)}), None, "not proven by a trial"),
        (
            Recommendation(("x(1)",)),
            RecommendedScript("x(1)\n", ("x(1)",), ()),
            "in the recommended script",
        ),
        (
            Recommendation(("x(1)",)),
            RecommendedScript("", (), (("x(1)", "nobody asked"),)),
            "not in the recommended script: nobody asked",
        ),
    ],
)
def test_a_command_says_what_became_of_it(
    recommendation: Recommendation, script: RecommendedScript | None, status: str
) -> None:
    (command,) = only(finding(recommendation=recommendation), script=script).commands
    assert (command.text, command.status) == ("x(1)", status)


def test_pictures_are_taken_along_as_long_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "MAX_PICTURE", len(JPEG) + 3)
    artifacts = (Artifact("a.jpg", JPEG), Artifact("b.png", PNG), Artifact("c.txt", b"text"))
    shown = only(finding(artifacts=artifacts)).pictures
    assert [picture.name for picture in shown] == ["a.jpg", "b.png", "c.txt"]
    assert shown[0].source.startswith("data:image/jpeg;base64,")
    assert [picture.source for picture in shown[1:]] == ["", ""]


def test_what_is_new_since_an_earlier_run_is_marked() -> None:
    changed = ChangedFinding("low-snr", "new", "warning", None, "AInspector", "It is noisy")
    assert only(finding(), baseline=BaselineComparison("r.json", (changed,))).change == "new"
    assert only(finding()).change == ""
