"""Runs a script, and has a signal come at a chosen call: the same moment on any machine.

``python signalled.py SIGNAL MOMENT SCRIPT ARGUMENTS...``: MOMENT is the number of a call, counted
from the start, or ``before NAME`` or ``behind NAME`` for the first call of a function in C. Signal
0 sends none, and writes the number of all calls to standard error.
"""

from __future__ import annotations

import os
import runpy
import sys
from itertools import count
from types import FrameType
from typing import Any

EVENTS = {"before": "c_call", "behind": "c_return"}


def main(number: int, moment: str, script: str) -> None:
    calls = count(1)
    wanted = int(moment) if moment.isdecimal() else 0
    when, _, name = moment.partition(" ")
    event_wanted = EVENTS.get(when, "")

    def at(frame: FrameType, event: str, called: Any) -> None:
        is_named = event == event_wanted and called.__name__ == name
        if next(calls) == wanted or is_named:
            sys.setprofile(None)
            os.kill(os.getpid(), number)

    sys.argv = sys.argv[3:]
    sys.path[0] = os.path.dirname(script)
    sys.setprofile(at)
    try:
        runpy.run_path(script, run_name="__main__")
    finally:
        sys.setprofile(None)
        if not number:
            sys.stderr.write(f"{next(calls)} calls\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
