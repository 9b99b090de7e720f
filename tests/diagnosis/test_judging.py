"""How the findings of a run become a diagnosis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest

from diagnosis.judging import diagnosed
from inspectors.base_inspector import BaseInspector, Context
from inspectors.calibration import CalibrationInspector
from tests.causes.findings import ERROR, NETWORK, found, told
from utils.causes.explanations import Explanation, Where, explains
from utils.causes.links import LINKS, Link
from utils.findings import Finding, InspectorResult
from utils.jobs.measured import Refusal

REFUSALS = [
    id for id, link in LINKS.items() if link is Link.JUDGEABLE and id.startswith("calibration-")
]


class OwnInspector(BaseInspector):
    """Does it know what data do?

    - `own-symptom` (warning): they did it.
    """

    EXPLANATIONS: ClassVar[tuple[Explanation, ...]] = tuple(
        explains(id, "own-symptom", Where.ANYWHERE, "") for id in REFUSALS
    )

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield nothing."""
        yield from ()


def told_of(id: str, *symptoms: str, is_refused: bool) -> list[tuple[str, list[str]]]:
    findings = (found(id, severity=ERROR), *(found(symptom, "conv1") for symptom in symptoms))
    results = [InspectorResult("A", findings)]
    refusal = Refusal(id, f"{id} is there") if is_refused else None
    return told(diagnosed(results, NETWORK, (CalibrationInspector, OwnInspector), refusal))


@pytest.mark.parametrize("id", REFUSALS)
def test_what_refuses_data_explains_nothing_and_what_was_read_does(id: str) -> None:
    refused = told_of(id, "own-symptom", is_refused=True)
    assert refused == [(id, []), ("own-symptom", [])]
    assert told_of(id, "own-symptom", is_refused=False) == [(id, ["own-symptom"])]


@pytest.mark.parametrize(
    ("id", "symptom"),
    [("calibration-dtype", "dead-channels"), ("calibration-input-names", "output-constant")],
)
def test_nor_does_it_by_the_pairs_of_the_tool(id: str, symptom: str) -> None:
    assert dict(told_of(id, symptom, is_refused=True))[id] == []
    assert told_of(id, symptom, is_refused=False) == [(id, [symptom])]


def test_other_causes_go_on_explaining_where_data_were_refused() -> None:
    findings = found("calibrated-on-noise", severity=ERROR), found("dead-channels", "conv1")
    results = [InspectorResult("A", (found("calibration-dtype", severity=ERROR), *findings))]
    refusal = Refusal("calibration-dtype", "calibration-dtype is there")
    made = told(diagnosed(results, NETWORK, (CalibrationInspector,), refusal))
    assert ("calibrated-on-noise", ["dead-channels"]) in made
    assert ("calibration-dtype", []) in made
