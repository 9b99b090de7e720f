"""An inspector of one's own: a line says what its findings explain, in a whole run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

import inspectors
from diagnosis.diagnosing import diagnose
from inspectors.base_inspector import BaseInspector, Context, Explanation, Where, explains
from tests.har.archives import write_small
from utils.causes.folding import diagnosis_of
from utils.findings import Finding, Severity
from utils.options.options import parse_options
from utils.report import Report


class CutInspector(BaseInspector):
    """Was the network cut at the wrong place?"""

    EXPLANATIONS: ClassVar[tuple[Explanation, ...]] = (
        explains("cut-too-early", "cut-shows low-snr", Where.ANYWHERE, "a reason"),
    )

    def inspect(self, context: Context) -> Iterator[Finding]:
        for name in ("cut-shows", "cut-too-early", "cut-alone"):
            yield Finding(name, Severity.WARNING, f"{name} is there", remedy="Cut it later.")


class CircularInspector(CutInspector):
    """Does one explain another, which explains it?"""

    EXPLANATIONS: ClassVar[tuple[Explanation, ...]] = (
        *CutInspector.EXPLANATIONS,
        explains("cut-shows", "cut-too-early", Where.ANYWHERE, "a mistake"),
    )


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.chdir(tmp_path)
    har = write_small(tmp_path / "model.har")
    available: list[type[BaseInspector]] = [CutInspector, *inspectors.discover()[0]]
    return diagnose(parse_options([har, "--no-interactive"], {}), available, [])


def test_its_consequences_are_folded_and_what_nobody_explains_stands_alone(report: Report) -> None:
    causes = {cause.finding.id: cause for cause in report.diagnosis.causes}
    assert [f.id for f in causes["cut-too-early"].explains] == ["cut-shows"]
    assert causes["cut-alone"].explains == ()
    assert "cut-shows" not in causes
    assert "optimization-level-zero" in causes


def test_a_circle_of_its_own_ends_no_run(report: Report) -> None:
    findings = [finding for finding in report.findings() if finding.id.startswith("cut")]
    made = diagnosis_of(findings, report.model.network, CircularInspector.EXPLANATIONS)
    assert len(made.causes) == 2
    assert sum(len(cause.explains) for cause in made.causes) == 1
