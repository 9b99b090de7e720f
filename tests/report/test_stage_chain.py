"""The stages in their order, and the one that loses most."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from tests.fixtures.staged_reports import CONV, OUTPUT, ROUNDED, match, staged, step
from tests.measurements.agreement.outputs import agreeing, batch_of, coded, values
from utils.measurements.agreement import AgreementMeasurements, OutputAgreement
from utils.renderers.stage_words import stage_verdict
from utils.report import Report
from utils.report.stage_chain import StageChain, StageInChain, stage_chain
from utils.stages import StageName, Step

ORIGINAL = step("original", "parsed", source="model.onnx")
MODIFIED = step("parsed", "optimized")
DEVICE = step("quantized", "device", source="outputs.npz")
GIVEN_AS: dict[str, StageName] = {"parsed": "original", "device": "device"}
DIFFERS: dict[str, Any] = {"is_equal": False, "parts_at": CONV}


def chain_of(report: Report) -> StageChain:
    found = stage_chain(report)
    assert found is not None
    return found


def names(report: Report) -> list[str]:
    return [stage.name for stage in chain_of(report).stages]


def test_without_stages_there_is_no_chain() -> None:
    assert stage_chain(replace(staged(), stages=None)) is None


def test_graphs_that_compute_the_same_are_not_told_where_nobody_asked() -> None:
    assert stage_chain(staged(MODIFIED)) is None
    assert stage_chain(staged(step("parsed", "optimized", **DIFFERS))) is not None


def test_stages_come_in_their_order_and_the_first_has_nothing_before_it() -> None:
    report = staged(DEVICE, MODIFIED, ORIGINAL, snr_db=20.0)
    assert names(report) == ["original", "parsed", "optimized", "quantized", "device"]
    assert [stage.before for stage in chain_of(report).stages] == [
        None,
        "original",
        "parsed",
        "optimized",
        "quantized",
    ]


def test_the_quantized_network_comes_from_what_was_measured() -> None:
    (*_, quantized) = chain_of(staged(ORIGINAL, MODIFIED, snr_db=20.0)).stages
    assert quantized.outputs[OUTPUT].snr_db == pytest.approx(20.0)
    assert not quantized.is_decided  # an SNR alone
    assert names(staged(ORIGINAL, MODIFIED)) == ["original", "parsed", "optimized"]


def test_what_could_not_be_compared_is_told() -> None:
    report = staged(MODIFIED, missing=(("original", "model.onnx cannot be read"),))
    assert chain_of(report).missing == (("original", "model.onnx cannot be read"),)
    assert names(report) == ["parsed", "optimized"]


@pytest.mark.parametrize(
    ("errors", "lost"),
    [((ROUNDED, ROUNDED), None), ((0.5, ROUNDED), "parsed"), ((0.1, 0.5), "optimized")],
)
def test_the_stage_with_the_lowest_snr_loses_most(
    errors: tuple[float, float], lost: str | None
) -> None:
    first, second = (
        replace(each, outputs=(match(error),), is_equal=error == ROUNDED)
        for each, error in zip((ORIGINAL, MODIFIED), errors, strict=True)
    )
    found = chain_of(staged(first, second)).lost
    assert (found.name if found else None) == lost


def test_a_stage_that_is_equal_loses_nothing_however_low_its_snr() -> None:
    noisy = step("original", "parsed", match(0.5))
    assert chain_of(staged(noisy)).lost is None


def test_decisions_that_change_without_an_snr_lose_most() -> None:
    numbered = replace(match(0.5), snr_db=math.nan)
    steps = (
        step("original", "parsed", match(0.5), is_equal=False),
        step("parsed", "optimized", numbered, is_equal=False),
    )
    lost = chain_of(staged(*steps)).lost
    assert lost is not None
    assert lost.name == "optimized"


def quantized_with(output: OutputAgreement) -> StageInChain:
    report = staged(ORIGINAL, MODIFIED, snr_db=20.0)
    assert report.measurements is not None
    measured = replace(report.measurements, agreement=AgreementMeasurements({OUTPUT: output}))
    return chain_of(replace(report, measurements=measured)).stages[-1]


def test_few_decisions_that_change_are_some_loss() -> None:
    floats = values(64, 1, 4)
    chip = floats.copy()
    chip[:7] = -chip[:7]
    found = quantized_with(agreeing(batch_of(floats, coded(chip), range(64)), "classes"))
    assert not found.is_equal
    assert not found.is_severe


@pytest.mark.parametrize(("error", "is_severe"), [(0.2, False), (0.3, True)])
def test_an_output_of_unknown_kind_that_is_drowned_is_more_than_some_loss(
    error: float, is_severe: bool
) -> None:
    floats = values(64, 1, 4)
    chip = floats * (1 - error)
    found = quantized_with(agreeing(batch_of(floats, coded(chip), range(64)), "unknown"))
    assert found.is_severe == is_severe
    assert found.is_equal != is_severe


@pytest.mark.parametrize("later", ["parsed", "device"])
def test_a_stage_of_which_nothing_was_compared_loses_nothing(later: StageName) -> None:
    earlier: StageName = "original" if later == "parsed" else "quantized"
    alone = Step(earlier, later, is_equal=False, source="file", not_matched=(OUTPUT,))
    chain = chain_of(staged(alone, missing=((GIVEN_AS[later], "nothing matches"),)))
    assert chain.lost is None
    assert later not in [stage.name for stage in chain.stages]
    assert stage_verdict(chain) == ""


def test_lists_of_boxes_are_compared_without_outputs() -> None:
    boxes = Step("quantized", "device", is_equal=False, notes=("40% of 9 boxes are found.",))
    lost = chain_of(staged(boxes)).lost
    assert lost is not None
    assert lost.name == "device"


def test_the_first_difference_has_the_name_that_the_original_gives_it() -> None:
    inner = (match(0.5, CONV, other="conv1_out"),)
    (_, parsed) = chain_of(staged(step("original", "parsed", inner=inner, **DIFFERS))).stages
    assert (parsed.first_difference, parsed.original_name) == (CONV, "conv1_out")
    (_, optimized) = chain_of(staged(step("parsed", "optimized", **DIFFERS))).stages
    assert optimized.original_name == "/model.0/Conv"
