"""How long the other process has given no sign of life, and what to say and to do about it.

A thread of that process gives signs whatever its networks do, as long as Python runs in it. It
stops where the process is stopped, or where a library never returns.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

SIGNS_EVERY_S = 2.0
# Loading a library from a slow disk, or compiling for a GPU, is silent for seconds.
TOLD_AFTER_S = 60.0
# Nothing that ends by itself was seen to be silent for so long.
ENDED_AFTER_S = 300.0


class Standstill(Enum):
    """What the system says that a silent process does."""

    STOPPED = "it is stopped (SIGSTOP, or a debugger)"
    WAITING = "it waits for a disk or a device"
    STUCK = "mostly a library waits for memory"


def standstill(pid: int) -> Standstill:
    """What a process does now; where the system does not say, it counts as stuck."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return Standstill.STUCK
    return {"T": Standstill.STOPPED, "t": Standstill.STOPPED, "D": Standstill.WAITING}.get(
        state, Standstill.STUCK
    )


class Silence:
    """Seconds without a sign of life, as far as this process was awake to hear one.

    They are counted in the waits for a sign, not by a clock: after a break of both processes, as
    when a laptop sleeps, nothing was missed.
    """

    def __init__(self, pid: int) -> None:
        """Nothing is missed yet."""
        self._pid = pid
        self._seconds = 0.0
        self._is_told = False

    @property
    def is_hopeless(self) -> bool:
        """Whether to wait no longer."""
        return self._seconds >= ENDED_AFTER_S

    def broken(self) -> None:
        """A sign has come."""
        self._seconds, self._is_told = 0.0, False

    def went_on(self, seconds: float) -> str:
        """No sign has come for so many seconds more; what to say now, once, else ""."""
        self._seconds += seconds
        if self._seconds > TOLD_AFTER_S and standstill(self._pid) is Standstill.STOPPED:
            # Who stopped it can have it go on, and then it has its time again.
            self._seconds = TOLD_AFTER_S
        if self._is_told or self._seconds < TOLD_AFTER_S:
            return ""
        self._is_told = True
        what = standstill(self._pid)
        said = (
            "The process that runs the networks has given no sign of life for "
            f"{TOLD_AFTER_S:.0f} s: {what.value}; "
        )
        if what is Standstill.STOPPED:
            return f"{said}`kill -CONT {self._pid}` has it go on, and Ctrl-C ends the run"
        return (
            f"{said}after {ENDED_AFTER_S:.0f} s it is ended, and what was found without it is "
            "reported"
        )
