"""What is said of an error that ends the run, or leaves out a file: why, and what to do next."""

from __future__ import annotations

from utils.errors import DiagnosticError
from utils.findings import Severity
from utils.renderers.terminal.steps import step_shown
from utils.terminal.logger import LOGGER, show, to_log


def tell_refusal(error: DiagnosticError) -> None:
    """Say it on the terminal and in the log."""
    LOGGER.error("%s", error)
    show(step_shown(error.next_step, error.commands))
    if error.next_step:
        lines = [f"Next: {error.next_step}", *(f"    {command}" for command in error.commands)]
        to_log((Severity.INFO, line) for line in lines)
