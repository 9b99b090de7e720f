"""How long the phases of a run take, for the debug log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from utils.terminal.logger import LOGGER


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say in the debug log how long the block took, whether it ended well or not.

    Parameters
    ----------
    what : the phase as the subject of a sentence, such as ``reading the archive``.
    """
    start = time.perf_counter()
    try:
        yield
    finally:
        LOGGER.debug("%s took %.3f s", what, time.perf_counter() - start)
