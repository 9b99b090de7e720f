from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.fixtures.builders import build_layer, build_model
from utils.baseline import BaselineComparison, ChangedFinding
from utils.findings import Artifact, Finding, InspectorResult, Recommendation, Severity
from utils.findings.documentation import Documentation, FindingDoc, InspectorDoc
from utils.recommendations import RecommendedScript
from utils.renderers.html import findings
from utils.renderers.html.findings import FindingView, SeverityGroup, severity_groups
from utils.renderers.html.layers import NumberedLayers
from utils.report import Report

DOC = FindingDoc("low-snr", ("warning",), "noise; more bits.", "AInspector")
DOCUMENTATION = Documentation((InspectorDoc("AInspector", "Is it noisy?", "", (DOC,)),))
JPEG, PNG = b"\xff\xd8\xff jpeg", b"\x89PNG png"


def finding(id: str = "low-snr", severity: Severity = Severity.WARNING, **parts: Any) -> Finding:
    return Finding(id=id, severity=severity, headline=parts.pop("message", "It is noisy"), **parts)


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
    assert (conv.layer.original, conv.measured) == ("/c", "3.0 dB")
    assert (gone.name, gone.layer, gone.measured) == ("gone", None, "1.5 dB")
    assert view.measured_as == "SNR"
    assert view.numbers == (("share", "25%"),)


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


def test_two_inspectors_may_find_the_same_and_links_tell_them_apart() -> None:
    results = tuple(
        InspectorResult(name, (finding(), finding("low-snr-2"))) for name in ("A", "B", "C")
    )
    report = Report(build_model(), "embedded", None, None, results)
    ((group,),) = [severity_groups(NumberedLayers(report), DOCUMENTATION)]
    anchors = [card.anchor for card in group.cards]
    assert anchors[0] == "warning-low-snr"
    assert len(set(anchors)) == 6


def test_messages_and_commands_of_any_length_and_number_are_bounded() -> None:
    commands = ("x(1)" * 6000, *(f"y({i})" for i in range(70)))
    found = [
        finding(message="m" * 9000, recommendation=Recommendation(commands)) for _ in range(80)
    ]
    ((group,),) = [groups(found)]
    (card,) = group.cards
    assert (len(card.findings), card.more_findings) == (findings.MAX_FINDINGS, 20)
    # Lines that are too long are left out whole.
    assert [c.text for c in card.findings[0].commands[:2]] == ["y(0)", "y(1)"]
    assert card.findings[0].more_commands == 71 - len(card.findings[0].commands) == 12
    texts = [each.message for each in card.findings]
    texts += [command.text for each in card.findings for command in each.commands]
    assert len(texts[0]) == findings.MAX_MESSAGE
    assert sum(map(len, texts)) < 1.1 * findings.TEXT_ROOM


def test_a_command_that_names_many_layers_is_whole() -> None:
    command = f"quantization_param([{', '.join(f'net/conv{i}' for i in range(900))}], x=y)"
    (shown,) = only(finding(recommendation=Recommendation((command,)))).commands
    assert shown.text == command
