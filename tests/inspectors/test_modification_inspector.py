from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from inspectors.base_inspector import Context, NotChecked
from inspectors.modification_inspector import REMEDIES, WITHOUT_SCRIPT, ModificationInspector
from tests.fixtures.builders import build_context, build_layer, build_model, chain
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding, Severity
from utils.measurements.output_kind import SettledKind
from utils.stages import Match, Reason, Stages, Step
from utils.stages.comparing import compared

OUTPUT, FIRST = "net/output_layer1", "net/conv1"


def context(step: Step | None, **stages: object) -> Context:
    layers = chain(
        build_layer("input_layer1"),
        build_layer("conv1", original_names=["/model.0/Conv"]),
        build_layer("conv2"),
        build_layer("output_layer1"),
    )
    steps = () if step is None else (step,)
    built = build_context(build_model(layers))
    return replace(built, stages=Stages(12, steps, **stages))  # type: ignore[arg-type]


def match(error: float, *, flips: bool = False) -> Match:
    """An output of classes with this relative error, in which all classes may change."""
    earlier = np.random.default_rng(2).standard_normal((40, 1, 1, 6)).astype(np.float32)
    later = earlier[..., ::-1] if flips else earlier * np.float32(1 + error)
    settled = SettledKind("classes", "the test says so")
    return compared(OUTPUT, OUTPUT, "name", "", earlier, later, settled, 0.0)


def inspect(step: Step | None) -> list[Finding]:
    found = list(ModificationInspector().inspect(context(step)))
    for finding in found:
        assert_well_worded(finding)
    return found


def differing(*matches: Match, reasons: tuple[Reason, ...] = ()) -> Step:
    return Step(
        "parsed", "optimized", is_equal=False, outputs=matches, parts_at=FIRST, reasons=reasons
    )


@quiet("modification-differs")
def test_networks_that_compute_the_same_say_nothing() -> None:
    same = Step("parsed", "optimized", is_equal=True, outputs=(match(1e-6),))
    assert inspect(same) == []


@loud("modification-differs")
@pytest.mark.parametrize(
    ("output", "severity"),
    [(match(0.05), Severity.WARNING), (match(0.0, flips=True), Severity.ERROR)],
)
def test_networks_that_differ_are_an_error_if_decisions_change(
    output: Match, severity: Severity
) -> None:
    (finding,) = inspect(differing(output))
    assert finding.id == "modification-differs"
    assert finding.severity is severity
    assert finding.layers == (FIRST, OUTPUT)
    assert "/model.0/Conv" in finding.evidence
    assert "12 samples" in finding.evidence
    assert finding.remedy == WITHOUT_SCRIPT
    assert finding.measured["snr_db"] == output.snr_db


@pytest.mark.parametrize("word", REMEDIES)
def test_the_first_reason_decides_what_to_do(word: str) -> None:
    reasons = (Reason(word, "3 of 8 channels leave it as 0"), Reason("weights-changed", "other"))
    (finding,) = inspect(differing(match(0.05), reasons=reasons))
    assert finding.remedy == REMEDIES[word]
    assert "3 of 8 channels leave it as 0" in finding.evidence


def test_an_output_without_an_snr_is_the_worst() -> None:
    numbers = replace(match(0.0, flips=True), snr_db=math.nan, layer="net/output_layer2")
    (finding,) = inspect(differing(match(0.05), numbers))
    assert finding.layers[-1] == "net/output_layer2"


def test_it_skips_where_the_networks_were_not_run() -> None:
    inspector = ModificationInspector()
    assert inspector.should_skip(replace(context(None), stages=None))
    missing = context(None, missing=(("parsed", "the archive holds no parsed graph"),))
    skipped = inspector.should_skip(missing)
    assert not isinstance(skipped, NotChecked)
    assert skipped == "the archive holds no parsed graph"
    assert inspector.should_skip(context(differing(match(0.05)))) == ""
