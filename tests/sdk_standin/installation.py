"""Stand-in for contract tests: making it importable under the SDK's names, and undoing that."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.sdk_standin import chatter, faults

IS_STAND_IN = True
FLAVOURS: Mapping[str, str] = {"3.25": "v3_25", "3.33": "v3_33", "5.3": "v5_3"}
PACKAGES = ("hailo_sdk_client", "hailo_sdk_common", "hailo_model_optimization")
ROOT = Path(__file__).resolve().parents[2]


def standin_path(flavour: str) -> Path:
    """The folder whose place on `sys.path` makes a version importable, e.g. ``3.33``."""
    return Path(__file__).resolve().parent / FLAVOURS[flavour]


def environment(flavour: str, **wrong: bool | str) -> dict[str, str]:
    """This process's environment, with a version and its faults added for a child process."""
    paths = [str(standin_path(flavour)), str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        faults.VARIABLE: faults.encoded(wrong),
    }


@contextmanager
def installed(flavour: str, **wrong: bool | str) -> Iterator[Path]:
    """Make a version of the SDK importable in this process, with faults by name.

    Everything that it imported, and all that it did to logging and warnings, is undone.
    """
    folder = standin_path(flavour)
    before = os.environ.get(faults.VARIABLE)
    os.environ[faults.VARIABLE] = faults.encoded(wrong)
    sys.path.insert(0, str(folder))
    _forget()
    try:
        with _same_logging(), warnings.catch_warnings():
            yield folder
    finally:
        sys.path.remove(str(folder))
        _forget()
        if before is None:
            del os.environ[faults.VARIABLE]
        else:
            os.environ[faults.VARIABLE] = before


def _forget() -> None:
    for name in list(sys.modules):
        if name.partition(".")[0] in PACKAGES:
            del sys.modules[name]
    importlib.invalidate_caches()


@contextmanager
def _same_logging() -> Iterator[None]:
    loggers = [logging.getLogger(), *map(logging.getLogger, chatter.LOGGERS)]
    kept = [(logger, logger.level, list(logger.handlers)) for logger in loggers]
    try:
        yield
    finally:
        for logger, level, handlers in kept:
            for handler in set(logger.handlers) - set(handlers):
                handler.close()
            logger.handlers[:] = handlers
            logger.setLevel(level)
