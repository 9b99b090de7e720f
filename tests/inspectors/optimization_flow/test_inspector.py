from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import inspectors
from inspectors.optimization_flow import OptimizationFlowInspector
from inspectors.optimization_flow.remedies import SEE_ALL, calibrated_again, look_in_the_log
from tests.fixtures.agreements import agreed
from tests.fixtures.builders import build_context, build_model
from tests.fixtures.calibration_sets import samples
from tests.fixtures.log_texts import NO_GPU, SKIPPED, TO_ZERO, entries, run
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from tests.recommendations.test_recommendations import Answer
from utils.facts.optimization_levels import ALGORITHMS, WITHOUT_GPU, with_gpu
from utils.findings import Finding
from utils.har.model import Model
from utils.model_script import parse_model_script
from utils.recommendations import recommended_script
from utils.side_files.dfc_log import DfcLog
from utils.terminal.prompts import Prompter

PINNED = "model_optimization_flavor(optimization_level={0}, compression_level=0)\n"
BROKEN = "model_optimization_flavor(optimization_level=0"
NO_FLAGS: dict[str, bool] = {}
NONE_RAN = {algorithm.flag: False for algorithm in ALGORITHMS}


def archive(
    level: int | None,
    script: str | None = None,
    flags: dict[str, bool] | None = None,
    compression: int = 0,
) -> Model:
    """An archive of a level, with the flags that algorithms left at conv1."""
    flavor = {"optimization_level": level, "compression_level": compression}
    return build_model(
        script=script,
        mo_flavor=None if level is None else flavor,
        analysis={
            f"conv1/{name}/successfully_run": ran
            for name, ran in (NONE_RAN if flags is None else flags).items()
        },
    )


def ran(*features: str) -> dict[str, bool]:
    return {each.flag: each.feature in features for each in ALGORITHMS}


def findings(model: Model, **facts: Any) -> list[Finding]:
    return list(OptimizationFlowInspector().inspect(build_context(model, **facts)))


def summary(found: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.id, finding.severity.label) for finding in found]


@quiet("optimization-level-zero", "level-lowered", "algorithm-not-run")
@pytest.mark.parametrize(
    ("level", "script", "flags"),
    [
        (2, None, ran("finetune")),
        (2, PINNED.format(2), ran("finetune")),
        (2, None, NO_FLAGS),
        (4, PINNED.format(4), ran("adaround")),
        (1, PINNED.format(1), ran("bias_correction")),
        (2, PINNED.format(1), ran("finetune")),  # more than was asked for
        (3, "model_optimization_flavor(optimization_level=many)\n", ran("adaround")),
        (
            2,
            "post_quantization_optimization(finetune, policy=disabled)\n"
            "post_quantization_optimization(bias_correction, policy=enabled)\n",
            ran("bias_correction"),
        ),
        (None, None, NO_FLAGS),
        (None, None, NONE_RAN),
    ],
)
def test_an_optimization_that_ran_as_asked(
    level: int | None, script: str | None, flags: dict[str, bool]
) -> None:
    assert findings(archive(level, script, flags)) == []


@loud("optimization-level-zero")
@pytest.mark.parametrize(
    "script",
    [
        None,
        "",
        "model_optimization_flavor(compression_level=0)\n",
        "normalization1 = normalization([0], [1])",
    ],
)
@pytest.mark.parametrize("level", [0, -100])
def test_level_zero_that_nobody_asked_for(script: str | None, level: int) -> None:
    (found,) = findings(archive(level, script))
    assert summary([found]) == [("optimization-level-zero", "warning")]
    headline = f"Optimization ran at level {level}, which the model script does not ask for"
    assert found.headline == headline
    skipped = "bias correction, AdaRound, finetune and the noise analysis did not run"
    assert found.evidence == skipped
    assert "with zero level of optimization is not recommended" in found.quotation
    assert "no GPU" in found.why
    assert "compare the accuracy" in found.remedy
    assert found.recommendation is not None
    assert found.recommendation.commands == (WITHOUT_GPU,)
    assert not found.recommendation.default


@quiet("optimization-level-zero", "level-lowered")
@pytest.mark.parametrize(("level", "id"), [(0, "optimization-level-zero"), (1, "level-lowered")])
def test_a_lower_level_costs_nothing_where_the_outputs_are_as_in_float(level: int, id: str) -> None:
    (found,) = findings(archive(level, None, NO_FLAGS), measurements=agreed())
    assert summary([found]) == [(id, "info")]
    assert found.asks_for_nothing
    assert "lose next to nothing" in found.why


@loud("optimization-level-zero", "level-lowered")
@pytest.mark.parametrize(("level", "id"), [(0, "optimization-level-zero"), (1, "level-lowered")])
def test_a_lower_level_counts_where_an_output_loses(level: int, id: str) -> None:
    (found,) = findings(archive(level, None, NO_FLAGS), measurements=agreed(wrong=50))
    assert summary([found]) == [(id, "warning")]


@pytest.mark.parametrize("logs", [(), (run(*SKIPPED),)])
def test_a_log_is_asked_for_where_none_was_given(logs: tuple[DfcLog, ...]) -> None:
    found, *_ = findings(archive(1, None, NO_FLAGS), dfc_logs=logs)
    assert found.id == "level-lowered"
    assert ("--dfc-log" in found.remedy) is not bool(logs)


@loud("level-lowered")
def test_what_the_script_asks_for_was_wanted() -> None:
    (found,) = findings(archive(1, PINNED.format(2), NO_FLAGS), measurements=agreed())
    assert summary([found]) == [("level-lowered", "warning")]


@loud("optimization-level-zero")
def test_a_script_that_keeps_level_1_from_doing_anything() -> None:
    line = "post_quantization_optimization(bias_correction, policy={})"
    (found,) = findings(archive(0, line.format("disabled")))
    assert found.recommendation is not None
    assert found.recommendation.commands == (WITHOUT_GPU, line.format("enabled"))
    assert "these lines" in found.remedy


@loud("optimization-level-zero")
def test_level_zero_without_flags_is_no_less_certain() -> None:
    (found,) = findings(archive(0, None, NO_FLAGS))
    assert "finetune and the noise analysis did not run" in found.evidence


@loud("optimization-level-zero")
@pytest.mark.parametrize(
    ("script", "flags", "words"),
    [
        (PINNED.format(0), NONE_RAN, "as the model script asks"),
        (PINNED.format(2) + PINNED.format(0), NONE_RAN, "as the model script asks"),
        (BROKEN, NONE_RAN, "the model script cannot be read"),
        (None, ran("bias_correction"), ", bias correction did"),
    ],
)
def test_level_zero_that_somebody_chose(script: str, flags: dict[str, bool], words: str) -> None:
    context = build_context(archive(0, None if script == BROKEN else script, flags))
    context = dataclasses.replace(context, model=archive(0, script, flags))
    (found,) = OptimizationFlowInspector().inspect(context)
    assert summary([found]) == [("optimization-level-zero", "info")]
    assert words in f"{found.headline} ({found.evidence})"
    assert found.asks_for_nothing


@loud("level-lowered")
@pytest.mark.parametrize(
    ("level", "script", "due", "whose"),
    [
        (1, PINNED.format(2), 2, "than the model script asks for"),
        (0, PINNED.format(2), 2, "than the model script asks for"),
        (2, PINNED.format(4), 4, "than the model script asks for"),
        (1, None, 2, "than the compiler's default"),
    ],
)
def test_levels_that_were_lowered(level: int, script: str | None, due: int, whose: str) -> None:
    (found,) = findings(archive(level, script, NO_FLAGS))
    assert summary([found]) == [("level-lowered", "warning")]
    assert whose in found.headline
    assert found.evidence.startswith(f"level {level} instead of {due}")
    assert "Reducing optimization level to" in found.why
    assert found.measured == {"optimization_level": level}


@loud("level-lowered")
def test_no_line_asks_for_the_level_that_ran() -> None:
    model = archive(2, PINNED.format(4), NO_FLAGS)
    (found, *_) = findings(model, calibration=samples(300))
    assert found.recommendation is None
    assert found.remedy == look_in_the_log(build_context())
    lower = archive(1, PINNED.format(4), NO_FLAGS)
    assert findings(lower, calibration=samples(300))[0].commands == with_gpu(300)


@loud("level-lowered")
def test_a_level_that_the_script_asks_for_already_needs_no_line() -> None:
    (found,) = findings(archive(0, PINNED.format(1), NO_FLAGS))
    assert summary([found]) == [("level-lowered", "warning")]
    assert found.commands == ()
    assert "Look in the log of the run" in found.remedy
    line = "post_quantization_optimization(bias_correction, policy={})\n"
    (off,) = findings(archive(0, PINNED.format(1) + line.format("disabled"), NO_FLAGS))
    assert off.commands == (line.format("enabled").strip(),)
    found, *_ = findings(archive(0, line.format("enabled"), NO_FLAGS))
    assert found.recommendation is None


@loud("level-lowered")
def test_a_compression_level_that_was_lowered() -> None:
    script = "model_optimization_flavor(optimization_level=0, compression_level=2)\n"
    found = findings(archive(0, script))
    assert summary(found) == [("optimization-level-zero", "info"), ("level-lowered", "info")]
    assert found[1].measured == {"compression_level": 0, "asked": 2}
    assert "optimization level 2" in found[1].remedy
    (unexplained,) = findings(archive(2, script.replace("0", "2", 1), NO_FLAGS))
    assert "log of the run" in unexplained.remedy
    assert findings(archive(2, PINNED.format(2), ran("finetune"), compression=1)) == []


@quiet("calibration-capped")
@pytest.mark.parametrize(
    ("count", "script"),
    [
        (255, None),
        (4095, "model_optimization_config(calibration, calibset_size=1024)\n"),
        (255, "model_optimization_config(calibration, calibset_size=-1)\n"),
        (255, "model_optimization_config(compression_params, calibset_size=16)\n"),
    ],
)
def test_calibration_that_sees_a_good_share_of_the_data(count: int, script: str | None) -> None:
    model = archive(2, script, NO_FLAGS)
    assert findings(model, calibration=samples(count)) == []
    assert findings(model) == []


@loud("calibration-capped")
@pytest.mark.parametrize(
    ("count", "script", "used", "line"),
    [
        (256, None, 64, "calibset_size=256"),
        (5000, None, 64, "calibset_size=1024"),
        (
            128,
            "model_optimization_config(calibration, batch_size=2, calibset_size=32)\n",
            32,
            "calibset_size=128",
        ),
    ],
)
def test_calibration_that_takes_few_of_many(
    count: int, script: str | None, used: int, line: str
) -> None:
    (found,) = findings(archive(2, script, NO_FLAGS), calibration=samples(count))
    assert summary([found]) == [("calibration-capped", "info")]
    assert found.measured == {"used": used, "samples": count}
    assert found.recommendation is not None
    assert line in found.recommendation.commands[0]
    assert not found.recommendation.default


@pytest.mark.parametrize(
    ("count", "script", "line"),
    [
        (None, None, ""),
        (64, None, ""),
        (8, "model_optimization_config(calibration, calibset_size=8)\n", ""),
        (65, None, "calibset_size=65"),
        (64, "model_optimization_config(calibration, calibset_size=8)\n", "calibset_size=64"),
        (5000, None, "calibset_size=1024"),
    ],
)
def test_to_calibrate_again_takes_a_line_where_calibration_sees_a_part(
    count: int | None, script: str | None, line: str
) -> None:
    given = None if count is None else samples(count)
    context = build_context(archive(2, script, NO_FLAGS), calibration=given)
    remedy, lines = calibrated_again(context, "Calibrate again on these.")
    assert (lines is not None) is bool(line)
    assert lines is None or line in lines.commands[0]
    assert remedy == f"Calibrate again on these{SEE_ALL if line else ''}."


@loud("algorithm-not-run")
@pytest.mark.parametrize(
    ("level", "script", "severity", "words"),
    [
        (
            2,
            "post_quantization_optimization(finetune, policy=enabled)\n",
            "warning",
            "Finetune did not run, although the model script switches it on",
        ),
        (2, None, "info", "Finetune did not run, although the optimization level has it"),
        (4, PINNED.format(4), "info", "AdaRound did not run, although the optimization level"),
        (1, PINNED.format(1), "info", "Bias correction did not run"),
    ],
)
def test_algorithms_that_should_have_run(
    level: int, script: str | None, severity: str, words: str
) -> None:
    (found,) = findings(archive(level, script))
    assert summary([found]) == [("algorithm-not-run", severity)]
    assert words in found.headline
    assert ("log of the run" in found.remedy) is (severity == "warning")
    assert (found.recommendation is None) is (severity == "warning")


@loud("algorithm-not-run")
def test_a_log_stands_in_for_flags_that_are_missing() -> None:
    script = (
        "post_quantization_optimization(finetune, policy=disabled)\n"
        "post_quantization_optimization(bias_correction, policy=enabled)\n"
    )
    model = archive(2, script, NO_FLAGS)
    (found,) = findings(model, dfc_logs=(run(*SKIPPED),))
    assert str(found.location) == "client.log:3:8"
    assert found.quotation == "Bias Correction skipped"
    assert findings(archive(2, script, ran("bias_correction", "finetune"))) == []


def test_what_a_log_explains_is_left_to_its_inspector() -> None:
    model, data = archive(0), samples(500)
    assert summary(findings(model, calibration=data)) == [
        ("optimization-level-zero", "warning"),
        ("calibration-capped", "info"),
    ]
    context = build_context(model, calibration=data, dfc_logs=(run(TO_ZERO, entries(64)),))
    result = inspectors.run(OptimizationFlowInspector, context)
    assert result.findings == ()
    assert "which DfcLogInspector reports" in result.not_checked[0].reason
    other = f"[warning] Reducing optimization level to 1 {NO_GPU}"
    assert summary(findings(model, dfc_logs=(run(other),))) == [
        ("optimization-level-zero", "warning")
    ]


def test_what_is_not_recorded_is_said() -> None:
    result = inspectors.run(OptimizationFlowInspector, build_context(archive(None, None, NO_FLAGS)))
    assert "neither its optimization level nor which algorithms ran" in str(result.skipped or "")
    result = inspectors.run(OptimizationFlowInspector, build_context(archive(None)))
    assert str(result.skipped or "") == ""
    assert "does not record it" in result.not_checked[0].reason
    assert "--dfc-log" in result.not_checked[0].remedy


@pytest.mark.parametrize("flavor", [[], "0", {"optimization_level": "0"}, {"compression_level": 1}])
def test_odd_flavors_do_no_harm(flavor: object) -> None:
    result = inspectors.run(OptimizationFlowInspector, build_context(build_model(mo_flavor=flavor)))
    assert (result.crashed, result.findings) == ("", ())


@pytest.mark.parametrize(
    ("model", "count"),
    [(archive(0), 300), (archive(1, None, NO_FLAGS), 300), (archive(2), 300)],
)
def test_recommended_lines_go_into_a_script_that_parses(model: Model, count: int) -> None:
    own = parse_model_script("normalization1 = normalization([0.0], [255.0])\n")
    found = findings(model, calibration=samples(count))
    asked = recommended_script(found, own, model.network, Answer(True))
    assert asked.left_out == ()
    assert len(parse_model_script(asked.text).statements) == 1 + len(asked.added) > 2
    unasked = recommended_script(found, own, model.network, Prompter(interactive=False))
    assert unasked.added == ()


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_ran_at_level_zero_and_nothing_else_is_said(name: str) -> None:
    found = findings(sample_model(name), calibration=samples(64))
    assert summary(found) == [("optimization-level-zero", "warning")]
