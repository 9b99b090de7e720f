from __future__ import annotations

import pytest

from tests.fixtures.calibration_sets import samples
from tests.fixtures.log_texts import log, run
from tests.house.evidence import loud, quiet
from tests.inspectors.dfc_log.reported import findings, summary

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


@quiet("dfc-analysis-missing")
def test_an_analysis_that_was_done() -> None:
    assert findings(run("[info] Model Optimization Algorithm Layer Noise Analysis is done")) == []


@loud("dfc-analysis-missing")
def test_an_analysis_that_ran_out_of_memory() -> None:
    (found,) = findings(run(NO_ANALYSIS))
    assert summary([found]) == [("dfc-analysis-missing", "info", ())]
    assert "-d" in found.remedy
    assert findings(run(NO_ANALYSIS), calibration=samples(64))[0].remedy == ""
