"""The choices of ``--fail-on``."""

from __future__ import annotations

from utils.findings import Severity

NEVER, NEW = "never", "new-"
CHOICES = (NEVER, "warning", "error", f"{NEW}warning", f"{NEW}error")


def severity_of(choice: str) -> Severity | None:
    """The severity that a choice names; None for "never"."""
    return None if choice == NEVER else Severity.labelled(choice.removeprefix(NEW))


def is_about_new(choice: str) -> bool:
    """Whether a choice counts only what an earlier run did not have, or had in a milder form."""
    return choice.startswith(NEW)
