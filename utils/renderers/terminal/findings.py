"""Findings on the terminal: a line each, or with -v all that there is to say."""

from __future__ import annotations

from collections.abc import Iterator

from utils.findings import Finding, InspectorResult, Recommendation, Severity
from utils.renderers.terminal.wording import ShortNames, clauses, without_quotations
from utils.terminal.shown import Shown, Text

_UNDER_TEXT = 9  # behind the column of the severity


def result_shown(
    result: InspectorResult, names: ShortNames, is_verbose: bool = False
) -> Iterator[Shown]:
    """What one inspector said; without -v nothing if it found nothing, or had nothing to judge."""
    for finding in result.findings:
        yield from finding_shown(finding, names, is_verbose)
    if result.crashed:
        what = f"{result.name} crashed and did not finish: {result.crashed}"
        yield Text(what, Severity.ERROR)
    if not is_verbose or result.findings or result.crashed:
        return
    what = f"skipped, {result.skipped}" if result.skipped else "found nothing"
    yield Text(f"({result.name}: {what})", indent=_UNDER_TEXT, hanging=1)


def finding_shown(finding: Finding, names: ShortNames, is_verbose: bool = False) -> Iterator[Shown]:
    """The fact, of an error also what to do; with -v reasons and lines of the model script as well.

    Without -v layers are called by their short names, and the lines of the model script follow
    at the end of the run, see `script_shown`.
    """
    fact, *why = clauses(finding.message)
    if not is_verbose:
        said = finding.message if finding.severity == Severity.ERROR else fact
        yield Text(without_quotations(names.within(said)), finding.severity, finding.id)
        return
    yield Text(fact, finding.severity, finding.id)
    for clause in why:
        yield Text(f"- {clause}", indent=_UNDER_TEXT, hanging=2)
    if finding.recommendation and finding.recommendation.commands:
        yield from _commands(finding.recommendation)


def problem_shown(finding: Finding) -> Text:
    """A problem of a text file, as compilers write it, so that editors find the place."""
    said = f"{finding.location}: {finding.severity.label}: {finding.message} [{finding.id}]"
    return Text(said, hanging=4)


def _commands(recommendation: Recommendation) -> Iterator[Shown]:
    yield Text(f"- {standing(recommendation)}:", indent=_UNDER_TEXT)
    for command in recommendation.commands:
        yield Text(command, indent=_UNDER_TEXT + 2, is_breakable=False)


def standing(recommendation: Recommendation) -> str:
    """How much stands behind lines of a model script, in a few words."""
    if recommendation.ranges:
        return "not proven by a trial"
    if recommendation.proven:
        return "proven by a trial"
    return "recommended" if recommendation.default else "worth a try"
