from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.builders import build_layer, build_model
from utils.baseline import BaselineComparison, ChangedFinding
from utils.findings import Artifact, Finding, Gain, InspectorResult, Recommendation, Severity
from utils.recommendations import RecommendedScript
from utils.renderers.html import findings, pictures
from utils.renderers.html.findings import FindingView, Viewer
from utils.renderers.html.layers import NumberedLayers
from utils.renderers.html.pictures import thumbnail
from utils.report import Report

JPEG, PNG = b"\xff\xd8\xff jpeg", b"\x89PNG png"


def finding(id: str = "low-snr", severity: Severity = Severity.WARNING, **parts: Any) -> Finding:
    return Finding(id=id, severity=severity, headline=parts.pop("headline", "It is noisy"), **parts)


def report_of(*found: Finding, **report: Any) -> Report:
    model = build_model([build_layer("input_layer1"), build_layer("conv1", original_names=["/c"])])
    results = (InspectorResult("AInspector", found),)
    return Report(model, "embedded", None, None, results, **report)


def only(found: Finding, *, with_graph: bool = True, **report: Any) -> FindingView:
    viewer = Viewer.of(NumberedLayers(report_of(found, **report)))
    return viewer.view(found, with_graph=with_graph)


def test_every_part_is_shown_by_itself() -> None:
    parts: dict[str, Any] = {
        "headline": "It is noisy",
        "evidence": "3 dB",
        "why": "It rounds.",
        "remedy": "Mend it.",
        "quotation": "oh no",
    }
    view = only(finding(command="mend it", **parts))
    assert {part: getattr(view, part) for part in parts} == parts
    assert view.shell == "mend it"


def test_sentences_call_layers_by_their_short_names() -> None:
    view = only(finding(evidence="net/conv1 (/c) has 3 dB", quotation="net/conv1 is bad"))
    assert (view.evidence, view.quotation) == ("conv1 has 3 dB", "net/conv1 is bad")


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


@pytest.mark.parametrize(
    ("with_graph", "rows"), [(True, findings.MAX_ROWS), (False, findings.FEWER_ROWS)]
)
def test_long_lists_of_layers_are_counted(with_graph: bool, rows: int) -> None:
    found = finding(layers=tuple(f"net/x{i}" for i in range(130)))
    view = only(found, with_graph=with_graph)
    assert (len(view.layers), view.more_layers) == (rows, 130 - rows)


def test_its_place_in_the_network_is_drawn_on_demand_only() -> None:
    found = finding(layers=("net/conv1",))
    assert len(only(found).graphs) == 1
    assert only(found, with_graph=False).graphs == ()


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


def test_what_a_trial_gained_is_shown() -> None:
    gain = Gain("SNR at output_layer1 in dB", 12.5, 29.4)
    view = only(finding(recommendation=Recommendation(("x(1)",), proven=True, gain=gain)))
    assert view.gain == "SNR at output_layer1 in dB: 12.5 → 29.4"
    assert only(finding()).gain == ""


def test_pictures_are_taken_along_as_long_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PICTURE", len(JPEG) + 3)
    artifacts = (Artifact("a.jpg", JPEG), Artifact("b.png", PNG), Artifact("c.txt", b"text"))
    shown = only(finding(artifacts=artifacts)).pictures
    assert [picture.name for picture in shown] == ["a.jpg", "b.png", "c.txt"]
    assert shown[0].source.startswith("data:image/jpeg;base64,")
    assert [picture.source for picture in shown[1:]] == ["", ""]


def test_what_is_no_picture_gives_no_thumbnail() -> None:
    broken = (Artifact("a.jpg", JPEG), Artifact("c.txt", b"text"))
    assert thumbnail(report_of(finding(artifacts=broken))) is None


def test_what_is_new_since_an_earlier_run_is_marked() -> None:
    found = finding()
    changed = ChangedFinding("low-snr", "new", "warning", None, "AInspector", found.message)
    assert only(found, baseline=BaselineComparison("r.json", (changed,))).change == "new"
    assert only(found).change == ""


def test_texts_and_commands_of_any_length_and_number_are_bounded() -> None:
    commands = ("x(1)" * 6000, *(f"y({i})" for i in range(70)))
    found = [
        finding(headline="m" * 9000, recommendation=Recommendation(commands)) for _ in range(80)
    ]
    viewer = Viewer.of(NumberedLayers(report_of(*found)))
    views = [viewer.view(each, with_graph=False) for each in found]
    # Lines that are too long are left out whole.
    assert [c.text for c in views[0].commands[:2]] == ["y(0)", "y(1)"]
    assert views[0].more_commands == 71 - len(views[0].commands) == 12
    texts = [each.headline for each in views]
    texts += [command.text for each in views for command in each.commands]
    assert len(texts[0]) == findings.MAX_TEXT
    assert sum(map(len, texts)) < 1.1 * findings.TEXT_ROOM


def test_a_command_that_names_many_layers_is_whole() -> None:
    command = f"quantization_param([{', '.join(f'net/conv{i}' for i in range(900))}], x=y)"
    (shown,) = only(finding(recommendation=Recommendation((command,)))).commands
    assert shown.text == command
