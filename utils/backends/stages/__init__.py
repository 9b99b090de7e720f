"""Stages of one network, run on the same samples and held against one another."""

from __future__ import annotations

from dataclasses import dataclass

from utils.stages import Stages


@dataclass(frozen=True)
class SideBySide:
    """What came of the stages.

    Parameters
    ----------
    stages : None where nothing was to be compared.
    failures : sentences on files of the user that could not be compared.
    """

    stages: Stages | None = None
    failures: tuple[str, ...] = ()
