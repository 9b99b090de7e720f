from __future__ import annotations

from dataclasses import replace

from tests.fixtures.builders import build_model
from utils.findings import Severity
from utils.jobs.sdk_part import SdkPart
from utils.measurements.backend_comparison import BackendComparison, LayerAgreement
from utils.renderers.html.sdk import MAX_DOUBTS, MAX_SENTENCE, sdk_view
from utils.report import Report

EMPTY = Report(build_model(), "embedded", None, None, ())


def test_without_the_sdk_or_with_nothing_to_say_there_is_no_part() -> None:
    assert sdk_view(EMPTY) is None
    assert sdk_view(replace(EMPTY, sdk=SdkPart("3.33.0"))) is None


def test_a_failure_and_doubts_are_warnings() -> None:
    part = SdkPart(failure="it is not installed", doubts=("too new", "x" * 900))
    view = sdk_view(replace(EMPTY, sdk=part))
    assert view is not None
    assert {severity for severity, _ in view.lines} == {Severity.WARNING}
    assert "embedded engine" in view.lines[0][1]
    assert "it is not installed" in view.lines[0][1]
    assert view.lines[1][1] == "too new"
    assert len(view.lines[2][1]) == MAX_SENTENCE
    many = sdk_view(replace(EMPTY, sdk=SdkPart(doubts=("too new",) * 999)))
    assert many is not None
    assert len(many.lines) == MAX_DOUBTS


def test_the_comparison_keeps_its_severities() -> None:
    same = LayerAgreement(1e-7, 0.0, 30.0, 30.0)
    names = [layer.name for layer in EMPTY.model.float_network]
    for conv, severities in (
        (same, [Severity.INFO] * 3),
        (LayerAgreement(0.2, 0.5, 30.0, 12.0), [Severity.WARNING] * 3),
    ):
        comparison = BackendComparison(dict.fromkeys(names, same) | {"net/conv1": conv}, 64)
        view = sdk_view(replace(EMPTY, sdk=SdkPart("3.33.0", comparison=comparison)))
        assert view is not None
        assert [severity for severity, _ in view.lines] == severities
