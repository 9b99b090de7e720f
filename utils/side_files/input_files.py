"""Reading small text files that the command line names, with a bound on their size."""

from __future__ import annotations

from utils.errors import UsageError
from utils.errors.faults import machine_fault
from utils.files.pipes import opened_to_read


def read_bounded(path: str, limit: int, kind: str) -> bytes:
    """The bytes of a file.

    Parameters
    ----------
    limit : bytes; a larger file is not what it is taken for.
    kind : what it is taken for, for messages: "model script".

    Raises
    ------
    UsageError : it cannot be read, or is too large.
    """
    try:
        with open(path, "rb", opener=opened_to_read) as stream:
            data = stream.read(limit + 1)
    except FileNotFoundError as error:
        raise UsageError(f"{path} does not exist; pass the {kind}") from error
    except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
        reason = machine_fault(error) or getattr(error, "strerror", None) or error
        raise UsageError(f"The {kind} {path} cannot be read: {reason}") from error
    if len(data) > limit:
        raise UsageError(f"{path} is larger than {limit:,} bytes, so it is no {kind}")
    return data
