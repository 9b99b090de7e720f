from __future__ import annotations

from dataclasses import replace

import pytest

from inspectors.dfc_log import DfcLogInspector
from inspectors.dfc_log.own_runs import own_runs
from tests.fixtures.builders import build_context, build_model
from tests.fixtures.log_texts import START, entries, log, no_shift, run
from tests.house.evidence import loud, quiet
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

EXHAUSTED = "acceleras.exceptions.AccelerasResourceError: GPU memory has been exhausted"
TUNING = "[info] Starting Quantization-Aware Fine-Tuning"
# What is logged last, a part of the headline, a part of the remedy.
DEATHS = [
    (f"{EXHAUSTED}. Please try to use Fine Tune with lower batch size", "memory", "batch_size=2"),
    (f"{EXHAUSTED}. Please try to use Adaround with lower batch size", "memory", "Lower the batch"),
    ("x.y.BackendValueError: Unsupported NaN values were found in params", "not finite", "NaN"),
    (
        "x.BadInputsShape: Data shape (3, 64, 64) for layer net/input_layer1 doesn't match "
        "network's input shape (64, 64, 3)",
        "the shape of the input",
        "transpose",
    ),
    (
        "x.BadInputsShape: Data shape (5, 1) for layer net/input_layer1 doesn't match network's "
        "input shape (64, 64, 3)",
        "the shape of the input",
        "Give the samples",
    ),
    ("x.y.BadInputsShape: other words", "the shape of the input", "Give the samples"),
    (
        "UnsupportedMetaArchError: The specified meta architecture yolov8 cannot be run on chip",
        "on the chip",
        "engine=cpu",
    ),
    (
        "UnsupportedMetaArchError: The specified meta architecture yolov6 cannot be run on cpu",
        "on the host",
        "engine=nn_core",
    ),
    ("x.y.NmsError: The layer net/conv1 doesn't have one output layer", "NMS", "--nms-config"),
    ("ValueError: The layer named  doesn't exist in the HN", "NMS", "--nms-config"),
    ("KeyError: 'bbox_decoders'", "lacks a key", "the missing key"),
    (
        "x.y.AccelerasValueError: Inference input shapes [[-1, 8, 8]] for layer net/conv1 does "
        "not match HN shapes [[-1, 1, 8, 8]]",
        "another shape",
        "the axes of the input layer",
    ),
    ("KeyError: 'net/input_layer1'", "no array for an input", "Name the arrays"),
    (
        "x.y.ScriptParserException: Post-process config file isn't found in /x/../nms.json",
        "not where the model script says",
        "a file that exists",
    ),
    (
        "x.y.ScriptParserException: Error in the last layers of the model, expected conv but "
        "found concat layer.",
        "goes on behind the layers",
        "--end-node-names",
    ),
    ("ValueError: 'yolov8' is not a valid NMSMetaArchitectures", "meta_arch", "newer compiler"),
    ("x.y.ScriptError: No argument named foo", "model script", "--lint-script"),
    ("x.y.ScriptError: Unsupported value [<PrecisionMode.a16_w16>]", "precision", "Take this"),
    ("x.y.ArgumentsException: hw_arch hailo99 is not supported", "chip", "hw_arch"),
    (
        "x.y.AccelerasUnsupportedError: net/conv1/matmul_op: Matmul without transpose input and "
        "with negative range is not supported",
        "matrix product",
        "0 to 255",
    ),
    ("ValueError: layer net/conv1 does not support shift delta. To", "ranges", "real data"),
    (
        "Quantization failed in layer net/conv1 due to unsupported required slope. Desired shift "
        "is 40.0, but op has only 8 data bits.",
        "scale",
        "real data",
    ),
    ("Desired shift is 8.0, but op has only 8 data bits", "scale", "real data"),
    ("[error] BackendAllocatorException: Agent infeasible", "place the network", "longer"),
    (
        "[error] BackendAllocatorException: Compilation failed with unexpected crash",
        "crashed while it placed",
        "cut in two",
    ),
    (
        "[error] Failed to compile the model: Model requires quantized weights in order to run on "
        "HW, but none were given. Did you forget to quantize?",
        "not quantized",
        "that hailo optimize saved",
    ),
    ("x.y.LicenseError: the license has expired", "licence", "licence"),
    ("OSError: [Errno 28] No space left on device", "a disk was full", "TMPDIR"),
    (
        "tensorflow.python.framework.errors_impl.FailedPreconditionError: DNN library "
        "initialization failed. Look at the errors above for more details.",
        "GPU or its libraries",
        "CUDA_VISIBLE_DEVICES=-1",
    ),
    (
        "AttributeError: module 'numpy' has no attribute 'bool'.",
        "Python packages",
        "virtual environment",
    ),
    ("ModuleNotFoundError: No module named 'hailo_sdk_client'", "lacks a package", "Activate"),
    (
        "ImportError: /lib/libc.so.6: version `GLIBC_2.34' not found (required by /x/libhailo.so)",
        "operating system is older",
        "a system that its release asks for",
    ),
    ("FileNotFoundError: Couldn't find dataset in /x", "did not find a file", "that is there"),
    (
        "x.y.ParsingWithRecommendationException: Parsing failed.",
        "operations that the chip does not have",
        "--end-node-names",
    ),
    ("Illegal instruction (core dumped)", "processor lacks", "AVX"),
    ("Segmentation fault (core dumped)", "The process of the compiler crashed", "without the GPU"),
    ("./run.sh: line 3: 4711 Aborted  hailo optimize", "The process", "without the GPU"),
    ("./run.sh: line 3: 4711 Killed  hailo optimize", "memory of the computer", "fewer samples"),
    ("Killed", "memory of the computer", "fewer samples"),
    ("Killed\n$ ", "memory of the computer", "fewer samples"),
    ("MemoryError: Unable to allocate 70 GiB", "memory of the computer", "fewer samples"),
    ("x.y.ThoroughlyNewError: who knows", "ended in an error", "word for word"),
    ("[error] something went wrong", "ended in an error", "word for word"),
]

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
        "[warning] No space left on device cuda:0, going on",
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
