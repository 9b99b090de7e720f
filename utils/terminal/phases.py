"""The phases of a run: how long each takes, and on a terminal how far it all is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from utils.terminal.logger import LOGGER
from utils.terminal.progress import Progress


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say in the debug log how long the block took, whether it ended well or not.

    Parameters
    ----------
    what : the phase as the subject of a sentence, such as ``reading the archive``.
    """
    start = time.perf_counter()
    try:
        yield
    finally:
        LOGGER.debug("%s took %.3f s", what, time.perf_counter() - start)


@dataclass(frozen=True)
class Spent:
    """The time that a phase took.

    Parameters
    ----------
    what : the phase, such as ``measuring 64 samples``.
    seconds : from the clock on the wall.
    note : what was done in it, or left out; "" where nothing is to be said.
    """

    what: str
    seconds: float
    note: str = ""

    def described(self) -> str:
        """The phase with its time, in words."""
        digits = 0 if self.seconds >= 10 else 1
        note = f" ({self.note})" if self.note else ""
        return f"{self.what} {self.seconds:.{digits}f} s{note}"


class Phases:
    """Phases that follow one another, under one bar.

    Work is counted in multiply-accumulates, or what takes as long.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        """Start with nothing done.

        Parameters
        ----------
        progress : where the work is shown; nowhere by default.
        """
        self._progress = progress or Progress(is_shown=False)
        self._left: dict[str, float] = {}
        self._done = 0.0
        self._now = ""
        self._note = ""
        self._spent: list[Spent] = []

    @property
    def spent(self) -> tuple[Spent, ...]:
        """What the phases took that are over, in their order."""
        return tuple(self._spent)

    def expect(self, work: Mapping[str, float]) -> None:
        """Say which phases will come, each with the work that it will be at most."""
        self._left.update(work)

    def drop(self, what: str) -> None:
        """Say that an expected phase will not come, or that it is over."""
        self._left.pop(what, None)
        self._show()

    @contextmanager
    def phase(self, what: str, work: float | None = None, announced: str = "") -> Iterator[None]:
        """Run a phase.

        Parameters
        ----------
        what : the phase in plain words.
        work : how much it will be; by default what was expected.
        announced : what to show instead of a bar, where nobody knows how far the phase is.
        """
        if work is not None:
            self._left[what] = work
        self._now, self._note = "" if announced else what, ""
        if announced:
            self._progress.announce(announced)
        self._show()
        start = time.perf_counter()
        try:
            with timed(what):
                yield
        finally:
            self._spent.append(Spent(what, time.perf_counter() - start, self._note))
            self.drop(what)

    def advance(self, work: float) -> None:
        """Count work that was done in the phase that runs."""
        self._done += work
        self._left[self._now] = max(self._left.get(self._now, 0.0) - work, 0.0)
        self._show()

    def note(self, text: str) -> None:
        """Say what was done in the phase that runs, or left out of it."""
        self._note = text

    def close(self) -> None:
        """Take the bar away."""
        self._now = ""
        self._progress.close()

    def _show(self) -> None:
        if self._now:
            self._progress.show(self._now, self._done, sum(self._left.values()))
