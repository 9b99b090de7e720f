from __future__ import annotations

import textwrap

import pytest

from tests.fixtures import log_texts
from tests.fixtures.log_texts import log
from tests.house.rows import row
from utils.facts.log_lines import LogFact
from utils.side_files.log_events import LogEvent
from utils.side_files.log_messages import messages

MESSAGES = [
    log_texts.TO_ZERO,
    log_texts.TO_ONE,
    log_texts.entries(1024),
    log_texts.entries(4000, "finetune"),
    log_texts.no_shift(0.9672),
    log_texts.bits_reduced(5.0),
    log_texts.range_forced(),
    log_texts.NOT_NORMALIZED.format(-1.0, 1.0),
    log_texts.NORMALIZED_TWICE.format(0.0, 255.0),
    "[info] Loading model script commands to net from string",
    "[info] The activation function of layer net/conv42 was replaced by a Sigmoid",
]
DEATH = (
    "acceleras.acceleras_exceptions.NegativeSlopeExponentNonFixable: Quantization failed in layer "
    "net/conv1 due to unsupported required slope. Desired shift is 40.0, but op has only 8 data "
    "bits. This error raises when the data or weight range are not balanced."
)


def read(*lines: str) -> list[tuple[object, ...]]:
    """What lines state; of a death that is told several times only the first."""
    runs = log(*lines).runs
    events = [e for run in runs for e in run.events if e.fact is not LogFact.RUN_FAILED]
    deaths = [run.failure for run in runs if run.failure]
    return [told(event) for event in (*events, *deaths)]


def told(event: LogEvent) -> tuple[object, ...]:
    return event.fact, event.subject, repr(event.value), event.numbers, event.failure


def cut(text: str, width: int) -> list[str]:
    """As a terminal breaks lines at its edge."""
    return [text[start : start + width] for start in range(0, len(text), width)]


@pytest.mark.parametrize("width", range(40, 161, 3))
def test_lines_that_were_wrapped_between_words_are_joined(width: int) -> None:
    for message in (*MESSAGES, DEATH):
        with row(message):
            wrapped = textwrap.wrap(message, width, break_long_words=False, break_on_hyphens=False)
            assert read(*wrapped) == read(message) != []
            indented = [f"{' ' * 20}{line}" for line in wrapped[1:]]
            assert read(wrapped[0], *indented) == read(message)


@pytest.mark.parametrize("width", range(40, 161, 3))
def test_lines_that_a_terminal_cut_at_its_edge_are_joined(width: int) -> None:
    full = "-" * width
    for message in (*MESSAGES, DEATH):
        with row(message):
            assert read(full, *cut(message, width)) == read(message)


def test_the_reason_does_not_swallow_the_next_line() -> None:
    (run,) = log("[warning] Reducing optimization level to 0 because", "Epoch 1/4").runs
    assert [event.reason for event in run.events] == [" because"]


def test_nothing_is_joined_across_marks() -> None:
    lines = ("[info] Using dataset with", "[info] 64 entries for calibration")
    assert read(*lines) == []
    assert read("[info] Using dataset with", "64 entries for calibration") != []


def test_the_source_at_the_right_edge_of_rich_is_no_part_of_a_message() -> None:
    lines = (
        "[10:00:00] INFO     Using dataset with 64 entries for           stats_collection.py:89",
        "                    calibration",
        "           WARNING  Reducing output bits of net/conv1 by 5.0   neg_exp_fixer.py:224",
        "                    bits (More than half)",
    )
    assert [fact for fact, *_ in read(*lines)] == [
        LogFact.CALIBRATION_ENTRIES,
        LogFact.BITS_REDUCED,
    ]


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("", []),
        ("plain", ["plain"]),
        ("[info] a [warning] b", ["a", "b"]),
        ("x[info]y", ["x", "y"]),
        ("dfc-1  | 2026-01-02T10:11:12.123Z [info] a", ["2026-01-02T10:11:12.123Z", "a"]),
        ("2026-01-01 10:00:00,000 - INFO - a.py:1 - b", ["b"]),
        ("[2023-07-17 10:01:27,146][hailo_sdk.client][INFO] - b", ["b"]),
        ("2023-07-17 10:03:11.617384: I tensorflow/a.cc:975] b", ["b"]),
        ("<Hailo Model Zoo INFO> b", ["b"]),
        ("\x1b[32m[info]\x1b[0m b", ["b"]),
        ("&lt;pre&gt;it&#39;s&nbsp;b&#10;", ["<pre>it's b"]),
        ('      "[info] b\\n",', ['"', "b"]),
        ("\\u001b[0;31mKeyError\\u001b[0m: 'x'", ["KeyError: 'x'"]),
        ("# > a", ["a"]),
        ("│ a    │", ["a"]),
    ],
)
def test_what_frames_a_message_is_taken_off(line: str, texts: list[str]) -> None:
    found = list(messages([line], len(line)))
    assert [message.text for message in found] == texts
    for message in found:
        start = message.column(0) - 1
        assert line[start : start + 1] in (message.text[:1], "\\", "&", "\x1b")


def test_a_message_is_found_where_it_stands_in_the_file() -> None:
    line = "\x1b[33m[warning]\x1b[0m it&#39;s: Using dataset with 64 entries for calibration"
    ((event,),) = (run.events for run in log("x", line).runs)
    assert event.location.line == 2
    assert line[event.location.column - 1 :].startswith("Using dataset")
