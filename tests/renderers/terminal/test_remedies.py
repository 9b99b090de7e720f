from __future__ import annotations

from tests.fixtures.builders import build_layer, build_model
from utils.findings import Finding, InspectorResult, Severity
from utils.renderers.terminal.remedies import remedies_shown
from utils.renderers.terminal.wording import ShortNames
from utils.report import Report
from utils.terminal.layout import laid_out

MODEL = build_model([build_layer("input_layer1"), build_layer("conv1", original_names=["/Conv"])])
INFO, WARNING, ERROR = Severity


def lines(*findings: Finding, is_verbose: bool = False) -> list[str]:
    report = Report(MODEL, "embedded", None, None, (InspectorResult("A", findings),))
    shown = remedies_shown(report, ShortNames(MODEL), is_verbose)
    return [line for block in shown for line in laid_out(block, None)]


def test_every_remedy_stands_once_the_most_urgent_first() -> None:
    assert lines(
        Finding("coarse", WARNING, "It is coarse; mend it"),
        Finding("low-snr", ERROR, "It is low; look at a-cause"),
        Finding("twice", ERROR, "It is normalized twice; delete a line; or not"),
        Finding("coarse", WARNING, "Another is coarse; mend it"),
        Finding("coarse", WARNING, "A third is coarse; replace it"),
        Finding("worth", INFO, "It is worth knowing; read on"),
    ) == [
        "",
        "What to do",
        "  twice: delete a line; or not",
        "  low-snr: look at a-cause",
        "  coarse: mend it",
        "  coarse: replace it",
    ]


def test_without_a_remedy_there_is_no_entry_and_no_heading() -> None:
    assert lines() == []
    assert lines(Finding("a", ERROR, "It is so"), Finding("b", INFO, "It is; do it")) == []


def test_layers_are_called_by_their_short_names_and_quotations_left_out() -> None:
    found = Finding("a", ERROR, 'It is so; widen net/conv1 (/Conv) ("noise is high")')
    assert lines(found)[2:] == ["  a: widen conv1"]


def test_infos_and_whole_names_come_on_request() -> None:
    found = Finding("a", INFO, 'It is so; widen net/conv1 (/Conv) ("noise is high")')
    assert lines(found, is_verbose=True)[2:] == ['  a: widen net/conv1 (/Conv) ("noise is high")']
