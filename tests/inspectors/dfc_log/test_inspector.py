from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

import inspectors
from inspectors.dfc_log import DfcLogInspector
from inspectors.optimization_flow.remedies import MORE_IMAGES
from tests.fixtures import log_texts
from tests.fixtures.agreements import agreed
from tests.fixtures.builders import build_context, build_model
from tests.fixtures.calibration_sets import samples
from tests.fixtures.log_texts import (
    NO_GPU,
    SKIPPED,
    TO_ONE,
    TO_ZERO,
    ZERO,
    bits_reduced,
    entries,
    log,
    no_shift,
    run,
    snr,
)
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from tests.inspectors.dfc_log.reported import findings, summary
from tests.recommendations.test_recommendations import Answer
from utils.facts.optimization_levels import WITHOUT_GPU, with_gpu
from utils.findings import Finding
from utils.har.model import Model
from utils.model_script import parse_model_script
from utils.recommendations import recommended_script
from utils.terminal.prompts import Prompter

LEVEL_1 = build_model(mo_flavor={"optimization_level": 1, "compression_level": 0})
UNRECORDED = build_model(mo_flavor=None)


def of(id: str, found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.id == id]


def test_without_a_log_there_is_nothing_to_read() -> None:
    result = inspectors.run(DfcLogInspector, build_context())
    assert result.skipped is not None
    assert result.skipped.remedy == "pass the compiler's log with --dfc-log"


@quiet("dfc-level-reduced")
@pytest.mark.parametrize(
    ("lines", "model"),
    [
        ((ZERO, *SKIPPED), build_model()),
        (("[info] Using default optimization level of 1",), LEVEL_1),
        (
            (ZERO,),
            build_model(mo_flavor=None, script="model_optimization_flavor(optimization_level=0)\n"),
        ),
    ],
)
def test_a_level_that_was_not_lowered(lines: tuple[str, ...], model: Model) -> None:
    assert of("dfc-level-reduced", findings(run(*lines), model=model)) == []


@loud("dfc-level-reduced")
def test_a_level_that_was_lowered_says_why_and_what_was_skipped() -> None:
    (found,) = findings(run(TO_ZERO, ZERO, *SKIPPED))
    assert summary([found]) == [("dfc-level-reduced", "warning", ())]
    assert "recommended amount (1024), and there's no available GPU" in found.quotation
    skipped = "Bias Correction, Adaround, Quantization-Aware Fine-Tuning and Layer Noise Analysis"
    assert found.evidence == f"level 0, {skipped} skipped"
    assert "no GPU" in found.why
    assert "level 1 with this line" in found.remedy
    assert "compare the accuracy" in found.remedy
    assert str(found.location) == "client.log:2:11"
    assert found.recommendation is not None
    assert found.recommendation.commands == (WITHOUT_GPU,)
    assert not found.recommendation.default


@quiet("dfc-level-reduced")
def test_a_level_that_was_lowered_costs_nothing_where_the_outputs_are_as_in_float() -> None:
    for wrong, severity in ((0, "info"), (50, "warning")):
        (found,) = findings(run(TO_ZERO, ZERO, *SKIPPED), measurements=agreed(wrong))
        assert summary([found]) == [("dfc-level-reduced", severity, ())]
        assert "no GPU" in found.why
        assert found.asks_for_nothing == (severity == "info")


@loud("dfc-level-reduced")
def test_a_level_lowered_for_want_of_data_only() -> None:
    (found,) = findings(run(TO_ONE), model=LEVEL_1)
    assert found.measured == {"optimization_level": 1}
    assert found.recommendation is None
    assert found.remedy == MORE_IMAGES
    assert "fewer images" in found.why
    (found,) = findings(run(TO_ONE), model=LEVEL_1, calibration=samples(300))
    assert found.recommendation is not None
    assert found.recommendation.commands == with_gpu(300)
    assert "level 2 with these lines" in found.remedy


@loud("dfc-level-reduced")
def test_no_line_asks_for_the_level_that_ran() -> None:
    model = build_model(mo_flavor={"optimization_level": 2, "compression_level": 0})
    to_two = "[warning] Reducing optimization level to 2 because there's no time"
    (found,) = findings(run(to_two), model=model, calibration=samples(300))
    assert found.recommendation is None
    assert "what the log gives as the reason" in found.remedy


@loud("dfc-level-reduced")
def test_where_the_archive_records_no_level_the_warning_has_to_do() -> None:
    (found,) = findings(run(ZERO), model=UNRECORDED)
    assert "zero level of optimization is not recommended" in found.quotation


@pytest.mark.parametrize("reason", [NO_GPU, "", "for whatever reason"])
def test_variants_of_the_reason(reason: str) -> None:
    line = f"[warning] Reducing optimization level to 0 {reason}"
    assert findings(run(line))[0].commands == (WITHOUT_GPU,)


@quiet("dfc-calibration-entries")
def test_a_log_that_names_no_number_of_entries() -> None:
    assert findings(run("[info] Starting Statistics Collector", entries(4000, "finetune"))) == []


@loud("dfc-calibration-entries")
@pytest.mark.parametrize(
    ("used", "supplied", "severity", "advised"),
    [
        (64, None, "info", False),
        (63, None, "warning", False),
        (33, 64, "warning", False),
        (33, 33, "info", False),
        (64, 255, "info", False),
        (64, 256, "info", True),
        (64, 2000, "info", True),
        (1024, 8000, "info", False),
        (0, None, "warning", False),
    ],
)
def test_entries_that_calibration_used(
    used: int, supplied: int | None, severity: str, advised: bool
) -> None:
    calibration = None if supplied is None else samples(supplied)
    (found,) = findings(run(entries(used)), calibration=calibration)
    assert summary([found]) == [("dfc-calibration-entries", severity, ())]
    assert found.measured["used"] == used
    assert f"Using dataset with {used} entries for calibration" in found.quotation
    assert (found.recommendation is not None) is advised
    assert ("calibset_size" in found.remedy) is advised
    assert bool(found.remedy) is (advised or severity == "warning")


def test_finetuning_is_said_beside_calibration_once_it_was_done() -> None:
    lines = (entries(64), entries(4000, "finetune"))
    (found,) = findings(run(*lines))
    assert found.evidence == "64 samples, and 4,000 for finetuning"
    (excerpt,) = findings(log(log_texts.START, *lines))
    assert excerpt.evidence == "64 samples"


@pytest.mark.parametrize(
    ("asked", "used", "supplied", "severity"),
    [
        (1024, 1024, None, "info"),
        (64, 64, None, "info"),
        (1024, 300, 300, "info"),
        (1024, 64, None, "warning"),
        (1024, 64, 2000, "warning"),
    ],
)
def test_fewer_entries_than_the_script_asks_for(
    asked: int, used: int, supplied: int | None, severity: str
) -> None:
    line = f"model_optimization_config(calibration, calibset_size={asked})\n"
    calibration = None if supplied is None else samples(supplied)
    context = build_context(dfc_logs=(run(entries(used)),), calibration=calibration)
    (found,) = DfcLogInspector().inspect(replace(context, script=parse_model_script(line)))
    assert found.severity.label == severity
    assert ("asks for" in found.headline) is (severity == "warning")
    assert (f"asks for {asked:,}" in found.evidence) is (severity == "warning")


def everything() -> Iterator[Finding]:
    lines = (TO_ZERO, entries(64), no_shift(0.7), bits_reduced(5.0), snr(5.0))
    yield from findings(run(*lines), calibration=samples(512))


def test_recommended_lines_go_into_a_script_that_parses() -> None:
    own = parse_model_script("normalization1 = normalization([0.0], [255.0])\n")
    found = list(everything())
    assert sum(finding.recommendation is not None for finding in found) == 4
    asked = recommended_script(found, own, build_model().network, Answer(True))
    assert asked.left_out == ()
    statements = parse_model_script(asked.text).statements
    assert sorted(statement.command for statement in statements) == [
        "model_optimization_config",
        "model_optimization_config",
        "model_optimization_flavor",
        "normalization",
    ]
    unasked = recommended_script(found, own, build_model().network, Prompter(interactive=False))
    assert unasked.added == ()


def test_the_findings_of_finetuning_parse() -> None:
    (found,) = findings(run(TO_ONE), model=LEVEL_1, calibration=samples(300))
    script = recommended_script([found], None, LEVEL_1.network, Answer(True))
    assert [statement.command for statement in parse_model_script(script.text).statements] == [
        "model_optimization_flavor",
        "post_quantization_optimization",
    ]


@pytest.mark.parametrize("archive", QUANTIZED)
def test_a_log_of_another_network_says_nothing_about_real_archives(archive: str) -> None:
    context = build_context(
        sample_model(archive), dfc_logs=(run(TO_ZERO, no_shift(0.9), snr(1.0)),)
    )
    result = inspectors.run(DfcLogInspector, context)
    assert (result.findings, result.crashed) == ((), "")
    assert "about another network" in result.not_checked[0].reason


def test_odd_logs_do_no_harm() -> None:
    lines = (
        "Reducing optimization level to 9999",
        entries(999_999_999_999),
        no_shift("1e999"),
        bits_reduced("1e300"),
        snr("-1e400"),
        log_texts.range_forced("", 1.0, 1e300),
    )
    result = inspectors.run(DfcLogInspector, build_context(UNRECORDED, dfc_logs=(log(*lines),)))
    assert result.crashed == ""
    assert "dfc-bits-reduced" in [finding.id for finding in result.findings]
