from __future__ import annotations

import io
import re
from contextlib import redirect_stderr

from utils.terminal.progress import progress_bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown_by(unit: str, total: int, steps: int, is_shown: bool = True, done: int = 0) -> str:
    """What a bar writes on a terminal; it started 16 seconds ago."""
    terminal = Terminal()
    with redirect_stderr(terminal), progress_bar("Work", unit, total, is_shown, done) as bar:
        if is_shown:
            bar.start_t -= 16
        bar.update(steps)
        bar.refresh()
    return terminal.getvalue()


def test_a_bar_with_an_end_tells_rate_and_time_left() -> None:
    shown = shown_by("samples", 64, 32)
    last = shown.split("\r")[-3]
    assert re.fullmatch(
        r"Work       50% \|.*\| 32 of 64 samples, +(2\.00|1\.99) samples/s, 00:1[56] left", last
    )
    assert shown.endswith("\r")  # it vanishes


def test_what_was_done_before_counts() -> None:
    assert "| 96 of 1024 samples, " in shown_by("samples", 1024, 32, done=64)


def test_where_nobody_looks_nothing_is_shown() -> None:
    assert shown_by("samples", 64, 1, is_shown=False) == ""
