"""Lines of the log and the state of the work, told to the other process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from utils.backends.process.told import Doing, Said
from utils.terminal.logger import LOGGER
from utils.terminal.progress import Progress

SHOWN_EVERY_S = 0.1  # nobody reads faster


class RelayedLog(logging.Handler):
    """Hands every line of the log on, for the other process to log it."""

    def __init__(self, tell: Callable[[Said], object]) -> None:
        super().__init__()
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Hand one line on."""
        self._tell(Said(record.levelno, self.format(record)))


def relay_log(tell: Callable[[Said], object]) -> None:
    """Hand on all that this process logs from now on."""
    LOGGER.setLevel(logging.DEBUG)
    LOGGER.propagate = False
    LOGGER.addHandler(RelayedLog(tell))


def log_again(said: Said) -> None:
    """Log in this process what the other one would."""
    LOGGER.log(said.level, "%s", said.text)


class RelayedProgress(Progress):
    """Hands the state of the work on, for the other process to show it."""

    def __init__(self, tell: Callable[[Doing], object]) -> None:
        super().__init__(is_shown=False)
        self._tell = tell
        self._what = ""
        self._told_at = 0.0

    def announce(self, what: str) -> None:
        """Say what is going on whose end is not known."""
        self._what = what
        self._tell(Doing(what))

    def show(self, what: str, done: float, left: float) -> None:
        """Say what is going on, how much was done, and how much is left."""
        now = time.monotonic()
        if what == self._what and now - self._told_at < SHOWN_EVERY_S:
            return
        self._what, self._told_at = what, now
        self._tell(Doing(what, done, left))

    def close(self) -> None:
        """Say that the work is over."""
        self._what = ""
        self._tell(Doing(""))


def show_again(doing: Doing, progress: Progress) -> None:
    """Show in this process what the other one does."""
    if not doing.what:
        progress.close()
    elif doing.left is None:
        progress.announce(doing.what)
    else:
        progress.show(doing.what, doing.done, doing.left)
