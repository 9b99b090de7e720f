from __future__ import annotations

from dataclasses import replace

import pytest

from inspectors.dfc_log import DfcLogInspector
from tests.fixtures.builders import build_context
from tests.fixtures.calibration_sets import samples
from tests.fixtures.log_texts import log, run
from tests.house.evidence import loud, quiet
from tests.inspectors.dfc_log.reported import findings, summary
from tests.inspectors.wording_rules import assert_well_worded
from utils.facts.optimization_levels import WITHOUT_GPU
from utils.model_script import parse_model_script

RANDOM = "[info] Running `hailo optimize net.har --hw-arch hailo8 --use-random-calib-set -o q.har`"
CUT = "[warning] Training cut by the user, proceed at your own peril"
NO_ANALYSIS = (
    "[warning] GPU memory has been exhausted. Layer Noise Analysis will not generate statistics."
)


@quiet("dfc-random-calibration")
@pytest.mark.parametrize(
    "line",
    [
        "[info] Running `hailo optimize net.har --calib-set-path calib.npy`",
        "usage: hailo optimize [-h] [--use-random-calib-set] har",
        "[info] Found model with 3 input channels, using real RGB images for calibration",
    ],
)
def test_real_data_are_no_finding(line: str) -> None:
    assert findings(log(line, *run().lines)) == []


@loud("dfc-random-calibration")
def test_random_numbers_that_the_command_asked_for() -> None:
    (found,) = findings(log(RANDOM, *run().lines))
    assert summary([found]) == [("dfc-random-calibration", "error", ())]
    assert "--use-random-calib-set" in found.quotation
    assert found.command.startswith("hailo optimize ")


def test_another_run_on_random_numbers_is_no_concern() -> None:
    again = "[info] Running `hailo optimize net.har --calib-set-path calib.npy`"
    assert findings(log(RANDOM, *run().lines, again, *run().lines)) == []


@quiet("dfc-training-cut")
def test_training_that_was_done() -> None:
    done = "[info] Model Optimization Algorithm Quantization-Aware Fine-Tuning is done"
    assert findings(run(done)) == []


@loud("dfc-training-cut")
def test_training_that_was_cut() -> None:
    (found,) = findings(run(CUT))
    assert summary([found]) == [("dfc-training-cut", "warning", ())]


BAR = "128/128 [=====] - 100s 780ms/step - total_distill_loss: {0} - distill_loss_net/conv1: {0}"


@quiet("dfc-training-diverged")
@pytest.mark.parametrize(
    "line",
    [BAR.format("0.0213"), BAR.format("1.2e-05"), "[info] lossless: nan", "accuracy: nan"],
)
def test_training_that_went_on(line: str) -> None:
    assert findings(run(line)) == []


@loud("dfc-training-diverged")
@pytest.mark.parametrize(
    ("script", "command"),
    [
        (None, "post_quantization_optimization(finetune, policy=enabled, learning_rate=0.00001)"),
        (
            "post_quantization_optimization(finetune, policy=enabled, learning_rate=0.00001)\n",
            WITHOUT_GPU,
        ),
    ],
)
def test_training_that_diverged(script: str | None, command: str) -> None:
    context = build_context(dfc_logs=(run(BAR.format("0.02"), BAR.format("nan")),))
    parsed = None if script is None else parse_model_script(script)
    (found,) = DfcLogInspector().inspect(replace(context, script=parsed))
    assert (found.id, found.severity.label) == ("dfc-training-diverged", "error")
    assert found.commands == (command,)
    assert "nan" in found.quotation
    assert_well_worded(found)


@quiet("dfc-analysis-missing")
def test_an_analysis_that_was_done() -> None:
    assert findings(run("[info] Model Optimization Algorithm Layer Noise Analysis is done")) == []


@loud("dfc-analysis-missing")
def test_an_analysis_that_ran_out_of_memory() -> None:
    (found,) = findings(run(NO_ANALYSIS))
    assert summary([found]) == [("dfc-analysis-missing", "info", ())]
    assert "-d" in found.remedy
    assert findings(run(NO_ANALYSIS), calibration=samples(64))[0].remedy == ""
