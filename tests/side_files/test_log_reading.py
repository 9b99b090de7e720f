"""A message that a log repeats is read once, and found wherever it stands."""

from __future__ import annotations

import pytest

from utils.side_files.dfc_log import DfcLog
from utils.side_files.log_messages import Message
from utils.side_files.log_reading import LogReader, MessageRead

CRASH = """\
[info] Starting Model Optimization
Traceback (most recent call last):
  File "/usr/local/bin/hailo", line 8, in <module>
hailo_sdk_common.hailo_nn.exceptions.UnsupportedModelError: 16x4 is not supported in conv5
"""


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts of the messages that were read, and not only found again."""
    found: list[str] = []
    really = LogReader._read

    def counted(self: LogReader, part: Message, tail: tuple[Message, ...]) -> MessageRead:
        found.append(part.text)
        return really(self, part, tail)

    monkeypatch.setattr(LogReader, "_read", counted)
    return found


def events(text: str) -> list[tuple[str, str, int, int]]:
    log = DfcLog("x.log", tuple(text.split("\n")))
    found = [event for run in log.runs for event in run.events]
    return [(e.fact.name, e.text, e.location.line, e.location.column) for e in found]


def test_other_messages_are_read_by_themselves(read: list[str]) -> None:
    one = events(CRASH)
    other = events(CRASH.replace("conv5", "conv6"))
    both = events(CRASH + CRASH.replace("conv5", "conv6"))
    assert both == one + [(fact, text, line + 4, at) for fact, text, line, at in other]
    assert [text for text in read if "not supported" in text][-2:] == [
        f"hailo_sdk_common.hailo_nn.exceptions.UnsupportedModelError: 16x4 is not supported in {n}"
        for n in ("conv5", "conv6")
    ]


def test_what_goes_on_otherwise_is_read_by_itself() -> None:
    """The first line of two messages is the same, and what goes on with it is not."""
    begun = "[info] Using default optimization level of"
    found = events(f"{begun}\n2\n[info] x\n{begun}\n1\n[info] x\n")
    assert found == events(f"{begun}\n2\n[info] x\n") + [
        (fact, text, line + 3, at) for fact, text, line, at in events(f"{begun}\n1\n[info] x\n")
    ]


def test_a_repeated_message_is_read_once_and_found_in_every_line(read: list[str]) -> None:
    one = events(CRASH)
    del read[:]
    many = events(CRASH * 50)
    assert many == [
        (fact, text, line + 4 * n, at) for n in range(50) for fact, text, line, at in one
    ]
    assert len(read) < 20


def test_columns_are_those_of_every_line() -> None:
    marks = ("[info] ", "2024-05-01 12:00:00,123 - INFO - main.py:7 - ", "\x1b[32m[info]\x1b[0m ")
    text = "\n".join(f"{mark}Starting Model Optimization" for mark in marks)
    assert [at for *_, at in events(text)] == [len(mark) + 1 for mark in marks]
