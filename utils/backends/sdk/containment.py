"""Keeping what the SDK prints, logs and drops into the working directory to itself."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from utils.terminal.ends import flush_all
from utils.terminal.logger import LOGGER
from utils.wording import printable

OUTPUT = "output.txt"
MAX_OUTPUT = 64 * 1024  # bytes of what was printed that go into the debug log, the last ones

# Switches that public callers of the SDK set to keep its logs quiet or elsewhere; what the user
# has set counts. Some log files (acceleras.log) go to the working directory all the same.
_SWITCHES = {"HAILO_CLIENT_LOGS_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
_FOLDERS = ("HAILO_SDK_LOG_DIR", "HAILORT_LOGGER_PATH")


class Containment:
    """A temporary folder in which the SDK works, cut off from the user's terminal.

    Attributes
    ----------
    folder : where it works; gone after `close`.
    """

    def __init__(self) -> None:
        """Make the folder, and set the switches that the SDK reads when it is imported."""
        self.folder = Path(tempfile.mkdtemp(prefix="hailo-sdk-"))
        wanted = _SWITCHES | dict.fromkeys(_FOLDERS, str(self.folder))
        self._switches = {name: value for name, value in wanted.items() if name not in os.environ}
        os.environ.update(self._switches)
        # Never closed: what the SDK has taken for its standard streams it may write to later.
        descriptor = _above_standard(self._output)
        self._stream = os.fdopen(descriptor, "a", 1, encoding="utf-8", errors="replace")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Run the block in the folder; what it prints goes to a file, what it asks is unheard."""
        with warnings.catch_warnings(), _same_logging(), _working_in(self.folder):
            warnings.simplefilter("ignore")
            with _printing_to(self._stream):
                yield

    @property
    def _output(self) -> Path:
        return self.folder / OUTPUT

    def printed(self) -> str:
        """The end of what was printed so far."""
        try:
            with self._output.open("rb") as file:
                file.seek(max(self._output.stat().st_size - MAX_OUTPUT, 0))
                return file.read().decode("utf-8", errors="backslashreplace")
        except OSError:  # nothing was printed
            return ""

    def close(self) -> None:
        """Hand what was printed to the debug log, and remove the folder."""
        if text := self.printed().strip():
            lines = map(printable, text.splitlines())
            LOGGER.debug("The SDK printed:\n%s", "\n".join(lines))
        for name, value in self._switches.items():
            if os.environ.get(name) == value:
                del os.environ[name]
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    before = os.open(".", os.O_PATH)  # which may be unreadable, or deleted; the SDK needs Linux
    try:
        os.chdir(folder)
        yield
    finally:
        os.fchdir(before)
        os.close(before)


@contextmanager
def _same_logging() -> Iterator[None]:
    """Undo what the SDK does to loggers that are not its own."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    disabled, is_ours_disabled = root.manager.disable, LOGGER.disabled
    try:
        yield
    finally:
        # Handlers that it gave the root logger would print other people's lines later.
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.disable(disabled)
        LOGGER.disabled = is_ours_disabled  # configuring all of logging disables others' loggers


@contextmanager
def _printing_to(stream: TextIO) -> Iterator[None]:
    """Lead the standard streams to a file: those of Python, and what libraries in C write to."""
    flush_all()
    streams = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = stream
    with _all_open((0, 1, 2)):
        kept = {number: os.dup(number) for number in (0, 1, 2)}
        nothing = os.open(os.devnull, os.O_RDONLY)
        try:
            file = stream.fileno()
            for number, target in ((0, nothing), (1, file), (2, file)):
                os.dup2(target, number)
            yield
        finally:
            flush_all()
            sys.stdout, sys.stderr = streams
            for number, copy in kept.items():
                os.dup2(copy, number)
            for descriptor in (*kept.values(), nothing):
                os.close(descriptor)


@contextmanager
def _all_open(numbers: Sequence[int]) -> Iterator[None]:
    """Fill those that the process was started without (``>&-``), or copies would take them."""
    absent = [number for number in numbers if not _is_open(number)]
    for _ in absent:
        os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    try:
        yield
    finally:
        for number in absent:
            os.close(number)


def _above_standard(path: Path) -> int:
    """Open a file for appending, but not as one of 0 to 2, which may be free (``>&-``)."""
    import fcntl  # where the SDK runs; Windows does not have it

    low = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    descriptor = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(low)
    return descriptor


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
