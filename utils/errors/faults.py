"""From what Python raises to one sentence: what the machine lacks is told from what is damaged."""

from __future__ import annotations

import errno
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from utils.errors import MachineError

ROOT = Path(__file__).resolve().parents[2]

MEMORY = "the memory does not suffice"
THREADS = "the system grants no more threads (memory, or ulimit -u)"
NO_FOLDER = (
    "the current folder was removed, maybe to be made anew; go into one that is there, as by "
    "`cd .` or `cd ..`"
)
_BY_NUMBER = {
    errno.ENOMEM: MEMORY,
    errno.EMFILE: "this process may open no more files (ulimit -n)",
    errno.ENFILE: "the system may open no more files",
    errno.EAGAIN: THREADS,
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the size of files is limited (ulimit -f)",
    errno.EIO: "the disk failed to read or write",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "operation not permitted",
}
_ABOUT_FILES = {_BY_NUMBER[number] for number in (errno.EACCES, errno.EPERM)}
# How libraries and the system say that memory is short, in lower case.
MEMORY_WORDS = (
    "memoryerror",
    "bad_alloc",
    "cannot allocate memory",
    "out of memory",
    "failed to map segment",
    "unable to allocate",
    "memory allocation",
)
_LONGEST_CHAIN = 10
THREAD_WORDS = ("can't start new thread", "resource temporarily unavailable", "pthread_create")


def machine_fault(error: BaseException) -> str:
    """What the machine lacks or refuses, as a clause; "" where the error is about something else.

    Errors that were raised from others, as libraries do, are looked through.
    """
    return next(filter(None, map(_fault, _chain(error))), "")


def blame_the_machine(error: BaseException, path: str) -> None:
    """Raise an error of its own for what the machine lacks, before the file is blamed for it.

    Raises
    ------
    MachineError : it is the machine. That a file may not be read is told as of the file.
    """
    fault = machine_fault(error)
    if fault and fault not in _ABOUT_FILES:
        raise MachineError(f"{path} cannot be read: {fault}") from error


def fault_sentence(error: BaseException) -> str:
    """What to say of an error that nobody expected."""
    if fault := broken_package(error) or machine_fault(error):
        return fault
    said = f"{type(error).__name__}: {error}".removesuffix(": ").partition("\n")[0]
    return f"this is a fault of the tool, please report it ({said})"


def broken_package(error: BaseException) -> str:
    """What to say of an error that a package raised while it was imported; "" for any other."""
    name = str(error.name or "").partition(".")[0] if isinstance(error, ImportError) else ""
    trace = error.__traceback__
    while trace is not None and not name:
        frame = trace.tb_frame
        is_foreign = not frame.f_code.co_filename.startswith((str(ROOT), "<"))
        if frame.f_code.co_name == "<module>" and is_foreign:
            name = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        trace = trace.tb_next
    if not name:
        return ""
    if fault := machine_fault(error):
        return f"the package {name} cannot be imported: {fault}"
    reason = str(error).partition("\n")[0] or type(error).__name__
    return (
        f"the package {name} cannot be imported ({reason}); run `pip install -r "
        f"{shlex.quote(str(ROOT / 'requirements.txt'))}` with {sys.executable}"
    )


def _chain(error: BaseException) -> Sequence[BaseException]:
    chain = [error]
    while len(chain) < _LONGEST_CHAIN and (cause := chain[-1].__cause__ or chain[-1].__context__):
        chain.append(cause)
    return chain


def _is_folder_gone() -> bool:
    """Whether the folder that this process runs in was removed."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def _fault(error: BaseException) -> str:
    # A library whose memory was refused may return without saying so.
    if isinstance(error, (MemoryError, SystemError)):
        return MEMORY
    if isinstance(error, FileNotFoundError) and error.filename is None and _is_folder_gone():
        return NO_FOLDER
    if isinstance(error, OSError) and error.errno in _BY_NUMBER:
        return _BY_NUMBER[error.errno]
    if not isinstance(error, (OSError, RuntimeError, ImportError)):
        return ""
    text = str(error).lower()
    if any(words in text for words in MEMORY_WORDS):
        return MEMORY
    return THREADS if any(words in text for words in THREAD_WORDS) else ""
