"""What is said of a process that ran the networks and ended."""

from __future__ import annotations

import signal

import pytest

from utils.backends.process.ending import ending_in_words
from utils.backends.process.engine import Ending

LESS = "; --batch-size 1 needs the least"
ENDINGS = {
    "memory": (Ending(1, "std::bad_alloc"), f"mostly the memory did not suffice{LESS}"),
    "a thread": (
        Ending(1, "RuntimeError: can't start new thread"),
        f"the system grants no more threads (memory, or ulimit -u){LESS}",
    ),
    "killed": (Ending(-signal.SIGKILL, ""), f"mostly the memory did not suffice{LESS}"),
    "crashed": (Ending(-signal.SIGSEGV, "Segmentation fault"), "a library crashed"),
    "something else": (Ending(1, "KeyError: 'absent'"), "the debug log has its last words"),
}


@pytest.mark.parametrize(("ending", "meaning"), ENDINGS.values(), ids=ENDINGS)
def test_last_words_tell_what_was_short(ending: Ending, meaning: str) -> None:
    said = ending_in_words(ending, "measuring", has_measured=False)
    assert said.startswith("the process that runs the networks ")
    assert said.endswith(f'in "measuring": {meaning}')
