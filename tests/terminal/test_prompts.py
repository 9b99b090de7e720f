from __future__ import annotations

import io
import signal
import sys

import pytest

from utils.terminal.interruptions import LateInterruption, first_interruption_held_back
from utils.terminal.prompts import Prompter, is_interactive

COLOURS = ("red", "green", "grey", "greyish")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Faulty(Terminal):
    """Raises on the first line, whatever was typed; the second is what was typed."""

    def __init__(self, error: BaseException, typed: str = "") -> None:
        super().__init__(typed)
        self.faults = [error]

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        if self.faults:
            raise self.faults.pop()
        return super().readline(-1 if size is None else size)


def prompter(monkeypatch: pytest.MonkeyPatch, typed: str) -> Prompter:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    return Prompter(interactive=True)


@pytest.mark.parametrize("default", [True, False])
def test_defaults_without_reading(monkeypatch: pytest.MonkeyPatch, default: bool) -> None:
    monkeypatch.setattr(sys, "stdin", Faulty(AssertionError("stdin was read")))
    silent = Prompter(interactive=False)
    assert silent.confirm("Overwrite?", default) is default
    assert silent.choose("Colour?", COLOURS, "grey") == "grey"


@pytest.mark.parametrize(
    ("typed", "default", "answer"),
    [
        ("y\n", False, True),
        ("YES\n", False, True),
        (" yes \n", False, True),
        ("n\n", True, False),
        ("No\n", True, False),
        ("\n", True, True),
        ("\n", False, False),
        ("", True, True),
        ("", False, False),
        ("maybe\ny\n", False, True),
        ("maybe\n", False, False),
        ("a\nb\nc\ny\n", False, True),
        ("a\nb\nc\nd\ny\n", False, False),
    ],
)
def test_confirm(monkeypatch: pytest.MonkeyPatch, typed: str, default: bool, answer: bool) -> None:
    assert prompter(monkeypatch, typed).confirm("Overwrite?", default) is answer


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("red\n", "red"),
        ("r\n", "red"),
        ("GREEN\n", "green"),
        ("grey\n", "grey"),
        ("greyi\n", "greyish"),
        ("gre\nr\n", "red"),
        ("\n", "green"),
        ("", "green"),
    ],
)
def test_choose(monkeypatch: pytest.MonkeyPatch, typed: str, answer: str) -> None:
    assert prompter(monkeypatch, typed).choose("Colour?", COLOURS, "green") == answer


def test_question_names_the_choices(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prompter(monkeypatch, "\n").confirm("Overwrite x.alls?", False)
    assert capsys.readouterr().out == "Overwrite x.alls? [yes/no, default no] "


def test_interruption_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Faulty(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        Prompter(interactive=True).confirm("Overwrite?", True)


def test_bytes_that_are_no_text_are_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    undecodable = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
    monkeypatch.setattr(sys, "stdin", Faulty(undecodable, "no\n"))
    assert Prompter(interactive=True).confirm("Overwrite?", True) is False


@pytest.mark.parametrize(
    ("stdin", "stdout", "forbidden", "interactive"),
    [
        (Terminal(), Terminal(), False, True),
        (Terminal(), Terminal(), True, False),
        (io.StringIO(), Terminal(), False, False),
        (Terminal(), io.StringIO(), False, False),
        (None, Terminal(), False, False),
        (Terminal(), None, False, False),
    ],
)
def test_is_interactive(
    monkeypatch: pytest.MonkeyPatch,
    stdin: io.StringIO | None,
    stdout: io.StringIO | None,
    forbidden: bool,
    interactive: bool,
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(sys, "stdout", stdout)
    assert is_interactive(forbidden) is interactive


def test_who_interrupted_the_run_is_asked_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Faulty(AssertionError("read")))
    with pytest.raises(LateInterruption), first_interruption_held_back():
        signal.raise_signal(signal.SIGINT)
        assert Prompter(True).confirm("Overwrite?", False) is False
