"""Findings that the configuration ignores: whether there are such, and which have come back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from utils.errors import UsageError
from utils.findings import Finding
from utils.findings.documentation import Documentation
from utils.findings.ignored import IgnoreRule
from utils.options.options import Options
from utils.terminal.logger import LOGGER
from utils.wording import most_alike


def today() -> date:
    """The day that ends of rules are held against."""
    return date.today()


def check_ignored(options: Options, documentation: Documentation) -> None:
    """Say where options come from, and refuse to ignore what no inspector could find.

    Raises
    ------
    UsageError : an id is not documented; the sentence names what is similar.
    """
    if options.configuration:
        LOGGER.info("Options from %s", options.configuration)
    check_ids(options.ignored, documentation, options.configuration)


def check_ids(rules: Iterable[IgnoreRule], documentation: Documentation, source: str) -> None:
    """Refuse to ignore what no inspector could find.

    Parameters
    ----------
    source : the file that asks for it.

    Raises
    ------
    UsageError : an id is not documented; the sentence names what is similar.
    """
    for rule in rules:
        if rule.id not in documentation.findings:
            close = most_alike(rule.id, documentation.findings)
            hint = f"did you mean {close}?" if close else "--list shows all of them"
            raise UsageError(f"{source} ignores {rule.id}, but no finding has that id; {hint}")


def tell_ended(options: Options, findings: Sequence[Finding]) -> None:
    """Say which findings count again, as the last day on which they were ignored is over."""
    found = {finding.id for finding in findings}
    for rule in options.ignored:
        if rule.id in found and not rule.holds_on(today()):
            LOGGER.warning("%s counts again: it was ignored until %s", rule.id, rule.until)
