from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from utils.terminal.logger import debug_log_path, logging_to
from utils.terminal.phases import timed


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
