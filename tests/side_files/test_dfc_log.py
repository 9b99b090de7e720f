from __future__ import annotations

import cProfile
import math
import time
from pathlib import Path

import pytest

from tests.fixtures import log_texts
from tests.fixtures.log_texts import END, SKIPPED, START, log
from tests.house.rows import row
from utils.errors import UsageError
from utils.facts.log_lines import LOG_LINES, LogFact
from utils.side_files.dfc_log import DfcLog, read_dfc_log
from utils.side_files.log_events import LogEvent
from utils.side_files.log_messages import MAX_MESSAGE

CALIBRATED = (LogFact.CALIBRATION_ENTRIES, "")
# Line, fact, subject, value, numbers.
LINES = [
    (START, LogFact.RUN_STARTED, "", None, ()),
    (END, LogFact.RUN_ENDED, "", None, ()),
    (
        "[info] Loading model script commands to yolov8n_seg from /local/yolov8n_seg.alls",
        LogFact.NETWORK_NAMED,
        "yolov8n_seg",
        None,
        (),
    ),
    ("[info] Loading model script to net from string", LogFact.NETWORK_NAMED, "net", None, ()),
    (
        "[info] Translation started on ONNX model net",
        LogFact.NETWORK_NAMED,
        "net",
        None,
        (),
    ),
    (
        "[info] Translation completed on ONNX model net (completion time: 00:00:01.17)",
        LogFact.NETWORK_NAMED,
        "net",
        None,
        (),
    ),
    (
        "[info] Start nodes mapped from original model: 'images': 'net/input_layer1'.",
        LogFact.NETWORK_NAMED,
        "net",
        None,
        (),
    ),
    ("[info] Initialized runner for net", LogFact.NETWORK_NAMED, "net", None, ()),
    ("<Hailo> Start run for network net ...", LogFact.NETWORK_NAMED, "net", None, ()),
    ("[info] Running `hailo optimize net.har`", LogFact.COMMAND_RUN, "optimize", None, ()),
    (
        "[info] hailo optimize net.har --use-random-calib-set",
        LogFact.RANDOM_DATA,
        "",
        None,
        (),
    ),
    ("[info] Saved HAR to: /out/a b/net.har", LogFact.ARCHIVE_SAVED, "/out/a b/net", None, ()),
    ("[info] Successful Compilation (time: 3s)", LogFact.COMPILED, "", None, ()),
    ("[warning] Training cut by the user, proceed", LogFact.TRAINING_CUT, "", None, ()),
    ("9/9 [==] - 1s 7ms/step - total_loss: nan - a: 1", LogFact.LOSS_NOT_FINITE, "", None, ()),
    (
        "[warning] GPU memory has been exhausted. Layer Noise Analysis will not generate "
        "statistics.",
        LogFact.ANALYSIS_FAILED,
        "",
        None,
        (),
    ),
    ("[info] Using dataset with 1,024 entries for calibration", *CALIBRATED, 1024, ()),
    (log_texts.TO_ZERO, LogFact.LEVEL_REDUCED, "", 0, ()),
    (log_texts.TO_ONE, LogFact.LEVEL_REDUCED, "", 1, ()),
    ("[info] Using default optimization level of 2", LogFact.LEVEL_BY_DEFAULT, "", 2, ()),
    (log_texts.ZERO, LogFact.LEVEL_ZERO, "", None, ()),
    (
        "[warning] Reducing compression level to 0 because requested optimization level equal or "
        "less than 1",
        LogFact.COMPRESSION_REDUCED,
        "",
        0,
        (),
    ),
    (log_texts.entries(64), LogFact.CALIBRATION_ENTRIES, "", 64, ()),
    (
        "Calibration: 100%|██████████| 64/64 [00:44<00:00,  1.45entries/s]",
        LogFact.CALIBRATION_DONE,
        "",
        64,
        (),
    ),
    (log_texts.entries(4000, "finetune"), LogFact.FINETUNE_ENTRIES, "", 4000, ()),
    (
        log_texts.NOT_NORMALIZED.format(-1.0, 1.0),
        LogFact.NOT_NORMALIZED,
        "",
        None,
        (-1, 1, -1, 1, -1, 1),
    ),
    (
        "[info] The calibration set seems to not be normalized, because the values range is "
        "[(np.float32(0.0), np.float32(1.5))].",
        LogFact.NOT_NORMALIZED,
        "",
        None,
        (0, 1.5),
    ),
    (
        log_texts.NORMALIZED_TWICE.format(0.0, 1.0),
        LogFact.NORMALIZED_TWICE,
        "",
        None,
        (0, 1, 0, 1, 0, 1),
    ),
    (log_texts.snr("16.39"), LogFact.OUTPUT_SNR, "net/output_layer1", 16.39, ()),
    (log_texts.snr("0.0004649"), LogFact.OUTPUT_SNR, "net/output_layer1", 0.0004649, ()),
    (log_texts.snr("-inf"), LogFact.OUTPUT_SNR, "net/output_layer1", -math.inf, ()),
    (log_texts.no_shift(0.9672), LogFact.NO_SHIFT, "net/conv1/conv_op", 0.9672, ()),
    (
        log_texts.no_shift("0.15921388965605843", "net/deconv5"),
        LogFact.NO_SHIFT,
        "net/deconv5/conv_op",
        0.15921388965605843,
        (),
    ),
    (log_texts.bits_reduced(5.0), LogFact.BITS_REDUCED, "net/conv1", 5, ()),
    (log_texts.range_forced(), LogFact.RANGE_FORCED, "net/conv1", None, (2.8e-16, 0.88)),
    (
        "[info] Output layer net/conv1 with sigmoid activation was detected. Forcing its output "
        "range to be [0.0, 1.0] (original range was [0.1, 0.5])",
        LogFact.RANGE_FORCED,
        "net/conv1",
        None,
        (0.1, 0.5),
    ),
    (
        "[info] The activation function of layer net/conv42 was replaced by a Sigmoid",
        LogFact.SIGMOID_ADDED,
        "net/conv42",
        None,
        (),
    ),
    (
        "[warning] Layer net/conv1 has implicit precision config during compilation, filling "
        "default values",
        LogFact.PRECISION_IMPLIED,
        "net/conv1",
        None,
        (),
    ),
    (
        "[info] Assigning 4bit weights to layer net/conv41 with 590.08k parameters",
        LogFact.WEIGHTS_COMPRESSED,
        "net/conv41",
        None,
        (),
    ),
    (
        "[warning] hw_arch parameter not given, using the default hailo8.",
        LogFact.CHIP_BY_DEFAULT,
        "hailo8",
        None,
        (),
    ),
    (
        "[warning] hw_arch from HAR is hailo8 but client runner was initialized with hailo8l",
        LogFact.CHIP_CHANGED,
        "hailo8",
        None,
        (),
    ),
    ("[info] Starting Mixed Precision", LogFact.STEP_STARTED, "Mixed Precision", None, ()),
    ("[info] Starting MatmulDecomposeFix", LogFact.STEP_STARTED, "MatmulDecomposeFix", None, ()),
    ("[info] Bias Correction skipped", LogFact.STEP_SKIPPED, "Bias Correction", None, ()),
    ("[info] Layer Noise Analysis skipped", LogFact.STEP_SKIPPED, "Layer Noise Analysis", None, ()),
    (
        "[info] Model Optimization Algorithm Bias Correction is done (completion time is 00:02:04)",
        LogFact.STEP_DONE,
        "Bias Correction",
        None,
        (),
    ),
    (
        "[info] Stats Collector is done (completion time is 00:00:16.59)",
        LogFact.STEP_DONE,
        "Stats Collector",
        None,
        (),
    ),
]
PREFIXES = [
    "",
    "2024-05-28 09:56:53,318 - INFO - mo_config.py:123 - ",
    "  344  ",
    "\x1b[33m[warning]\x1b[0m ",
    "[2023-07-17 10:03:11,265][hailo_sdk.client][IMPORTANT] - ",
    "12:00:01 acceleras ",
]


def events(*lines: str) -> list[LogEvent]:
    return [event for run in log(*lines).runs for event in run.events]


@pytest.mark.parametrize(("line", "fact", "subject", "value", "numbers"), LINES)
def test_every_line_is_read_whatever_stands_in_front(
    line: str,
    fact: LogFact,
    subject: str,
    value: float | None,
    numbers: tuple[float, ...],
) -> None:
    message = line.partition("] ")[2] if line.startswith("[") else line
    for prefix in PREFIXES:
        with row(prefix):
            (event,) = events(f"{prefix}{message}")
            assert (event.fact, event.subject, event.numbers) == (fact, subject, numbers)
            assert math.isnan(event.value) if value is None else event.value == value
            column = event.location.column - 1
            assert f"{prefix}{message}"[column:].startswith(event.text[:12])


def test_every_line_of_the_table_is_tried() -> None:
    tried = {fact for _, fact, *_ in LINES}
    assert tried == {entry.fact for entry in LOG_LINES} == set(LogFact) - {LogFact.RUN_FAILED}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[info] Starting Hailo allocation and compilation flow",
        "[info] fc33_d3: Pass",
        "[info] Single context flow skipped",
        "Reducing optimization level to nothing",
        "the SNR: of it is high",
    ],
)
def test_other_lines_say_nothing(line: str) -> None:
    assert events(line) == []


def test_messages_that_share_a_line_are_read_in_their_order() -> None:
    found = events(f"x{START}{log_texts.entries(64)}[info] Adaround skipped")
    assert [event.fact for event in found] == [
        LogFact.RUN_STARTED,
        LogFact.CALIBRATION_ENTRIES,
        LogFact.STEP_SKIPPED,
    ]
    assert [event.location.column for event in found] == [9, 43, 95]


def test_text_is_quoted_without_what_could_forge_lines() -> None:
    (event,) = events("Reducing output bits of net/a\x07b by 5 bits")
    assert (event.subject, event.text) == (
        "net/a\\x07b",
        "Reducing output bits of net/a\\x07b by 5 bits",
    )
    (event,) = events("Reducing optimization level to 0 " + "because " * 100)
    assert len(event.text) == 303


def sizes(*lines: str) -> list[int]:
    return [len(run.events) for run in log(*lines).runs]


STEPS = (log_texts.entries(64), *SKIPPED)
NAMED = "Loading model script to net from string"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), []),
        (("nothing",), []),
        ((START,), [1]),
        # The chip is named in front of a run, compilation follows behind it.
        (("Loading model script to net from string", START, *STEPS, END), [9]),
        ((START, *STEPS, END, "Loading model script to net from string"), [8, 1]),
        ((START, *STEPS, END, "hw_arch parameter not given, using the default hailo8"), [9]),
        # A name opens another run where one is under way.
        ((START, *STEPS, "Loading model script to net from string", START), [7, 2]),
        ((NAMED, NAMED, START, *STEPS), [9]),
        (("Running `hailo parser`", NAMED, "Running `hailo optimize`", START), [2, 2]),
        # A run that died, and compilation that did.
        ((START, *STEPS, "KeyError: 'x'", START, *STEPS, END), [8, 8]),
        ((START, *STEPS, END, "KeyError: 'x'", "Saved HAR to: net.har"), [10]),
        ((START, *STEPS, END, *STEPS, "KeyError: 'x'"), [8, 7]),
        ((START, log_texts.TO_ZERO, log_texts.ZERO, *STEPS, END), [10]),
        ((START, *STEPS, END, START, *STEPS, END), [8, 8]),
        # A run that broke off.
        ((START, START, *STEPS), [1, 7]),
        ((START, *STEPS, START), [7, 1]),
        # No line says that a run starts, but the level is lowered once for each.
        ((log_texts.TO_ZERO, *STEPS, log_texts.TO_ZERO, log_texts.ZERO, *STEPS), [7, 8]),
        # Nothing separates the runs.
        ((*STEPS, *STEPS), [12]),
    ],
)
def test_runs_are_told_apart(lines: tuple[str, ...], expected: list[int]) -> None:
    assert sizes(*lines) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_are_read_in_the_encodings_of_shells(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "client.log"
    path.write_bytes(f"Calibration: 1%\r██ 2%\r\n{log_texts.entries(64)}\r\n".encode(encoding))
    found = read_dfc_log(str(path))
    assert len(found.lines) == 2
    ((event,),) = (run.events for run in found.runs)
    assert str(event.location) == f"{path}:2:8"


def test_bytes_that_are_no_text_are_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "client.log"
    path.write_bytes(b"\xff\xfe\x00\xd8\x00\n\x80" + bytes(range(256)))
    assert read_dfc_log(str(path)).runs == ()
    with pytest.raises(UsageError, match="cannot be read"):
        read_dfc_log(str(tmp_path))


@pytest.mark.parametrize(
    "line",
    [
        "a" * (MAX_MESSAGE - 9) + " SNR:",
        "(" * (MAX_MESSAGE - 9) + "SNR:",
        "Desired shift is " * 10_000,
        "Reducing output bits of " * 10_000,
        "\x1b[" * 50_000,
        "9" * 200_000 + " SNR: dB",
    ],
)
def test_hostile_lines_cost_little(line: str) -> None:
    # Nothing but time tells how far back a pattern went; other processes do not count.
    started = time.process_time()
    assert DfcLog("x", (line,) * 3).runs == ()
    assert time.process_time() - started < 5  # measured: 0.2


def test_twice_as_many_lines_about_levels_cost_twice_as_much() -> None:
    few, many = (calls_for(count) for count in (1_000, 2_000))
    assert many == pytest.approx(2 * few, rel=0.05)


def calls_for(count: int) -> int:
    """Calls of functions that reading so many lines takes."""
    profile = cProfile.Profile()
    profile.runcall(lambda: list(log(*[log_texts.TO_ZERO] * count).runs))
    return sum(entry.callcount for entry in profile.getstats())
