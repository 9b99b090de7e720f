from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import pytest

from utils.terminal.logger import debug_log_path, logging_to
from utils.terminal.phases import Phases, Spent, timed
from utils.terminal.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@contextmanager
def watched() -> Iterator[tuple[Phases, Terminal]]:
    """Phases, and the terminal that they are shown on."""
    terminal = Terminal()
    with redirect_stderr(terminal):
        phases = Phases(Progress(is_shown=True))
        try:
            yield phases, terminal
        finally:
            phases.close()


def last_line(terminal: Terminal) -> str:
    return [line for line in terminal.getvalue().split("\r") if line.strip()][-1]


@pytest.mark.parametrize("error", [None, KeyError("a"), KeyboardInterrupt()])
def test_the_time_of_a_phase_is_told_in_the_debug_log_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], error: BaseException | None
) -> None:
    log = str(tmp_path / "run.log")
    with logging_to(log, True, sys.stdout):
        try:
            with timed("reading the archive"):
                if error is not None:
                    raise error
        except (KeyError, KeyboardInterrupt) as caught:
            assert caught is error
    assert capsys.readouterr().out == ""
    assert Path(log).read_text("utf-8") == ""
    written = Path(debug_log_path(log)).read_text("utf-8")
    assert re.search(r"\[DEBUG\] reading the archive took 0\.\d{3} s\n", written)


def test_one_bar_goes_on_over_all_phases() -> None:
    with watched() as (phases, terminal):
        phases.expect({"measuring": 60.0, "searching": 40.0})
        with phases.phase("measuring"):
            phases.advance(30.0)
            assert re.match(r"Measuring  30% \|.*\| \d\d:\d\d left", last_line(terminal))
            phases.advance(30.0)
        with phases.phase("searching"):
            assert last_line(terminal).startswith("Searching  60% |")
            phases.advance(20.0)
            assert last_line(terminal).startswith("Searching  80% |")
    assert terminal.getvalue().endswith("\r")  # it vanishes


def test_the_time_left_is_that_of_the_work_left() -> None:
    terminal = Terminal()
    with redirect_stderr(terminal):
        progress = Progress(is_shown=True)
        progress.show("measuring", 0.0, 100.0)
        assert progress._bar is not None
        progress._bar.start_t -= 10
        progress.show("searching", 25.0, 75.0)
        progress.close()
    assert re.search(r" 25% .* 00:(30|31) left", terminal.getvalue())


def test_a_phase_that_does_not_come_makes_the_rest_shorter() -> None:
    with watched() as (phases, terminal):
        phases.expect({"measuring": 50.0, "searching": 50.0})
        with phases.phase("measuring"):
            phases.advance(40.0)
            phases.drop("searching")
            assert last_line(terminal).startswith("Measuring  80% |")


def test_more_work_than_expected_is_no_more_than_all() -> None:
    with watched() as (phases, terminal), phases.phase("measuring", 10.0):
        phases.advance(25.0)
        assert last_line(terminal).startswith("Measuring 100% |")


def test_what_has_no_end_is_announced_without_a_bar() -> None:
    with watched() as (phases, terminal):
        with phases.phase("importing", announced="Loading, a few seconds"):
            assert last_line(terminal) == "Loading, a few seconds"
        with phases.phase("measuring", 10.0):
            assert last_line(terminal).startswith("Measuring   0% |")


def test_where_nobody_looks_nothing_is_shown() -> None:
    terminal, phases = Terminal(), Phases()
    with redirect_stderr(terminal):
        with phases.phase("importing", announced="Loading"):
            pass
        with phases.phase("measuring", 10.0):
            phases.advance(5.0)
        phases.close()
    assert terminal.getvalue() == ""


def test_what_phases_took_and_did_is_kept_also_of_one_that_was_interrupted() -> None:
    phases = Phases()
    with phases.phase("measuring"):
        pass
    with pytest.raises(KeyboardInterrupt), phases.phase("searching"):
        phases.note("3 of 5 layers")
        raise KeyboardInterrupt
    assert [(each.what, each.note) for each in phases.spent] == [
        ("measuring", ""),
        ("searching", "3 of 5 layers"),
    ]


@pytest.mark.parametrize(
    ("spent", "said"),
    [
        (Spent("measuring 64 images", 21.7), "measuring 64 images 22 s"),
        (Spent("planning", 4.04, "11 sets tried"), "planning 4.0 s (11 sets tried)"),
    ],
)
def test_a_phase_in_words(spent: Spent, said: str) -> None:
    assert spent.described() == said
