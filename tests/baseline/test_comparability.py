"""Comparisons of reports that cannot be, or are only just to be compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from diagnosis import against_baseline as baseline_comparison
from tests.diagnosis.test_against_baseline import against
from tests.fixtures.builders import build_layer, build_model, build_noise, build_noise_measurements
from tests.renderers.hostile import NAMES, hostile_report
from utils.findings import Finding, InspectorResult, Severity
from utils.report import Report


def test_a_run_that_cannot_be_compared_says_so_and_raises_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Report(build_model(), "embedded", None, None, ())
    assert against(tmp_path, report, report).is_comparable
    unreadable = replace(report, results=(InspectorResult("A"), InspectorResult("A")))
    comparison = against(tmp_path, report, unreadable)
    assert not comparison.is_comparable
    assert comparison.not_compared == (
        "this run's own report cannot be read back: inspectors names one of them twice",
    )
    assert replace(report, baseline=comparison).exit_code(Severity.ERROR, only_new=True) == 2
    monkeypatch.setattr(baseline_comparison, "differences", lambda *_: 1 // 0)
    (reason,) = against(tmp_path, report, report).not_compared
    assert "ZeroDivisionError" in reason


@pytest.mark.parametrize("level", [True, 2**60, "2", None])
def test_a_level_that_is_none_keeps_nothing_from_being_compared(
    level: object, tmp_path: Path
) -> None:
    report = Report(
        build_model(mo_flavor={"optimization_level": level}), "embedded", None, None, ()
    )
    assert against(tmp_path, report, report).is_comparable


@pytest.mark.parametrize(
    ("was", "is_now", "note"),
    [
        (["box"], ["box"], ""),
        (["all"], ["all", "box"], ""),
        ([], ["box"], ""),
        (["all"], ["box"], "another tensor: box, before all"),
    ],
)
def test_an_output_that_is_another_tensor_is_told(
    was: list[str], is_now: list[str], note: str, tmp_path: Path
) -> None:
    before, now = (
        Report(
            build_model(
                [
                    build_layer("input_layer1"),
                    build_layer("conv1"),
                    build_layer("output_layer1", original_names=names),
                ]
            ),
            "embedded",
            None,
            build_noise_measurements(build_noise({"output_layer1": 20.0})),
            (),
        )
        for names in (was, is_now)
    )
    assert [each.note for each in against(tmp_path, before, now).outputs] == [note]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_hostile_names_are_known_again_and_do_no_harm(name: str, tmp_path: Path) -> None:
    report = hostile_report(name)
    comparison = against(tmp_path, report, report)
    assert {f.change for f in comparison.findings} == {"unchanged"}
    assert len(comparison.findings) == 3
    fixed = Finding("a-problem", Severity.ERROR, f"{name} again", (f"{name}_other",))
    now = hostile_report(f"{name}2", results=(InspectorResult("AInspector", (fixed,)),))
    for other in (report, replace(report, results=now.results)):
        changed = against(tmp_path, now, other)
        assert {f.change for f in changed.findings} <= {"new", "fixed", "worse", "better"}
        assert all(line.isprintable() for line in (*changed.changes, *changed.not_compared))
