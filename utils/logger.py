"""Where lines go: the terminal, the log file, and a hidden debug log beside it."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO

from termcolor import colored

from utils.errors import UsageError
from utils.wording import printable

# Only type checkers know the class with a parameter before Python 3.11.
if TYPE_CHECKING:
    _StreamHandler = logging.StreamHandler[TextIO]
else:
    _StreamHandler = logging.StreamHandler

LOGGER = logging.getLogger("diagnostic_tool")
_COLORS = {logging.INFO: "green", logging.WARNING: "yellow", logging.ERROR: "red"}


def _spell_out_control_characters(record: logging.LogRecord) -> bool:
    # Tracebacks go to the debug log only, and are made of lines.
    if record.levelno > logging.DEBUG:
        record.msg, record.args = printable(record.getMessage()), ()
    return True


LOGGER.addFilter(_spell_out_control_characters)


class _ConsoleFormatter(logging.Formatter):
    """``[level] text``, coloured where the stream is a terminal."""

    def __init__(self, color: bool) -> None:
        super().__init__()
        self._color = color

    def format(self, record: logging.LogRecord) -> str:
        """Text of one console line."""
        tag = f"[{record.levelname.lower()}]"
        if self._color and record.levelno in _COLORS:
            tag = colored(tag, _COLORS[record.levelno], force_color=True)
        return f"{tag} {record.getMessage()}"


def debug_log_path(log_path: str) -> str:
    """Path of the hidden debug log that belongs to a log file."""
    folder, name = os.path.split(log_path)
    stem, extension = os.path.splitext(name)
    return os.path.join(folder, f".{stem.lstrip('.')}_debug{extension}")


@contextmanager
def logging_to(log_path: str, debug: bool, stream: TextIO | None) -> Iterator[None]:
    """Log to the terminal and append to the files while the block runs.

    Parameters
    ----------
    stream : where console lines go; None in a process that was started without (``>&-``).

    Raises
    ------
    UsageError : a log file cannot be written.
    """
    # A full disk or a reader that went away is no reason for a traceback per line.
    logging.raiseExceptions = False
    handlers = [_console_handler(stream)] if stream else []
    try:
        handlers.append(_file_handler(log_path, logging.INFO))
        if debug:
            handlers.append(_file_handler(debug_log_path(log_path), logging.DEBUG))
    except OSError as error:
        for handler in handlers:
            handler.close()
        raise UsageError(
            f"the log {log_path} cannot be written ({error.strerror}); choose another --log-path"
        ) from error
    LOGGER.setLevel(logging.DEBUG)
    LOGGER.propagate = False
    for handler in handlers:
        LOGGER.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            LOGGER.removeHandler(handler)
            with suppress(OSError):
                handler.close()


class _ConsoleHandler(_StreamHandler):
    """Writes to a terminal or pipe; falls silent when nobody reads any more (``| head``)."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  name of the base class
        """Leave a broken stream alone, and keep Python from flushing into it at the end."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.stream.fileno())
        os.close(nowhere)


def _console_handler(stream: TextIO) -> logging.Handler:
    if isinstance(stream, TextIOWrapper):
        # A name that the terminal cannot show is shown in part rather than not at all.
        stream.reconfigure(errors="backslashreplace")
    handler = _ConsoleHandler(stream)
    handler.setLevel(logging.INFO)
    # NO_COLOR (no-color.org) is the user's word against colours, even on a terminal.
    handler.setFormatter(_ConsoleFormatter(stream.isatty() and "NO_COLOR" not in os.environ))
    return handler


def _file_handler(path: str, level: int) -> logging.Handler:
    handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter("%(asctime)s [%(levelname)s] %(message)s"))
    return handler
