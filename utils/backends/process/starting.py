"""Whether the networks run in a process of their own, which is then started as early as can be."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from utils.backends.process.engine import EngineProcess
from utils.backends.sdk.presence import is_installed
from utils.jobs.backend_names import EMBEDDED

if TYPE_CHECKING:  # options take a while to import, and the process is started before
    from utils.options.options import Options

IN_PROCESS = "FIRST_AID_IN_PROCESS"  # not empty: the networks run in the process of the command
_DATA = ("-d", "--dataset")
_HELP = ("-h", "--help")


def started_early(
    argv: Sequence[str], environ: Mapping[str, str] = os.environ
) -> EngineProcess | None:
    """The process that is to run the networks, before it is known whether any are to be run.

    None where no data are named, or the options may ask for Hailo's SDK. Such a process ends with
    this one, and `engine_for` ends it where it has nothing to do.
    """
    names_data = any(word.startswith(_DATA) for word in argv) and not set(argv) & set(_HELP)
    if not names_data or environ.get(IN_PROCESS) or is_installed():
        return None
    return _started(EMBEDDED)


def engine_for(
    options: Options,
    early: EngineProcess | None = None,
    environ: Mapping[str, str] = os.environ,
) -> EngineProcess | None:
    """The process that is to run the networks.

    None where nothing is to be run, where the user says so, and where the system allows no other
    process: then the process of the command has to do it.

    Parameters
    ----------
    early : what `started_early` started.
    """
    if not options.dataset or environ.get(IN_PROCESS) or not os.path.exists(options.har):
        if early is not None:
            early.kill()
        return None
    return early or _started(options.backend)


def _started(backend: str) -> EngineProcess | None:
    try:
        return EngineProcess(backend)
    except OSError:
        return None
