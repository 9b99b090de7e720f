"""Where accuracy is lost, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fixtures.staged_reports import CONV, EQUAL, OUTPUT, ROUNDED, match, staged, step
from tests.renderers.hostile import NAMES
from utils.baseline import BaselineComparison, SnrChange
from utils.renderers.stage_words import cell, heading, stage_verdict
from utils.renderers.verdict import verdict
from utils.report import Report
from utils.report.stage_chain import StageChain, StageInChain, stage_chain
from utils.stages import Step

ORIGINAL, MODIFIED = step("original", "parsed"), step("parsed", "optimized")
DEVICE = step("quantized", "device")
LOST_FIRST = step("original", "parsed", match(0.5, changed=9), is_equal=False, parts_at=CONV)


def chain_of(report: Report) -> StageChain:
    found = stage_chain(report)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            (LOST_FIRST, MODIFIED),
            "accuracy is lost between the original model and the parsed model, at /model.0/Conv, "
            "before any quantization",
        ),
        (
            (ORIGINAL, step("parsed", "optimized", match(0.5, changed=9), is_equal=False)),
            "accuracy is lost between the parsed model and the optimized model, before any "
            "quantization",
        ),
        (
            (
                ORIGINAL,
                MODIFIED,
                step("quantized", "device", match(0.5, changed=9), is_equal=False),
            ),
            "accuracy is lost between the quantized model and the chip",
        ),
        (
            (ORIGINAL, MODIFIED),
            "nothing is lost before quantization, from the original model to the optimized model",
        ),
        ((DEVICE,), "nothing is lost from the quantized model to the outputs of the chip"),
    ],
)
def test_the_verdict_begins_with_the_stage(steps: tuple[Step, ...], said: str) -> None:
    report = staged(*steps)
    assert stage_verdict(chain_of(report)) == said
    assert verdict(report).startswith(f"{said[0].upper()}{said[1:]}; ")


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            (step("original", "parsed", match(0.5), is_equal=False, parts_at=CONV), MODIFIED),
            "the parsed model gives other values than the original model, at /model.0/Conv, before "
            "any quantization, which change no decision on these samples",
        ),
        (
            (ORIGINAL, MODIFIED, step("quantized", "device", match(0.5), is_equal=False)),
            "the chip gives other values than the quantized model, which change no decision on "
            "these samples",
        ),
    ],
)
def test_values_that_change_no_decision_are_no_loss(steps: tuple[Step, ...], said: str) -> None:
    chain = chain_of(staged(*steps))
    assert stage_verdict(chain) == said
    assert chain.lost is not None
    assert heading(chain, chain.lost).endswith("(differs here)")


def test_a_few_decisions_lost_within_the_limits_are_not_nothing() -> None:
    few = step("quantized", "device", match(ROUNDED, changed=1))
    said = "nothing that matters is lost from the quantized model to the outputs of the chip"
    assert stage_verdict(chain_of(staged(few))) == said


def test_an_snr_alone_does_not_say_that_quantization_loses_nothing() -> None:
    assert stage_verdict(chain_of(staged(ORIGINAL, MODIFIED, snr_db=30.0))) == (
        "nothing is lost before quantization, from the original model to the optimized model"
    )
    assert stage_verdict(chain_of(staged(ORIGINAL, MODIFIED, DEVICE, snr_db=30.0))) == (
        "the chip gives what was quantized, and nothing is lost before quantization, from the "
        "original model to the optimized model"
    )


def test_outputs_that_were_not_compared_are_counted() -> None:
    part = step("quantized", "device", not_matched=("net/output_layer2",))
    assert stage_verdict(chain_of(staged(part))) == (
        "nothing is lost from the quantized model to the outputs of the chip, but 1 of 2 outputs "
        "was not compared"
    )


def quantized(*, is_equal: bool) -> StageInChain:
    outputs = dict(chain_of(staged(ORIGINAL)).stages[1].outputs)
    return StageInChain("quantized", "optimized", is_equal, outputs)


def test_decisions_say_whether_quantization_loses_anything() -> None:
    kept, lost = (
        StageChain((*chain_of(staged(ORIGINAL, MODIFIED)).stages, quantized(is_equal=is_equal)), 40)
        for is_equal in (True, False)
    )
    assert stage_verdict(kept) == (
        "nothing is lost before the chip, from the original model to the quantized model"
    )
    said = "lost by the quantization, between the optimized model and the quantized model"
    assert stage_verdict(lost) == f"accuracy is {said}"
    *others, last = lost.stages
    mild = replace(lost, stages=(*others, replace(last, is_severe=False)))
    assert stage_verdict(mild) == f"some accuracy is {said}"


def test_other_stages_that_lose_are_told_as_well() -> None:
    device = step("quantized", "device", match(0.5, changed=9), is_equal=False)
    first, parsed, *_ = chain_of(staged(LOST_FIRST, MODIFIED)).stages
    *_, chip = chain_of(staged(device)).stages
    lost = quantized(is_equal=False)
    chain = StageChain((first, parsed, replace(lost, is_severe=False), chip), 40)
    assert stage_verdict(chain).endswith(
        "before any quantization, and some by the quantization and also between the quantized "
        "model and the chip"
    )
    chain = StageChain((first, replace(parsed, is_equal=True), lost, chip), 40)
    assert stage_verdict(chain) == (
        "accuracy is lost between the quantized model and the chip, and also by the quantization"
    )


def test_where_something_was_not_compared_nothing_is_claimed() -> None:
    report = staged(MODIFIED, missing=(("original", "model.onnx cannot be read"),))
    assert stage_verdict(chain_of(report)) == ""


def test_cells_say_decisions_and_snr() -> None:
    first, parsed = chain_of(staged(step("original", "parsed", match(0.1, changed=2)))).stages
    assert cell(first, OUTPUT) == "-"
    assert cell(parsed, OUTPUT).startswith("95%, ")
    assert cell(parsed, OUTPUT).endswith(" dB")
    assert cell(parsed, "net/output_layer2") == "not compared"
    (_, nearly) = chain_of(staged(step("original", "parsed", match(1e-6)))).stages
    assert cell(nearly, OUTPUT) == "100%, over 100 dB"
    (_, same) = chain_of(staged(step("original", "parsed", match(EQUAL)))).stages
    assert cell(same, OUTPUT) == "the same"


@pytest.mark.parametrize(
    ("before_db", "said"),
    [(20.2, ""), (14.0, " (better, before 14.0)"), (26.0, " (worse, before 26.0)"), (None, "")],
)
def test_what_an_earlier_run_had_is_told_where_it_was_noticeably_else(
    before_db: float | None, said: str
) -> None:
    (_, parsed) = chain_of(staged(step("original", "parsed", match(0.1)))).stages
    assert parsed.outputs[OUTPUT].snr_db == pytest.approx(20.0, abs=0.01)
    changes = (SnrChange(OUTPUT, before_db, parsed.outputs[OUTPUT].snr_db),)
    comparison = BaselineComparison("before.json", stages={"parsed": changes})
    assert cell(parsed, OUTPUT, comparison) == f"100%, 20.0 dB{said}"


def test_the_stage_that_loses_most_is_marked() -> None:
    chain = chain_of(staged(LOST_FIRST, MODIFIED))
    assert [heading(chain, stage) for stage in chain.stages] == [
        "original",
        "parsed (lost here)",
        "optimized",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_mean_harm_stay_on_one_line(name: str) -> None:
    inner = (replace(match(0.5, CONV), other=name),)
    said = verdict(staged(replace(LOST_FIRST, inner=inner, outputs=(match(ROUNDED),))))
    assert said.isprintable()
