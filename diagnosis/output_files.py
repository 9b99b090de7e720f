"""Results as files: whole or not at all, and never over an existing one without consent."""

from __future__ import annotations

import os
import re
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import IO

from utils.errors import UsageError
from utils.errors.faults import machine_fault
from utils.files.pipes import is_named_pipe, opened_to_write
from utils.terminal.interruptions import interruptible, interruptions_held_back

# Names of streams that this process has open already. Opening them again by name would start at
# the front of the file to which a shell has redirected them.
OWN_STREAM = re.compile(r"/dev/(stdout|stderr)|(?:/dev/fd|/proc/self/fd)/(\d+)")
ANOTHER_PATH = "; give another path"
STANDARD_DESCRIPTORS = {"stdout": 1, "stderr": 2}


def write_file(path: str, data: bytes, may_overwrite: Callable[[str], bool]) -> str:
    """Write a file of some bytes; see `write_stream`."""

    def fill(stream: IO[bytes]) -> None:
        stream.write(data)

    return write_stream(path, fill, may_overwrite)


def write_stream(
    path: str, fill: Callable[[IO[bytes]], None], may_overwrite: Callable[[str], bool]
) -> str:
    """Write a file under a temporary name beside its target, and move it there when it is whole.

    Parameters
    ----------
    path : the target. One that is no regular file (a device, a pipe) is written through.
    fill : writes the content.
    may_overwrite : asked with `path` if that is an existing regular file; on False the next free
        name is taken: ``name_1.alls``, ``name_2.alls``, ...

    Returns
    -------
    The path written, which differs from `path` where that was taken.

    Raises
    ------
    UsageError : the target is a directory, its folder does not exist, or writing fails.
    """
    _check_name(path)
    try:
        # Who reads a pipe may never do so.
        with interruptible(begins_anyway=not is_named_pipe(path)):
            descriptor = _stream_descriptor(path)
            if descriptor is not None:
                with os.fdopen(descriptor, "wb") as stream:
                    fill(stream)
                return path
        return _write_regular(path, fill, may_overwrite)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error


def check_writable(path: str) -> None:
    """Refuse a target where no file can be made, without leaving one there.

    Raises
    ------
    UsageError : the target is a directory, its folder does not exist, or takes no file.
    """
    _check_name(path)
    is_regular = own_descriptor(path) is None and (os.path.isfile(path) or not os.path.exists(path))
    try:
        if is_regular:
            tempfile.TemporaryFile(dir=os.path.dirname(path) or ".").close()
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error


def _check_name(path: str) -> None:
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path) or not os.path.basename(path):
        raise UsageError(f"{path} cannot be written: it names a folder; add a file name")
    if not os.path.isdir(folder):
        raise UsageError(f"{path} cannot be written: there is no folder {folder}; create it first")


def _unwritable(path: str, error: Exception) -> UsageError:
    reason = machine_fault(error) or getattr(error, "strerror", None) or str(error)
    return UsageError(f"{path} cannot be written: {reason}{ANOTHER_PATH}")


def own_descriptor(path: str) -> int | None:
    """Number of the stream of this process that a path such as ``/dev/stdout`` names, else None."""
    match = OWN_STREAM.fullmatch(path)
    if match is None:
        return None
    name, number = match.groups()
    return STANDARD_DESCRIPTORS[name] if name else int(number)


def _stream_descriptor(path: str) -> int | None:
    """A new descriptor of a target that is no regular file, else None."""
    own = own_descriptor(path)
    if own is not None:
        if sys.stdout:
            sys.stdout.flush()  # what was printed before comes before
        return os.dup(own)
    if is_named_pipe(path):
        return opened_to_write(path)
    if os.path.exists(path) and not os.path.isfile(path):
        return os.open(path, os.O_WRONLY)
    return None


def _write_regular(
    path: str, fill: Callable[[IO[bytes]], None], may_overwrite: Callable[[str], bool]
) -> str:
    overwrite = os.path.exists(path) and may_overwrite(path)
    # A symbolic link goes on pointing where it does: the file behind it is replaced.
    target = os.path.realpath(path) if overwrite else path
    temporary = os.path.join(os.path.dirname(target), f".{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as stream:
            fill(stream)
        with interruptions_held_back():
            return _moved(temporary, target, path, overwrite)
    except BaseException:
        with interruptions_held_back(), suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _moved(temporary: str, target: str, path: str, overwrite: bool) -> str:
    """Give a file that is whole its name, and no other; returns it."""
    if overwrite:
        os.replace(temporary, target)
        return path
    name = next(name for name in numbered(path) if _moved_to_new(temporary, name))
    with suppress(FileNotFoundError):
        os.unlink(temporary)
    return name


def numbered(path: str) -> Iterator[str]:
    """The path, then the same with a number: ``name_1.jpg``, ``name_2.jpg``, ..."""
    yield path
    stem, extension = os.path.splitext(path)
    for number in count(1):
        yield f"{stem}_{number}{extension}"


def _moved_to_new(temporary: str, target: str) -> bool:
    """Give the file its name unless that exists, even if only since a moment ago."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        return False
    except OSError:
        return _claimed(temporary, target)  # no hard links here: FAT, some network shares
    return True


def _claimed(temporary: str, target: str) -> bool:
    try:
        with open(target, "xb"):
            pass
    except FileExistsError:
        return False
    os.replace(temporary, target)
    return True
