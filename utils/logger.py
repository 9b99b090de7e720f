"""Where lines go: the terminal, the log file, and a hidden debug log beside it."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from termcolor import colored

from utils.errors import UsageError

LOGGER = logging.getLogger("diagnostic_tool")
_COLORS = {logging.INFO: "green", logging.WARNING: "yellow", logging.ERROR: "red"}


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
def logging_to(log_path: str, debug: bool) -> Iterator[None]:
    """Log to the terminal and append to the files while the block runs.

    Raises
    ------
    UsageError : a log file cannot be written.
    """
    handlers: list[logging.Handler] = [_console_handler()]
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
            handler.close()


def _console_handler() -> logging.Handler:
    handler = logging.StreamHandler(sys.stdout)
    handler.setLevel(logging.INFO)
    # NO_COLOR (no-color.org) is the user's word against colours, even on a terminal.
    handler.setFormatter(_ConsoleFormatter(sys.stdout.isatty() and "NO_COLOR" not in os.environ))
    return handler


def _file_handler(path: str, level: int) -> logging.Handler:
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter("%(asctime)s [%(levelname)s] %(message)s"))
    return handler
