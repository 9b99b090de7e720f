"""Ctrl-C while the inspectors judge and the reports are written, which takes a moment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command.running import logged, run

# Raises the signal at its turn, as a person might at that moment.
INTERRUPTING = '''"""An own check."""

import signal

from inspectors.base_inspector import BaseInspector


class InterruptingInspector(BaseInspector):
    """Is the run interrupted?

    It is, here.

    - `interrupted` (info): it was. Start again.
    """

    def inspect(self, context):
        for _ in range({times}):
            signal.raise_signal(signal.SIGINT)
        return iter(())
'''


def interrupting(times: int) -> str:
    Path("own").mkdir()
    Path("own/interrupting.py").write_text(INTERRUPTING.format(times=times), encoding="utf-8")
    return "own"


@pytest.mark.parametrize("with_data", [False, True])
def test_all_is_judged_and_written(har: str, data: str, with_data: bool) -> None:
    given = ("-d", data, "--quick") if with_data else ()
    own = interrupting(1)
    assert run("--inspectors", own, *given, "--json", "r.json", "--html", "r.html", har) == 130
    report = json.loads(Path("r.json").read_text("utf-8"))
    assert (report["failures"], Path("r.html").exists()) == ([], True)
    assert "incomplete" not in logged().lower()


def test_the_second_one_ends_the_run(har: str) -> None:
    assert run("--inspectors", interrupting(2), "--json", "r.json", har) == 130
    assert "Interrupted: the diagnosis is incomplete" in logged()
    assert not Path("r.json").exists()


def test_the_samples_are_not_written_behind_an_interruption(har: str, data: str) -> None:
    own = interrupting(1)
    given = ("-d", data, "--quick", "--save-dataset", "kept.npy", "--json", "r.json")
    assert run("--inspectors", own, *given, har) == 130
    assert not Path("kept.npy").exists()
    assert "kept.npy was not written: interrupted by Ctrl-C" in logged()
