"""Whether the networks run in a process of their own, which is then started as early as can be."""

from __future__ import annotations

import os
from collections.abc import Mapping

from utils.backends.process.engine import EngineProcess
from utils.options.options import Options

IN_PROCESS = "FIRST_AID_IN_PROCESS"  # not empty: the networks run in the process of the command


def engine_for(options: Options, environ: Mapping[str, str] = os.environ) -> EngineProcess | None:
    """The process that is to run the networks.

    None where nothing is to be run, where the user says so, and where the system allows no other
    process: then the process of the command has to do it.
    """
    if not options.dataset or environ.get(IN_PROCESS) or not os.path.exists(options.har):
        return None
    try:
        return EngineProcess(options.backend)
    except OSError:
        return None
