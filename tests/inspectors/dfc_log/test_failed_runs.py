from __future__ import annotations

from dataclasses import replace

import pytest

from inspectors.dfc_log import DfcLogInspector
from inspectors.dfc_log.own_runs import own_runs
from tests.fixtures.builders import build_context, build_model
from tests.fixtures.log_texts import START, entries, log, no_shift, run
from tests.house.evidence import loud, quiet
from tests.inspectors.dfc_log.deaths import DEATHS
from tests.inspectors.dfc_log.reported import findings
from tests.inspectors.wording_rules import assert_well_worded
from utils.causes.folding import diagnosis_of
from utils.causes.pairs import EXPLANATIONS
from utils.facts.run_failures import (
    AT_LEVEL_1,
    FINETUNE_IN_BATCHES,
    INTERRUPTED,
    RUN_FAILURES,
)
from utils.findings import Finding, Severity
from utils.model_script import parse_model_script
from utils.side_files.log_events import LogEvent

TUNING = "[info] Starting Quantization-Aware Fine-Tuning"
COMPILATION_DEATH = "[error] BackendAllocatorException: Agent infeasible"


def died(*lines: str) -> list[Finding]:
    found = findings(log(START, entries(16), *"\n".join(lines).splitlines()))
    for finding in found:
        assert_well_worded(finding)
    return found


@quiet("dfc-run-failed")
@pytest.mark.parametrize(
    "line",
    [
        "[warning] GPU memory has been exhausted. Layer Noise Analysis will not generate",
        "[warning] caught KeyError: 'x', going on",
        "[info] Desired shift is 8.0, but op has only 8 data bits",
        "UserWarning: this is deprecated",
        "x.py:12: numpy.VisibleDeprecationWarning: this is deprecated",
        "2023-07-17 10:03:11.617384: E tensorflow/cuda/cuda_dnn.cc:9342] Error: no factory",
        "    except KeyError:",
        "the error: none",
        "Killed 0 processes",
        "Aborted 3 of 4 trials",
        "[warning] Could not load dynamic library 'libcudnn.so.8'; dlerror: libcudnn.so.8",
        "W tensorflow/x.cc:64] failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device",
        "KeyError handled: 'net/input_layer1'",
        "[HailoRT] [error] CHECK failed - HEF version does not match",
        "[warning] No space left on device cuda:0, going on",
        "[info] Trying parallel splits, exit code 137 of 140",
        "train.py: error: unrecognized arguments: --x",
        "2025-11-20 10:00:00.1: I tensorflow/cpu_feature_guard.cc:210] This TensorFlow binary is "
        "optimized to use AVX instructions, which aren't available on your machine of old.",
    ],
)
def test_what_is_no_death(line: str) -> None:
    assert "dfc-run-failed" not in [finding.id for finding in died(line)]


@quiet("dfc-run-failed")
def test_a_run_that_was_done_all_the_same() -> None:
    for death, *_ in DEATHS:
        assert findings(run(death)) == []
        assert findings(log(START, death, *run().lines)) == []
    assert findings(log(*run().lines, "[error] Mapping Failed", "[info] trying again")) == []
    compiled = "[info] Successful Compilation (compilation time: 3s)"
    assert findings(log(*run().lines, COMPILATION_DEATH, compiled)) == []


@loud("dfc-run-failed")
@pytest.mark.parametrize(("line", "headline", "remedy"), DEATHS)
def test_a_run_that_died_says_of_what_and_what_helps(line: str, headline: str, remedy: str) -> None:
    (found,) = died(line)
    assert (found.id, found.severity.label) == ("dfc-run-failed", "error")
    assert headline in found.headline
    assert remedy in found.remedy
    assert found.quotation in line
    assert "output_encoding_vector" not in str(found)


def test_every_failure_of_the_table_is_tried() -> None:
    deaths = [death_of(line) for line, *_ in DEATHS]
    tried = {death.failure.name for death in deaths if death.failure}
    assert tried | {INTERRUPTED} == {failure.name for failure in RUN_FAILURES}


def death_of(line: str) -> LogEvent:
    (failed,) = own_runs(build_context(dfc_logs=(log(START, line),))).failed
    return failed.death


@pytest.mark.parametrize("line", ["ValueError: layer net/conv1 does not support shift delta"])
def test_the_layer_is_named_that_a_run_died_of(line: str) -> None:
    (found,) = died(line)
    assert (found.layers, found.evidence) == (("net/conv1",), "at net/conv1")


@pytest.mark.parametrize(
    ("script", "command"),
    [
        (None, FINETUNE_IN_BATCHES.format(4)),
        (
            "post_quantization_optimization(finetune, policy=enabled)\n",
            FINETUNE_IN_BATCHES.format(4),
        ),
        (f"{FINETUNE_IN_BATCHES.format(8)}\n", FINETUNE_IN_BATCHES.format(4)),
        (f"{FINETUNE_IN_BATCHES.format(4)}\n", FINETUNE_IN_BATCHES.format(2)),
        (f"{FINETUNE_IN_BATCHES.format(2)}\n", AT_LEVEL_1),
    ],
)
def test_batches_get_smaller_than_those_of_the_script(script: str | None, command: str) -> None:
    parsed = None if script is None else parse_model_script(script)
    lines = (START, TUNING, DEATHS[0][0])
    context = build_context(dfc_logs=(log(*lines),))
    (found,) = DfcLogInspector().inspect(replace(context, script=parsed))
    assert found.commands == (command,)
    assert found.recommendation is not None
    assert not found.recommendation.default
    assert parse_model_script(found.commands[0]).statements
    assert found.evidence == "during Quantization-Aware Fine-Tuning"
    assert_well_worded(found)


@loud("dfc-run-failed")
@pytest.mark.parametrize(
    ("step", "last", "command"),
    [
        ("Layer Noise Analysis", "TypeError: x", "checker_cfg, policy=disabled"),
        ("Layer Noise Analysis", "Killed", "checker_cfg, policy=disabled"),
        ("Bias Correction", "ValueError: zero-size array", "bias_correction, policy=disabled"),
        ("Adaround", "KeyError: 3", "adaround, policy=disabled"),
        ("Fine Tune", "KeyError: 3", "finetune, policy=disabled"),
    ],
)
def test_a_step_that_fails_for_no_known_reason_can_be_left_out(
    step: str, last: str, command: str
) -> None:
    (found,) = died(f"[info] Starting {step}", last)
    assert f"leaves out {step}" in found.remedy
    assert command in found.commands[0]
    assert parse_model_script(found.commands[0]).statements


@loud("dfc-run-failed")
@pytest.mark.parametrize(
    ("line", "lines", "remedy"),
    [
        (
            "performance_param(fps=30, compiler_optimization_level=max)",
            (COMPILATION_DEATH,),
            "to the host",
        ),
        (
            "model_optimization_config(globals, multiproc_policy=disabled)",
            ("TypeError: Could not locate class 'AddOp'",),
            "word for word",
        ),
        (
            "model_optimization_config(checker_cfg, policy=disabled)",
            ("[info] Starting Layer Noise Analysis", "KeyError: 3"),
            "word for word",
        ),
    ],
)
def test_no_line_is_proposed_that_the_script_has(
    line: str, lines: tuple[str, ...], remedy: str
) -> None:
    context = build_context(dfc_logs=(log(START, *lines),))
    (without,) = DfcLogInspector().inspect(context)
    assert without.commands
    script = parse_model_script(f"{line}\n")
    (found,) = DfcLogInspector().inspect(replace(context, script=script))
    assert found.commands == ()
    assert remedy in found.remedy
    assert_well_worded(found)


@loud("dfc-run-failed")
def test_memory_that_compiling_filled_has_nothing_to_do_with_samples() -> None:
    (behind,) = findings(log(*run().lines, "container exited with code 137"))
    command = "[info] Running `hailo compiler net.har`"
    (later,) = findings(log(*run().lines, command, "[info] Compiling network", "Killed"))
    for found in (behind, later):
        assert found.remedy == "Compile the archive again on a computer with more memory."
        assert_well_worded(found)


def test_a_step_that_has_to_run_is_left_out_by_nothing() -> None:
    (found,) = died("[info] Starting Mixed Precision", "KeyError: 3")
    assert found.commands == ()
    (killed,) = died("[info] Starting Bias Correction", "Killed")
    assert "fewer samples" in killed.remedy


@loud("dfc-run-failed")
def test_what_the_user_interrupted() -> None:
    keyboard = "2026-01-01 11:00:30,000 - ERROR - hailo_tools_runner.py:231 - KeyboardInterrupt:"
    (alone,) = died(keyboard)
    assert alone.severity.label == "warning"
    (behind,) = findings(log(*run().lines, START, keyboard))
    assert behind.severity.label == "info"
    assert behind.evidence == "an earlier run was done"


def test_a_death_behind_the_end_is_of_something_else() -> None:
    (unknown,) = findings(log(*run().lines, "ValueError: x"))
    assert unknown.severity.label == "warning"
    assert "What followed the optimization" in unknown.headline
    (missing,) = findings(log(*run().lines, "FileNotFoundError: 'labels.txt'"))
    assert missing.severity.label == "warning"
    assert "What followed the optimization" in missing.headline
    (known,) = findings(log(*run().lines, "[error] BackendAllocatorException: Agent infeasible"))
    assert known.severity.label == "error"
    assert known.evidence == "when the optimization was done"
    assert "made no archive" not in known.why


def test_a_death_before_a_run_that_was_done_is_history() -> None:
    assert findings(log(START, "KeyError: 'x'", *run().lines)) == []
    assert findings(log(START, "KeyError: 'x'", START, "[info] Starting Stats Collector")) == []
    (found,) = findings(log(START, "KeyError: 'x'", START))
    assert found.id == "dfc-run-failed"


def test_the_death_of_another_network_is_no_concern() -> None:
    named = "[info] Loading model script commands to other from string"
    assert findings(log(named, START, "KeyError: 'x'")) == []
    assert findings(log(*run(no_shift(0.3)).lines, named, START, "KeyError: 'x'")) != []
    ids = [f.id for f in findings(log(*run(no_shift(0.3)).lines, named, START, "KeyError: 'x'"))]
    assert "dfc-run-failed" not in ids


@pytest.mark.parametrize("line", [line for line, *_ in DEATHS])
def test_its_remedy_is_the_next_step_and_it_explains_nothing(line: str) -> None:
    model = build_model()
    noise = Finding("output-snr-low", Severity.ERROR, "Noise", remedy="Do this.")
    level = Finding("dfc-level-reduced", Severity.WARNING, "Level", remedy="Do that.")
    random = Finding("calibrated-on-noise", Severity.ERROR, "Random", remedy="Do it all again.")
    (death,) = died(line)
    diagnosis = diagnosis_of([noise, level, random, death], model.network, EXPLANATIONS)
    assert diagnosis.next is not None
    assert diagnosis.next.id == "dfc-run-failed"
    assert all(not c.explains for c in diagnosis.causes if c.finding is death)
    assert death in [cause.finding for cause in diagnosis.causes]


def test_a_second_log_of_the_run_that_died_repeats_nothing_and_counts_for_nothing() -> None:
    client = log(START, entries(16), DEATHS[0][0])
    acceleras = log(no_shift(0.9), DEATHS[0][0], path="acceleras.log")
    assert [f.id for f in findings(client, acceleras)] == ["dfc-run-failed"]
    without_the_death = log(no_shift(0.9), path="acceleras.log")
    assert [f.id for f in findings(client, without_the_death)] == ["dfc-run-failed"]
    finished = log(*run(entries(64)).lines, path="other.log")
    assert "dfc-calibration-entries" in [f.id for f in findings(client, finished)]


def test_the_first_error_is_told_beside_the_last() -> None:
    (found,) = died("[error] microcode exceeded size", "[error] XError: Agent infeasible")
    assert found.evidence == 'first error: "microcode exceeded size"'
    assert found.quotation == "XError: Agent infeasible"
