from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from utils.errors import UsageError
from utils.logger import LOGGER, debug_log_path, logging_to


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


def test_lines_start_with_their_level(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to(log, True, sys.stdout):
        LOGGER.info("%d%%", 5)
        LOGGER.warning("hm")
        LOGGER.error("oh")
        LOGGER.debug("details")
    assert capsys.readouterr().out == "[info] 5%\n[warning] hm\n[error] oh\n"
    assert "details" not in Path(log).read_text("utf-8")
    assert "details" in Path(debug_log_path(log)).read_text("utf-8")


def test_no_name_can_forge_a_line(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to(log, True, sys.stdout):
        LOGGER.info("%s", "net/a\n[error] forged\x1b[31m")
        LOGGER.debug("a traceback\nof two lines")
    assert capsys.readouterr().out == "[info] net/a\\n[error] forged\\x1b[31m\n"
    assert "a traceback\nof two lines" in Path(debug_log_path(log)).read_text("utf-8")


def test_levels_are_coloured_on_a_terminal_only(log: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    with logging_to(log, False, sys.stdout):
        LOGGER.error("oh")
    assert terminal.getvalue() == "\x1b[31m[error]\x1b[0m oh\n"
    monkeypatch.setenv("NO_COLOR", "1")
    with logging_to(log, False, sys.stdout):
        LOGGER.error("oh")
    assert terminal.getvalue().endswith("\n[error] oh\n")


def test_a_log_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="--log-path"),
        logging_to(str(tmp_path / "no" / "x.log"), False, None),
    ):
        pass


def test_handlers_are_closed_when_the_block_ends(log: str) -> None:
    before = list(LOGGER.handlers)
    with logging_to(log, True, sys.stdout):
        assert len(LOGGER.handlers) == len(before) + 3
    assert LOGGER.handlers == before
