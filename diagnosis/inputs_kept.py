"""What is read is never written: paths are compared before anything is opened."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterator

from diagnosis.report_files import targets
from utils.errors import UsageError
from utils.options.options import Options
from utils.terminal.logger import debug_log_path

Identity = tuple[int, int]  # device and inode, which all names of a file share
OWN_INPUT = re.compile(r"/dev/stdin|(?:/dev/fd|/proc/self/fd)/\d+")
STANDARD_ERROR = 2
_STREAMS = {STANDARD_ERROR: "standard error", 1: "standard output"}


def check_inputs_kept(options: Options) -> None:
    """Refuse to write what is read, under whatever name: a link, a descriptor, the debug log.

    Raises
    ------
    UsageError : something would be written to an input.
    """
    read = {found: path for path in _read(options) if (found := _identity(path))}
    for path, what in _written(options):
        found = _identity(path)
        if found is not None and (own := read.get(found)):
            raise UsageError(f"{what} would be written to {own}, which is read; {_OTHER[what]}")
        folder = options.dataset or ""
        if found is not None and os.path.isdir(folder) and _lies_in(path, folder):
            raise UsageError(
                f"{what} would be written to {path}, which may be read as data; {_OTHER[what]}"
            )
    for number, name in _STREAMS.items():
        if (found := _identity(number)) and (own := read.get(found)):
            if number == STANDARD_ERROR:
                os.dup2(1, STANDARD_ERROR)  # not even the complaint may go there
            raise UsageError(f"{name} goes to {own}, which is read; redirect it elsewhere")


_LOG, _DEBUG_LOG, _RESULT = "the log", "the debug log", "a result"
_OTHER = {
    _LOG: "choose another --log-path",
    _DEBUG_LOG: "choose another --log-path",
    _RESULT: "choose another path",
}


def check_pipes(options: Options) -> None:
    """Refuse a pipe where a file is read from several places: opening it could wait for ever.

    Data are read by another process, for which a stream of this one is something else.

    Raises
    ------
    UsageError : it is one.
    """
    stages = (*options.stages.references, *options.stages.device_outputs)
    for path in filter(None, (options.har, options.dataset, *stages)):
        if _is_pipe(path):
            raise UsageError(f"{path} cannot be read: it is a pipe; save what comes out as a file")
    if options.dataset and OWN_INPUT.fullmatch(options.dataset):
        raise UsageError(f"{options.dataset} cannot be read as data; pass the path of the file")


def _is_pipe(path: str) -> bool:
    """Whether it is a pipe in a folder, or one that a shell made, as in ``<(gunzip -c x.gz)``."""
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _read(options: Options) -> Iterator[str]:
    single = (options.har, options.baseline, options.nms_config, options.configuration)
    yield from filter(None, single)
    yield from (*options.lint_scripts, *options.dfc_logs)
    yield from (*options.stages.references, *options.stages.device_outputs)
    if options.dataset and not os.path.exists(options.dataset):
        yield from glob.iglob(options.dataset, recursive=True)
    elif options.dataset:
        yield options.dataset


def _written(options: Options) -> Iterator[tuple[str, str]]:
    yield options.log_path, _LOG
    if not options.no_debug:
        yield debug_log_path(options.log_path), _DEBUG_LOG
    yield from ((path, _RESULT) for path in targets(options))


def _identity(path: str | int) -> Identity | None:
    """What tells a file from all others; None where there is none, or where it is no file."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    is_file = os.path.isfile(path)
    return (found.st_dev, found.st_ino) if is_file else None


def _lies_in(path: str, folder: str) -> bool:
    inside = os.path.realpath(folder)
    return os.path.commonpath([inside, os.path.realpath(path)]) == inside
