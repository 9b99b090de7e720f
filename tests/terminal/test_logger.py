from __future__ import annotations

import fcntl
import io
import os
import struct
import sys
import termios
from pathlib import Path

import pytest

from utils.findings import Severity
from utils.terminal.logger import (
    LOGGER,
    Console,
    complain,
    console_width,
    debug_log_path,
    logging_to,
    show,
    to_log,
    wants_color,
)
from utils.terminal.shown import Text
from utils.terminal.temporary_place import temporary_place


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def log(tmp_path: Path) -> str:
    return str(tmp_path / "run.log")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("diagnostic_tool.log", ".diagnostic_tool_debug.log"),
        ("logs/run.txt", "logs/.run_debug.txt"),
        ("/var/log/.hidden.log", "/var/log/.hidden_debug.log"),
        ("plain", ".plain_debug"),
    ],
)
def test_the_debug_log_is_hidden_beside_the_log(path: str, expected: str) -> None:
    assert debug_log_path(path) == expected


def test_every_sentence_starts_with_its_level(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to(log, True, sys.stdout):
        LOGGER.info("%d%%", 5)
        LOGGER.warning("hm")
        LOGGER.error("oh")
        LOGGER.debug("details")
    assert capsys.readouterr().out == "[info] 5%\n[warning] hm\n[error] oh\n"
    written = Path(log).read_text("utf-8")
    assert [line.partition(" [")[2] for line in written.splitlines()] == [
        "INFO] 5%",
        "WARNING] hm",
        "ERROR] oh",
    ]
    assert "details" in Path(debug_log_path(log)).read_text("utf-8")


def test_what_is_shown_is_not_logged_and_what_is_for_the_files_is_not_shown(
    log: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with logging_to(log, True, sys.stdout):
        to_log([(Severity.WARNING, "a whole sentence"), (Severity.INFO, "another")])
        show([Text("short [an-id]", Severity.WARNING), Text("")])
    assert capsys.readouterr().out == "[warning] short [an-id]\n\n"
    for path in (log, debug_log_path(log)):
        lines = Path(path).read_text("utf-8").splitlines()
        assert [line.partition(" [")[2] for line in lines] == [
            "WARNING] a whole sentence",
            "INFO] another",
        ]


def test_no_name_can_forge_a_line(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to(log, True, sys.stdout):
        LOGGER.info("%s", "net/a\n[error] forged\x1b[31m")
        show([Text("net/a\n[error] forged\x1b[31m")])
        LOGGER.debug("a traceback\nof two lines")
    said = "net/a\\n[error] forged\\x1b[31m\n"
    assert capsys.readouterr().out == f"[info] {said}{said}"
    assert "a traceback\nof two lines" in Path(debug_log_path(log)).read_text("utf-8")


@pytest.mark.parametrize(
    ("is_terminal", "environ", "coloured"),
    [
        (False, {}, False),
        (True, {}, True),
        (True, {"TERM": "xterm"}, True),
        (True, {"TERM": "dumb"}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": ""}, False),
        (True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals_unless_the_user_says_otherwise(
    is_terminal: bool, environ: dict[str, str], coloured: bool
) -> None:
    assert wants_color(Terminal() if is_terminal else io.StringIO(), environ) is coloured


@pytest.mark.parametrize(
    ("is_terminal", "environ", "width"),
    [
        (False, {}, None),
        (True, {}, None),  # it does not tell
        (False, {"COLUMNS": "72"}, 72),
        (True, {"COLUMNS": "72"}, 72),
        *((False, {"COLUMNS": text}, None) for text in ("", "0", "-1", "wide", "1.5")),
    ],
)
def test_lines_are_broken_where_the_terminal_or_the_user_says(
    is_terminal: bool, environ: dict[str, str], width: int | None
) -> None:
    assert console_width(Terminal() if is_terminal else io.StringIO(), environ) == width


def test_a_real_terminal_gets_its_width_and_colours_and_the_file_none(log: str) -> None:
    leader, follower = os.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
    with os.fdopen(follower, "w") as stream, logging_to(log, False, stream):
        LOGGER.error("%s", "word " * 20)
        stream.flush()
        shown = os.read(leader, 1000).decode()
    os.close(leader)
    first, *others = shown.split("\r\n")
    assert first.startswith("\x1b[31m[error]\x1b[0m word")
    assert max(map(len, others)) <= 50
    assert all(line.startswith(" " * 8 + "word") for line in others if line)
    assert "\x1b" not in Path(log).read_text("utf-8")


def test_before_there_is_a_log_complaints_look_alike(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    complain("no\nsuch file")
    assert capsys.readouterr() == ("", "[error] no\\nsuch file\n")
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    complain("word " * 10)
    first, second, end = terminal.getvalue().split("\n")
    assert first == "\x1b[31m[error]\x1b[0m " + "word " * 5 + "word"
    assert (second.rstrip(), end) == (" " * 8 + "word word word word", "")
    monkeypatch.setattr(sys, "stderr", None)
    complain("nobody listens")


def test_a_log_that_cannot_be_opened_lies_in_a_temporary_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with logging_to(str(tmp_path / "no" / "x.log"), False, sys.stdout):
        LOGGER.info("all is well")
    place = temporary_place("x.log")
    assert f"; it is written to {place}\n" in capsys.readouterr().out
    assert Path(place).read_text("utf-8").endswith("all is well\n")


@pytest.mark.parametrize(
    ("least", "levels"), [(Severity.INFO, "iwe"), (Severity.WARNING, "we"), (Severity.ERROR, "e")]
)
def test_a_quiet_console_gets_what_is_bad_enough(
    least: Severity, levels: str, log: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with logging_to(log, False, sys.stdout, Console(least)):
        LOGGER.info("i")
        LOGGER.warning("w")
        LOGGER.error("e")
        show([Text("shown")])
    assert [line[-1] for line in capsys.readouterr().out.splitlines()] == [*levels, "n"]
    assert len(Path(log).read_text("utf-8").splitlines()) == 3


def test_sentences_become_annotations(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to(log, False, sys.stdout, Console(Severity.WARNING, is_for_github=True)):
        LOGGER.info("nothing")
        LOGGER.error("wrong: 50%")
        show([Text("as it is", Severity.WARNING)])
    assert capsys.readouterr().out == "::error::wrong: 50%25\n[warning] as it is\n"


def test_handlers_are_closed_when_the_block_ends(log: str) -> None:
    before = list(LOGGER.handlers)
    with logging_to(log, True, sys.stdout):
        assert len(LOGGER.handlers) == len(before) + 3
    assert LOGGER.handlers == before
