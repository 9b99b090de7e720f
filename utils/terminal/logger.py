"""Where lines go: the terminal, the log file, and a hidden debug log beside it.

What is logged goes everywhere. `to_log` keeps a sentence from the terminal, and `show` a text or
table from the files: there the sentences are whole, here they are short and laid out.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING, NamedTuple, TextIO

from utils.errors.faults import machine_fault
from utils.files.pipes import is_named_pipe, opened_to_write
from utils.findings import Severity
from utils.terminal.annotations import annotation
from utils.terminal.ends import output_lost
from utils.terminal.layout import laid_out
from utils.terminal.shown import Shown, Text
from utils.terminal.temporary_place import temporary_place
from utils.wording import printable

# Only type checkers know the class with a parameter before Python 3.11.
if TYPE_CHECKING:
    _StreamHandler = logging.StreamHandler[TextIO]
else:
    _StreamHandler = logging.StreamHandler


class Console(NamedTuple):
    """Which sentences the console gets, from which severity on, and whether as annotations.

    Texts and tables it gets in any case: whoever shows them has chosen.
    """

    least: Severity = Severity.INFO
    is_for_github: bool = False


WHOLE = Console()
LOGGER = logging.getLogger("diagnostic_tool")


def _spell_out_control_characters(record: logging.LogRecord) -> bool:
    # Tracebacks go to the debug log only, and are made of lines.
    if record.levelno > logging.DEBUG:
        record.msg, record.args = printable(record.getMessage()), ()
    return True


LOGGER.addFilter(_spell_out_control_characters)


def show(blocks: Iterable[Shown]) -> None:
    """Show texts and tables on the terminal only."""
    for block in blocks:
        LOGGER.info("", extra={"shown": block})


def tell(lines: Iterable[tuple[Severity, str]]) -> None:
    """Say sentences on the terminal and in the log files."""
    for severity, sentence in lines:
        LOGGER.log(getattr(logging, severity.name), "%s", sentence)


def to_log(lines: Iterable[tuple[Severity, str]]) -> None:
    """Write sentences into the log files only."""
    for severity, sentence in lines:
        LOGGER.log(getattr(logging, severity.name), "%s", sentence, extra={"is_for_files": True})


class _ConsoleFormatter(logging.Formatter):
    """Texts and tables laid out for the terminal, and sentences with their level in brackets."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._is_coloured = wants_color(stream, os.environ)

    def format(self, record: logging.LogRecord) -> str:
        """Lines for one record."""
        shown = getattr(record, "shown", None)
        if shown is None:
            shown = Text(record.getMessage(), Severity.labelled(record.levelname))
        width = console_width(self._stream, os.environ)
        return "\n".join(laid_out(shown, width, self._is_coloured))


class _AnnotatingFormatter(logging.Formatter):
    """Sentences as annotations of GitHub's workflows, all else as it is: nothing is broken."""

    def format(self, record: logging.LogRecord) -> str:
        """Lines for one record."""
        shown = getattr(record, "shown", None)
        if shown is None:
            return annotation(Severity.labelled(record.levelname), record.getMessage())
        return "\n".join(laid_out(shown, None))


def complain(sentence: str) -> None:
    """Say on standard error why nothing is done, where no log was opened yet."""
    stream = sys.stderr
    if stream is None:  # closed before the start
        return
    width, is_coloured = console_width(stream, os.environ), wants_color(stream, os.environ)
    with suppress(OSError):  # there is nowhere else to say it
        for line in laid_out(Text(sentence, Severity.ERROR), width, is_coloured):
            stream.write(f"{line}\n")


def console_width(stream: TextIO | None, environ: Mapping[str, str]) -> int | None:
    """Columns to break lines at; None for a pipe or a file, where lines stay whole.

    COLUMNS is the user's word: it holds everywhere, even where there is no terminal.
    """
    columns = environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    if stream is None or not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):  # a terminal that does not tell
        return None


def wants_color(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to colour: on a terminal, unless the user says otherwise.

    NO_COLOR (no-color.org) is the word against it and wins; FORCE_COLOR (force-color.org) asks for
    it where there is no terminal, as in the logs of many CI services. Both count if not empty.
    """
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"


def debug_log_path(log_path: str) -> str:
    """Path of the hidden debug log that belongs to a log file."""
    folder, name = os.path.split(log_path)
    stem, extension = os.path.splitext(name)
    return os.path.join(folder, f".{stem.lstrip('.')}_debug{extension}")


@contextmanager
def logging_to(
    log_path: str, debug: bool, stream: TextIO | None, console: Console = WHOLE
) -> Iterator[None]:
    """Log to the terminal and append to the files while the block runs.

    A log that cannot be written where it is wanted is no reason to do nothing: it is written into
    a temporary folder, which is named, or not at all.

    Parameters
    ----------
    stream : where console lines go; None in a process that was started without (``>&-``).
    console : which sentences go there, and how.
    """
    # A full disk or a reader that went away is no reason for a traceback per line.
    logging.raiseExceptions = False
    handlers = [_console_handler(stream, console)] if stream else []
    warnings: list[str] = []
    place = _log_to(handlers, warnings, log_path, logging.INFO)
    if debug and place:
        _log_to(handlers, warnings, debug_log_path(place), logging.DEBUG)
    LOGGER.setLevel(logging.DEBUG)
    LOGGER.propagate = False
    for handler in handlers:
        LOGGER.addHandler(handler)
    for warning in warnings:
        LOGGER.warning("%s", warning)
    try:
        yield
    finally:
        for handler in handlers:
            LOGGER.removeHandler(handler)
            with suppress(OSError):
                handler.close()


def _log_to(handlers: list[logging.Handler], warnings: list[str], path: str, level: int) -> str:
    """Add a log file, and what to say of it if it lies elsewhere, or nowhere; where it lies."""
    try:
        handlers.append(_file_handler(path, level))
        return path
    except OSError as error:
        said = f"The log {path} cannot be written ({machine_fault(error) or error.strerror})"
    try:
        place = temporary_place(path)
        handlers.append(_file_handler(place, level))
    except OSError:
        warnings.append(f"{said}, nor a temporary one; the run goes on without")
        return ""
    warnings.append(f"{said}; it is written to {place}")
    return place


class _ConsoleHandler(_StreamHandler):
    """Writes to a terminal or pipe; falls silent when nobody reads any more (``| head``)."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  name of the base class
        """Leave a broken stream alone, and keep Python from flushing into it at the end."""
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            output_lost(error, self.stream.fileno())
        else:
            super().handleError(record)


class _LogFile(logging.FileHandler):
    """Appends to a file; where that fails it is said once, and the run goes on."""

    _is_lost = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  name of the base class
        """Say that lines are lost, unless that was said."""
        error = sys.exc_info()[1]
        if self._is_lost or not isinstance(error, OSError):
            return
        self._is_lost = True
        reason = machine_fault(error) or error.strerror
        LOGGER.warning(
            "The log %s cannot be written (%s); the run goes on", self.baseFilename, reason
        )


def _console_handler(stream: TextIO, console: Console) -> logging.Handler:
    if isinstance(stream, TextIOWrapper):
        # A name that the terminal cannot show is shown in part rather than not at all.
        stream.reconfigure(errors="backslashreplace")
    handler = _ConsoleHandler(stream)
    handler.setLevel(logging.INFO)
    least = getattr(logging, console.least.name)
    handler.addFilter(lambda record: not hasattr(record, "is_for_files"))
    handler.addFilter(lambda record: hasattr(record, "shown") or record.levelno >= least)
    formatter = _AnnotatingFormatter() if console.is_for_github else _ConsoleFormatter(stream)
    handler.setFormatter(formatter)
    return handler


def _file_handler(path: str, level: int) -> logging.Handler:
    held = opened_to_write(path) if is_named_pipe(path) else None
    try:
        return _appending(path, level)
    finally:
        if held is not None:
            os.close(held)


def _appending(path: str, level: int) -> logging.Handler:
    handler = _LogFile(path, encoding="utf-8", errors="backslashreplace")
    handler.setLevel(level)
    handler.addFilter(lambda record: not hasattr(record, "shown"))
    handler.setFormatter(logging.Formatter("%(asctime)s [%(levelname)s] %(message)s"))
    return handler
