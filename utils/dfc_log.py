"""Logs of the Dataflow Compiler: the few lines that say what it silently did."""

from __future__ import annotations

from dataclasses import dataclass

from utils.errors import UsageError

MAX_LOG_BYTES = 256 << 20  # a log of a day of finetuning stays far below


@dataclass(frozen=True)
class DfcLog:
    """A log file.

    Parameters
    ----------
    path : the file.
    lines : its lines without their ends.
    """

    path: str
    lines: tuple[str, ...]


def read_dfc_log(path: str) -> DfcLog:
    """Read a log.

    Raises
    ------
    UsageError : it cannot be read, or is too large to be one.
    """
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_LOG_BYTES + 1)
    except OSError as error:
        raise UsageError(f"the log {path} cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_LOG_BYTES:
        raise UsageError(f"{path} is larger than {MAX_LOG_BYTES:,} bytes; pass a log of one run")
    return DfcLog(path, tuple(data.decode("utf-8", errors="replace").splitlines()))
