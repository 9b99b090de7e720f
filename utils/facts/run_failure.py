"""One reason why a run of the compiler dies."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class RunFailure:
    """One reason why a run died.

    Parameters
    ----------
    name : kebab-case, to tell the reasons apart.
    pattern : how the compiler puts it.
    headline, why, remedy : as of a finding.
    source : where it was seen, and where the remedy is from.
    commands : lines for the model script that the remedy speaks of.
    is_of_compilation : whether the archive was finished before.
    is_of_any_program : whether what runs behind the compiler dies of it as well.
    """

    name: str
    pattern: re.Pattern[str]
    headline: str
    why: str
    remedy: str
    source: str
    commands: tuple[str, ...] = ()
    is_of_compilation: bool = False
    is_of_any_program: bool = False
