"""Nothing that a test has started outlives it."""

from __future__ import annotations

import subprocess
import time

import pytest

from tests.command.started import marked, new_mark, run_whole

# A process of a session of its own, as the engine is, that holds nobody's pipes.
IN_BACKGROUND = "setsid sleep 60 </dev/null >/dev/null 2>&1 & "


def test_what_ends_in_time_is_told_with_its_status() -> None:
    done = run_whole(["bash", "-c", "echo $WORD; echo no >&2; exit 3"], 60.0, WORD="yes")
    assert (done.returncode, done.stdout, done.stderr) == (3, "yes\n", "no\n")


def test_all_that_was_started_is_ended_with_what_takes_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mark = new_mark()
    monkeypatch.setattr("tests.command.started.new_mark", lambda: mark)
    started = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        run_whole(["bash", "-c", f"{IN_BACKGROUND} sleep 60"], 1.0)
    assert time.monotonic() - started < 30
    assert marked(mark) == []
